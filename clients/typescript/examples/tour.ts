// What a caller of Roster meets, from sign-up to watching: npm run --silent tour
//
// ROSTER_COMMAND_SERVICE and ROSTER_QUERY_SERVICE name the services, by default those of ./dev run. For empty services;
// what it makes stays there.
import {
  ErrorReason,
  RosterClient,
  RosterError,
  type SignUpUserResponse,
  type UpdateUserResponse,
  type User,
  newRequestId,
} from "@roster/client";

async function signUp(roster: RosterClient): Promise<SignUpUserResponse> {
  // Keep the request id with what you are about to do: whatever happens to this process, the same request with the same
  // id takes effect once. The client repeats it by itself for as long as the timeout allows.
  const request = { email: "ann@example.com", displayName: "Ann Lee", requestId: newRequestId() };
  const first = await roster.signUpUser(request);
  console.log(`signed up ${first.user?.email}, version ${first.user?.version}`);

  const repeated = await roster.signUpUser(request);
  console.log(`repeated the request: the same event is ${repeated.eventId === first.eventId}`);
  return first;
}

function getUser(roster: RosterClient, userId: string, lastWrite: string) {
  return roster.getUser({ key: { case: "userId", value: userId }, readAfter: lastWrite });
}

async function meetTakenAddress(roster: RosterClient): Promise<void> {
  try {
    await roster.signUpUser({ email: "Ann@example.com" });
  } catch (error) {
    if (!(error instanceof RosterError && error.reason === ErrorReason.EMAIL_TAKEN)) throw error;
    console.log("Ann@example.com is taken");
  }
}

/** Changes the name of the user as `seen`; where they have changed since, reads them again first. */
async function rename(roster: RosterClient, seen: User, name: string, lastWrite: string): Promise<UpdateUserResponse> {
  const { userId, etag } = seen;
  try {
    return await roster.updateUser({ user: { userId, etag, displayName: name }, updateMask: { paths: ["display_name"] } });
  } catch (error) {
    if (!(error instanceof RosterError && error.reason === ErrorReason.ETAG_MISMATCH)) throw error;
    console.log(`${seen.displayName} has changed since version ${seen.version}: reading again`);
    const now = await getUser(roster, userId, lastWrite);
    return rename(roster, now.user!, name, lastWrite);
  }
}

async function listUsers(roster: RosterClient, lastWrite: string): Promise<void> {
  for await (const page of roster.listUsers({ orderBy: "email", readAfter: lastWrite })) {
    for (const user of page.users) console.log(`listed ${user.email}, ${user.displayName}`);
  }
}

/** Follows the users until one has that version. Returns the token to go on with, also in another process. */
async function watch(roster: RosterClient, untilVersion: bigint): Promise<string> {
  for await (const message of roster.watchUsers()) {
    for (const user of message.users) {
      console.log(`watched ${user.email}, version ${user.version}`);
      if (user.version >= untilVersion) return message.resumeToken;
    }
  }
  throw new Error("a watch never ends by itself");
}

const roster = new RosterClient({
  // Several addresses, separated by commas: the client finds the command service that leads.
  commandService: process.env["ROSTER_COMMAND_SERVICE"] ?? "127.0.0.1:50051",
  queryService: process.env["ROSTER_QUERY_SERVICE"] ?? "127.0.0.1:50052",
});
const ann = await signUp(roster);
const read = await getUser(roster, ann.user!.userId, ann.consistencyToken);
console.log(`read my own write: ${read.user?.displayName}`);
await meetTakenAddress(roster);
let write = await rename(roster, ann.user!, "Ann Moor", ann.consistencyToken);
write = await rename(roster, ann.user!, "Ann Ruiz", write.consistencyToken);
console.log(`renamed to ${write.user?.displayName}, version ${write.user?.version}`);
await listUsers(roster, write.consistencyToken);
await watch(roster, write.user!.version);
roster.close();
