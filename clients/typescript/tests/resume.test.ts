import { create } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ListUsersResponseSchema, WatchUsersResponseSchema } from "../src/index.js";
import { ListResume, WatchResume } from "../src/resume.js";

function page(users: number, nextPageToken: string) {
  return create(ListUsersResponseSchema, { users: Array.from({ length: users }, () => ({})), nextPageToken });
}

test("a list goes on after the pages taken, with what is left of the limit", () => {
  const given = { limit: 5n, orderBy: "email", readAfter: "write" };
  const resume = new ListResume(given);
  assert.ok(resume.waits());
  assert.ok(!resume.taken(page(2, "two")));
  assert.equal(resume.request.limit, 3n);
  assert.equal(resume.request.pageToken, "two");
  assert.equal(resume.request.orderBy, "email");
  // The page token holds the state that was waited for.
  assert.ok(!resume.waits());
  assert.ok(resume.taken(page(3, "five")));
  assert.equal(given.limit, 5n);
});

test("a list without limit ends with its last page", () => {
  const resume = new ListResume({});
  assert.ok(!resume.taken(page(2, "two")));
  assert.equal(resume.request.limit, 0n);
  assert.ok(resume.taken(page(0, "")));
});

test("a watch goes on after the message taken", () => {
  const resume = new WatchResume({ readAfter: "write" });
  assert.ok(resume.waits());
  assert.ok(!resume.taken(create(WatchUsersResponseSchema, { resumeToken: "here" })));
  assert.equal(resume.request.resumeToken, "here");
  assert.equal(resume.request.readAfter, "");
});
