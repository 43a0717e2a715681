import { Code, ConnectError } from "@connectrpc/connect";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Attempts, isRetryable } from "../src/attempts.js";
import { Endpoints } from "../src/endpoints.js";
import { RosterError } from "../src/errors.js";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { newRequestId } from "../src/index.js";

function failure(code: Code, reason = "", metadata: Record<string, string> = {}): RosterError {
  const details = reason ? [{ desc: ErrorInfoSchema, value: { reason, domain: "roster.v1", metadata } }] : [];
  return RosterError.from(new ConnectError("", code, undefined, details));
}

test("only what may pass is repeated", () => {
  assert.ok(isRetryable(failure(Code.Unavailable)));
  assert.ok(isRetryable(failure(Code.Unavailable, "OUTCOME_UNKNOWN")));
  assert.ok(!isRetryable(failure(Code.Unavailable, "HELD_BY_DEAD_LETTER")));
  assert.ok(!isRetryable(failure(Code.ResourceExhausted)));
  assert.ok(isRetryable(failure(Code.Aborted)));
  assert.ok(!isRetryable(failure(Code.Aborted, "ETAG_MISMATCH")));
  assert.ok(!isRetryable(failure(Code.AlreadyExists, "EMAIL_TAKEN")));
});

test("each address is tried before waiting", () => {
  const attempts = new Attempts(new Endpoints("a:1,b:1"), 10_000, () => 0);
  assert.equal(attempts.afterFailure(failure(Code.Unavailable)), 0);
  assert.equal(attempts.address, "b:1");
  assert.ok(attempts.afterFailure(failure(Code.Unavailable))! > 0);
  assert.equal(attempts.address, "a:1");
});

test("a leader is followed, and left when it is gone", () => {
  const endpoints = new Endpoints(["a:1", "b:1"]);
  const attempts = new Attempts(endpoints, 10_000, () => 0);
  attempts.afterFailure(failure(Code.Unavailable, "NOT_LEADER", { leader: "c:1" }));
  assert.equal(attempts.address, "c:1");
  assert.equal(endpoints.current(), "c:1");
  attempts.afterFailure(failure(Code.Unavailable));
  assert.equal(attempts.address, "a:1");
});

test("there is no attempt after the deadline", () => {
  let now = 0;
  const attempts = new Attempts(new Endpoints("a:1"), 10_000, () => now);
  now = 9_999;
  assert.equal(attempts.afterFailure(failure(Code.Unavailable)), undefined);
});

test("one of several addresses does not get all the time", () => {
  assert.equal(new Attempts(new Endpoints("a:1,b:1"), 8_000, () => 0).attemptTimeoutMs(), 4_000);
  assert.equal(new Attempts(new Endpoints("a:1,b:1"), 60_000, () => 0).attemptTimeoutMs(), 5_000);
  assert.equal(new Attempts(new Endpoints("a:1"), 60_000, () => 0).attemptTimeoutMs(), 60_000);
});

test("request ids are UUIDs of version 7", () => {
  assert.match(newRequestId(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
