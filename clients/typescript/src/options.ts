import type { Interceptor } from "@connectrpc/connect";
import { Http2SessionManager, createGrpcTransport } from "@connectrpc/connect-node";
import { BlockList, isIP } from "node:net";

/** How the servers are known, and the client's own certificate where it has one. All in PEM. */
export interface TlsOptions {
  /** Authorities of the servers' certificates. Without: those that Node.js brings. */
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
}

/** Where the services are and how to call them. */
export interface RosterClientOptions {
  /** HOST:PORT, or several, separated by commas or as an array. Default: that of ./dev run, 127.0.0.1:50051. */
  commandService?: string | readonly string[];
  /** The same; default 127.0.0.1:50052. */
  queryService?: string | readonly string[];
  /** Without it, calls go in plain text. */
  tls?: TlsOptions;
  /**
   * A bearer token, or a function that gives it and is called for every call. In plain text it is sent on the loopback
   * only: else the constructor throws.
   */
  token?: string | (() => string | Promise<string>);
  /**
   * For a call with all its repeats; for a stream, the longest time without a message at which it is still taken up
   * again. A watch that has begun is taken up for ever. Default: 10 s.
   */
  timeoutMs?: number;
}

// A page holds at most 1000 users, each below 64 KiB.
const readMaxBytes = 64 << 20;
// A server that is gone without a word is noticed within 15 s. Roster's servers allow a ping every 5 s.
const keepalive = { pingIntervalMs: 10_000, pingTimeoutMs: 5_000 };

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

function isLoopback(address: string): boolean {
  const host = address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return host === "localhost" || (isIP(host) !== 0 && loopback.check(host, isIP(host) === 6 ? "ipv6" : "ipv4"));
}

/** Throws where a token would travel in plain text beyond this machine. */
export function checkAddress(address: string, options: RosterClientOptions): void {
  if (options.token === undefined || options.tls || isLoopback(address)) return;
  throw new TypeError(`the bearer token would go to ${address} in plain text: give tls too`);
}

/** A connection to one address, made when first used and again when it was lost. */
export function connect(address: string, options: RosterClientOptions) {
  checkAddress(address, options);
  const baseUrl = `${options.tls ? "https" : "http"}://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl, keepalive, options.tls);
  const interceptors = options.token === undefined ? [] : [bearer(options.token)];
  return { transport: createGrpcTransport({ baseUrl, sessionManager, readMaxBytes, interceptors }), sessionManager };
}

function bearer(token: string | (() => string | Promise<string>)): Interceptor {
  return (next) => async (request) => {
    const value = typeof token === "string" ? token : await token();
    request.header.set("authorization", `Bearer ${value.trim()}`);
    return next(request);
  };
}
