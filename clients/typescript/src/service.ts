import type { DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import type { Http2SessionManager } from "@connectrpc/connect-node";
import { setTimeout as sleep } from "node:timers/promises";
import { Attempts } from "./attempts.js";
import { Endpoints } from "./endpoints.js";
import { RosterError } from "./errors.js";
import { type RosterClientOptions, checkAddress, connect } from "./options.js";
import type { Resume } from "./resume.js";

const defaultTimeoutMs = 10_000;

/** One service at its addresses: connections, made when first used and kept, and the calls with their repeats. */
export class Service<Desc extends DescService> {
  private readonly endpoints: Endpoints;
  private readonly timeoutMs: number;
  private readonly stubs = new Map<string, Client<Desc>>();
  private readonly sessions: Http2SessionManager[] = [];

  constructor(
    private readonly service: Desc,
    addresses: string | readonly string[],
    private readonly options: RosterClientOptions,
  ) {
    this.endpoints = new Endpoints(addresses);
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    // A wrong setting shows at once.
    for (const address of this.endpoints.addresses) checkAddress(address, options);
  }

  /** Makes one call with its repeats. It must be safe to repeat: a query, or a command with a request_id. */
  async call<Response>(
    attempt: (stub: Client<Desc>, options: CallOptions) => Promise<Response>,
    options: CallOptions = {},
  ): Promise<Response> {
    const attempts = new Attempts(this.endpoints, options.timeoutMs ?? this.timeoutMs);
    for (;;) {
      try {
        return await attempt(this.stub(attempts.address), { ...options, timeoutMs: attempts.attemptTimeoutMs() });
      } catch (failure) {
        await this.waitOrThrow(attempts, RosterError.from(failure), options.signal);
      }
    }
  }

  /** The messages of a stream that is opened again where it is cut. */
  async *stream<Request, Response>(
    open: (stub: Client<Desc>, request: Request, options: CallOptions) => AsyncIterable<Response>,
    resume: Resume<Request, Response>,
    options: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    const attempts = new Attempts(this.endpoints, options.timeoutMs ?? this.timeoutMs);
    for (;;) {
      // Ends the call where the caller leaves the loop.
      const left = new AbortController();
      try {
        const headers = new Headers(options.headers);
        // Not as timeoutMs, whose timer would outlive a loop that is left early, and keep the process from ending.
        if (resume.waits()) headers.set("grpc-timeout", `${attempts.attemptTimeoutMs()}m`);
        const messages = open(this.stub(attempts.address), resume.request, {
          ...options,
          headers,
          timeoutMs: 0,
          signal: options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal,
        });
        for await (const message of messages) {
          attempts.progress(resume.follows);
          yield message;
          if (resume.taken(message)) return;
        }
        if (!resume.follows) return;
        throw new ConnectError("the watch ended", Code.Unavailable);
      } catch (failure) {
        await this.waitOrThrow(attempts, RosterError.from(failure), options.signal);
      } finally {
        left.abort();
      }
    }
  }

  close(): void {
    for (const session of this.sessions) session.abort();
  }

  private async waitOrThrow(attempts: Attempts, error: RosterError, signal: AbortSignal | undefined): Promise<void> {
    const delay = signal?.aborted ? undefined : attempts.afterFailure(error);
    if (delay === undefined) throw error;
    try {
      await sleep(delay, undefined, { signal });
    } catch {
      throw error;
    }
  }

  private stub(address: string): Client<Desc> {
    let stub = this.stubs.get(address);
    if (!stub) {
      const { transport, sessionManager } = connect(address, this.options);
      stub = createClient(this.service, transport);
      this.stubs.set(address, stub);
      this.sessions.push(sessionManager);
    }
    return stub;
  }
}
