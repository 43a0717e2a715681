import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import {
  type DeleteUserRequestSchema,
  type DeleteUserResponse,
  type SignUpUserRequestSchema,
  type SignUpUserResponse,
  type UpdateUserRequestSchema,
  type UpdateUserResponse,
  UserCommandService,
} from "./gen/roster/v1/user_command_service_pb.js";
import {
  type BatchGetUsersRequestSchema,
  type BatchGetUsersResponse,
  type GetReadModelStatusResponse,
  type GetUserRequestSchema,
  type GetUserResponse,
  type ListUsersRequestSchema,
  type ListUsersResponse,
  UserQueryService,
  type WatchUsersRequestSchema,
  type WatchUsersResponse,
} from "./gen/roster/v1/user_query_service_pb.js";
import type { RosterClientOptions } from "./options.js";
import { newRequestId } from "./request_id.js";
import { ListResume, WatchResume } from "./resume.js";
import { Service } from "./service.js";

/**
 * Sends commands and queries to Roster.
 *
 * Each method takes the request as the contract has it, and answers with the response. A call that fails in a way that may
 * pass is repeated within its timeout, after a while or at another address; commands have a request_id by then, so they
 * take effect once. What is left is thrown as a RosterError.
 *
 * Commands go to the command service that leads: where another one answers, its word is followed. `signal` ends a call.
 */
export class RosterClient {
  private readonly commands: Service<typeof UserCommandService>;
  private readonly queries: Service<typeof UserQueryService>;

  /** Connects when first called. */
  constructor(options: RosterClientOptions = {}) {
    this.commands = new Service(UserCommandService, options.commandService ?? "127.0.0.1:50051", options);
    this.queries = new Service(UserQueryService, options.queryService ?? "127.0.0.1:50052", options);
  }

  /** Signs a user up. EMAIL_TAKEN, USER_ID_TAKEN, INVALID_FIELD. */
  signUpUser(request: MessageInitShape<typeof SignUpUserRequestSchema>, options?: CallOptions): Promise<SignUpUserResponse> {
    const command = withRequestId(request);
    return this.commands.call((stub, attempt) => stub.signUpUser(command, attempt), options);
  }

  /** Changes the fields that updateMask names. USER_NOT_FOUND, ETAG_MISMATCH, EMAIL_TAKEN. */
  updateUser(request: MessageInitShape<typeof UpdateUserRequestSchema>, options?: CallOptions): Promise<UpdateUserResponse> {
    const command = withRequestId(request);
    return this.commands.call((stub, attempt) => stub.updateUser(command, attempt), options);
  }

  /** Deletes a user. USER_NOT_FOUND, ETAG_MISMATCH. */
  deleteUser(request: MessageInitShape<typeof DeleteUserRequestSchema>, options?: CallOptions): Promise<DeleteUserResponse> {
    const command = withRequestId(request);
    return this.commands.call((stub, attempt) => stub.deleteUser(command, attempt), options);
  }

  /** One user, by id or by address. USER_NOT_FOUND; NOT_YET_VISIBLE with readAfter. */
  getUser(request: MessageInitShape<typeof GetUserRequestSchema>, options?: CallOptions): Promise<GetUserResponse> {
    return this.queries.call((stub, attempt) => stub.getUser(request, attempt), options);
  }

  /** Many users by id. */
  batchGetUsers(
    request: MessageInitShape<typeof BatchGetUsersRequestSchema>,
    options?: CallOptions,
  ): Promise<BatchGetUsersResponse> {
    return this.queries.call((stub, attempt) => stub.batchGetUsers(request, attempt), options);
  }

  /** How far the read model is, and what is in it. */
  getReadModelStatus(options?: CallOptions): Promise<GetReadModelStatusResponse> {
    return this.queries.call((stub, attempt) => stub.getReadModelStatus({}, attempt), options);
  }

  /**
   * The users that match, page by page. A stream that is cut goes on after the last page taken, so each user comes once.
   * Holds one page; the call ends when the loop is left.
   */
  listUsers(
    request: MessageInitShape<typeof ListUsersRequestSchema> = {},
    options?: CallOptions,
  ): AsyncGenerator<ListUsersResponse, void, undefined> {
    return this.queries.stream((stub, rest, attempt) => stub.listUsers(rest, attempt), new ListResume(request), options);
  }

  /**
   * The present users, then every change as it comes; never ends by itself. A cut is followed by watching on from the last
   * message taken, so nothing is missed. To go on in another process, keep resumeToken once a message is dealt with.
   * RESUME_TOKEN_TOO_OLD: watch again without a token.
   */
  watchUsers(
    request: MessageInitShape<typeof WatchUsersRequestSchema> = {},
    options?: CallOptions,
  ): AsyncGenerator<WatchUsersResponse, void, undefined> {
    return this.queries.stream((stub, rest, attempt) => stub.watchUsers(rest, attempt), new WatchResume(request), options);
  }

  /** Ends the calls under way, and closes the connections. */
  close(): void {
    this.commands.close();
    this.queries.close();
  }
}

/** The command, or a copy with a request_id of its own: so it can be repeated, and takes effect once. */
function withRequestId<Command extends { requestId?: string }>(command: Command): Command {
  return command.requestId ? command : { ...command, requestId: newRequestId() };
}
