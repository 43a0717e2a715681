import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import {
  ErrorReason,
  RosterClient,
  type RosterClientOptions,
  RosterError,
  type SignUpUserResponse,
  UserCommandService,
  type WatchUsersResponse,
} from "../src/index.js";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { Deployment, packageFolder } from "./deployment.js";

const options = { timeout: 120_000 };

/** Runs `body` with a client, and with services of its own. */
async function withServices(
  body: (client: RosterClient, services: Deployment) => Promise<void>,
  services: Promise<Deployment> = Deployment.start(),
): Promise<void> {
  const deployment = await services;
  const client = clientOf(deployment);
  try {
    await body(client, deployment);
  } finally {
    client.close();
    await deployment.close();
  }
}

function clientOf({ addresses }: Deployment, more: RosterClientOptions = {}): RosterClient {
  return new RosterClient({
    commandService: [addresses.command_service, addresses.another_command_service],
    queryService: addresses.query_service,
    timeoutMs: 60_000,
    ...more,
  });
}

function signUp(client: RosterClient, name: string): Promise<SignUpUserResponse> {
  return client.signUpUser({ userId: name, email: `${name}@example.com` });
}

function hasReason(reason: ErrorReason): (error: unknown) => boolean {
  return (error) => error instanceof RosterError && error.reason === reason;
}

describe("client", options, () => {
  let services: Deployment;
  let client: RosterClient;
  before(async () => {
    services = await Deployment.start();
    client = clientOf(services);
  });
  after(async () => {
    client.close();
    await services.close();
  });

  test("a repeated request id returns the first answer", async () => {
    const request = { email: "repeat@example.com", requestId: "repeat-1" };
    const first = await client.signUpUser(request);
    assert.deepEqual(await client.signUpUser(request), first);
  });

  test("reads its own write", async () => {
    for (let i = 0; i < 20; i++) {
      const written = await signUp(client, `own-write-${i}`);
      const read = await client.getUser({
        key: { case: "userId", value: `own-write-${i}` },
        readAfter: written.consistencyToken,
      });
      assert.deepEqual(read.user, written.user);
    }
  });

  test("a taken address is a typed error", async () => {
    await signUp(client, "taken");
    await assert.rejects(client.signUpUser({ email: "Taken@example.com" }), hasReason(ErrorReason.EMAIL_TAKEN));
  });

  test("an etag mismatch has the current etag", async () => {
    const { user } = await signUp(client, "etag");
    await assert.rejects(client.deleteUser({ userId: "etag", etag: "1-0" }), (error: RosterError) => {
      assert.equal(error.reason, ErrorReason.ETAG_MISMATCH);
      assert.equal(error.metadata["current_etag"], user?.etag);
      return true;
    });
  });

  test("malformed fields are all named", async () => {
    await assert.rejects(client.signUpUser({ email: "none", userId: "a b" }), (error: RosterError) => {
      assert.deepEqual(error.fieldViolations.map(({ field }) => field).sort(), ["email", "user_id"]);
      return true;
    });
  });

  test("lists every user once", async () => {
    const written: SignUpUserResponse[] = [];
    for (let i = 10; i < 35; i++) written.push(await signUp(client, `list-${i}`));
    const listed: string[] = [];
    const request = { filter: { emailPrefix: "list-" }, orderBy: "email", pageSize: 4 };
    for await (const page of client.listUsers({ ...request, readAfter: written.at(-1)!.consistencyToken })) {
      listed.push(...page.users.map(({ userId }) => userId));
    }
    assert.deepEqual(listed, written.map(({ user }) => user?.userId));
  });

  test("an invalid resume token ends a watch", async () => {
    await assert.rejects(client.watchUsers({ resumeToken: "none" }).next(), hasReason(ErrorReason.INVALID_TOKEN));
  });

  test("a signal ends a watch", async () => {
    const abort = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _ of client.watchUsers({}, { signal: abort.signal })) abort.abort();
      },
      (error: RosterError) => error.code === Code.Canceled,
    );
  });

  test("a standby leads to the leader", async () => {
    let calls = 0;
    const detail = { reason: "NOT_LEADER", domain: "roster.v1", metadata: { leader: services.addresses.command_service } };
    const standby = http2.createServer(
      connectNodeAdapter({
        routes: (router) =>
          router.service(UserCommandService, {
            signUpUser() {
              calls++;
              throw new ConnectError("stands by", Code.Unavailable, undefined, [{ desc: ErrorInfoSchema, value: detail }]);
            },
          }),
      }),
    );
    standby.listen(0, "127.0.0.1");
    await once(standby, "listening");
    const address = `127.0.0.1:${(standby.address() as AddressInfo).port}`;
    const led = new RosterClient({ commandService: address });
    await signUp(led, "led-1");
    await signUp(led, "led-2");
    assert.equal(calls, 1);
    led.close();
    standby.close();
  });

  test("an unreachable service says so within the timeout", async () => {
    const lost = new RosterClient({ commandService: services.addresses.another_command_service, timeoutMs: 200 });
    await assert.rejects(signUp(lost, "lost"), (error: RosterError) => error.code === Code.Unavailable);
  });
});

