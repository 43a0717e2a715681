import { Code } from "@connectrpc/connect";
import type { Endpoints } from "./endpoints.js";
import type { RosterError } from "./errors.js";

const firstDelayMs = 50;
const maxDelayMs = 2_000;
// With several addresses, so that one which swallows calls does not keep the others from being tried.
const shortestAttemptMs = 1_000;
const longestAttemptMs = 5_000;
// Of the address rather than of the call: another one may do better. "": the call reached no handler.
const aboutAddress = ["", "NOT_LEADER", "NOT_READY", "SHUTTING_DOWN"];
// What Node makes of a connection that is refused, reset or closed with the call under way, and a proxy of a server
// that is gone. Roster itself gives a reason with each of its failures.
const cutCodes = [Code.Aborted, Code.Canceled, Code.Internal, Code.Unknown];

/** Whether the same call may succeed later. A command needs its request_id for that. */
export function isRetryable(error: RosterError): boolean {
  switch (error.code) {
    case Code.Unavailable:
      // Only an operator can end that one.
      return error.reasonName !== "HELD_BY_DEAD_LETTER";
    case Code.ResourceExhausted:
      // Too busy says when to come back; too large a message does not.
      return error.retryDelayMs !== undefined;
    case Code.DeadlineExceeded:
      return true;
    default:
      return cutCodes.includes(error.code) && error.reasonName === "";
  }
}

/**
 * The attempts of one call. An address that does not answer is left for the next one at once, and NOT_LEADER leads to the
 * one that it names; once each was tried, the next attempt waits, longer each time.
 */
export class Attempts {
  address: string;
  private deadline: number;
  private delayMs = firstDelayMs;
  /** Since the last wait. */
  private tried: Set<string>;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly timeoutMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.deadline = now() + timeoutMs;
    this.address = endpoints.current();
    this.tried = new Set([this.address]);
  }

  /** For the attempt about to be made. */
  attemptTimeoutMs(): number {
    // gRPC's header has whole milliseconds.
    const left = Math.max(1, Math.ceil(this.deadline - this.now()));
    if (this.endpoints.addresses.length === 1 && Number.isFinite(left)) return left;
    return Math.min(left, Math.max(shortestAttemptMs, Math.min(Math.ceil(left / 2), longestAttemptMs)));
  }

  /** How long to wait before the next attempt; undefined where there is none. */
  afterFailure(error: RosterError): number | undefined {
    if (!isRetryable(error)) return undefined;
    let delay = 0;
    if (!this.chooseAddress(error)) {
      // Those who were refused together do not come back together.
      delay = Math.max(this.delayMs * (0.75 + Math.random() / 4), error.retryDelayMs ?? 0);
      this.delayMs = Math.min(this.delayMs * 2, maxDelayMs);
      this.tried = new Set([this.address]);
    }
    return this.now() + delay < this.deadline ? delay : undefined;
  }

  /** A stream got on: what follows has the whole timeout again, or any time. */
  progress(forEver: boolean): void {
    this.deadline = forEver ? Number.POSITIVE_INFINITY : this.now() + this.timeoutMs;
    this.delayMs = firstDelayMs;
    this.tried = new Set([this.address]);
  }

  /** Returns whether the address chosen was not tried since the last wait. */
  private chooseAddress(error: RosterError): boolean {
    if (!aboutAddress.includes(error.reasonName)) return false;
    const leader = error.reasonName === "NOT_LEADER" ? error.metadata["leader"] : undefined;
    if (leader && leader !== this.address) this.endpoints.follow(leader);
    else this.endpoints.moveOn(this.address);
    this.address = this.endpoints.current();
    const untried = !this.tried.has(this.address);
    this.tried.add(this.address);
    return untried;
  }
}