test("a watch that was cut misses no change", options, () =>
  withServices(async (client, services) => {
    const written: string[] = [];
    const watched: string[] = [];
    const signUpSome = async (name: string) => {
      for (let i = 0; i < 5; i++) written.push((await signUp(client, `${name}-${i}`)).user!.userId);
    };
    const messages: AsyncGenerator<WatchUsersResponse, void> = client.watchUsers();
    const watchUntil = async (count: number) => {
      while (watched.length < count) {
        const message = (await messages.next()).value;
        watched.push(...message!.users.map(({ userId }) => userId));
      }
    };
    await signUpSome("watch");
    await watchUntil(5);
    await services.kill("query-service");
    await signUpSome("meanwhile");
    await services.start("query-service");
    await watchUntil(10);
    await messages.return();
    assert.deepEqual(watched.sort(), written.sort());
  }));

test("a list that was cut goes on after the last page", options, () =>
  withServices(async (client, services) => {
    const written: SignUpUserResponse[] = [];
    for (let i = 0; i < 10; i++) written.push(await signUp(client, `cut-${i}`));
    const listed: string[] = [];
    const request = { pageSize: 2, limit: 9n, readAfter: written.at(-1)!.consistencyToken };
    for await (const page of client.listUsers(request)) {
      if (listed.length === 0) {
        await services.kill("query-service");
        await services.start("query-service");
      }
      listed.push(...page.users.map(({ userId }) => userId));
    }
    assert.deepEqual(listed, written.slice(0, 9).map(({ user }) => user?.userId));
  }));

test("a command survives the death of the leader", options, () =>
  withServices(async (client, services) => {
    const request = { email: "survivor@example.com", requestId: "survivor-1" };
    const first = await client.signUpUser(request);
    await services.kill("command-service");
    // Nobody serves when this begins.
    const [again] = await Promise.all([client.signUpUser(request), services.start("another-command-service")]);
    assert.deepEqual(again, first);
  }));

test("TLS and token", options, () =>
  withServices(async (client, services) => {
    const { ca, token } = services.addresses;
    const tls = { ca: readFileSync(ca!) };
    const nobody = clientOf(services, { tls });
    await assert.rejects(signUp(nobody, "nobody"), hasReason(ErrorReason.CREDENTIALS_MISSING));
    nobody.close();
    const known = clientOf(services, { tls, token: () => readFileSync(token!, "utf8") });
    const written = await signUp(known, "secure");
    const read = await known.getUser({ key: { case: "userId", value: "secure" }, readAfter: written.consistencyToken });
    assert.deepEqual(read.user, written.user);
    known.close();
  }, Deployment.start("--secure")));

test("a token is not sent in plain text beyond the loopback", () => {
  assert.throws(() => new RosterClient({ commandService: "roster.example.com:50051", token: "secret" }), /plain text/);
});

test("the example prints what the README says", options, () =>
  withServices(async (_client, { addresses }) => {
    const environment = { ROSTER_COMMAND_SERVICE: addresses.command_service, ROSTER_QUERY_SERVICE: addresses.query_service };
    const { stdout } = await promisify(execFile)(process.execPath, ["dist/examples/tour.js"], {
      cwd: packageFolder,
      env: { ...process.env, ...environment },
    });
    const readme = readFileSync(`${packageFolder}/README.md`, "utf8");
    const said = `$ npm run --silent tour\n${stdout}\`\`\``;
    assert.ok(readme.includes(said), `README.md does not say\n${said}`);
  }));

test("the package holds what it exports, and no tests", async () => {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: packageFolder });
  const files: string[] = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path);
  for (const file of ["README.md", "dist/src/index.js", "dist/src/index.d.ts"]) assert.ok(files.includes(file), file);
  assert.deepEqual(files.filter((file) => file.startsWith("dist/") && !file.startsWith("dist/src/")), []);
});
