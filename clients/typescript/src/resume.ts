import { type MessageInitShape, clone, create } from "@bufbuild/protobuf";
import {
  type ListUsersRequest,
  ListUsersRequestSchema,
  type ListUsersResponse,
  type WatchUsersRequest,
  WatchUsersRequestSchema,
  type WatchUsersResponse,
} from "./gen/roster/v1/user_query_service_pb.js";

/** What is left of a stream once some of its messages were taken: what to ask for after a cut. */
export interface Resume<Request, Response> {
  readonly request: Request;
  /** Whether the stream goes on for ever, so that its end is a cut and it is always taken up again. */
  readonly follows: boolean;
  /** Whether the server is to wait for read_after: it must then know for how long. */
  waits(): boolean;
  /** The caller is done with the message. Returns whether nothing is left. */
  taken(message: Response): boolean;
}

export class ListResume implements Resume<ListUsersRequest, ListUsersResponse> {
  readonly request: ListUsersRequest;
  readonly follows = false;
  private readonly limited: boolean;

  constructor(request: MessageInitShape<typeof ListUsersRequestSchema>) {
    this.request = clone(ListUsersRequestSchema, create(ListUsersRequestSchema, request));
    this.limited = this.request.limit > 0n;
  }

  waits(): boolean {
    return this.request.readAfter !== "" && this.request.pageToken === "";
  }

  taken(page: ListUsersResponse): boolean {
    this.request.pageToken = page.nextPageToken;
    if (this.limited) this.request.limit -= BigInt(page.users.length);
    // A limit of 0 would mean none: what is cut after its last row is not asked to go on.
    return page.nextPageToken === "" || (this.limited && this.request.limit <= 0n);
  }
}

export class WatchResume implements Resume<WatchUsersRequest, WatchUsersResponse> {
  readonly request: WatchUsersRequest;
  readonly follows = true;

  constructor(request: MessageInitShape<typeof WatchUsersRequestSchema>) {
    this.request = clone(WatchUsersRequestSchema, create(WatchUsersRequestSchema, request));
  }

  waits(): boolean {
    return this.request.readAfter !== "";
  }

  taken(message: WatchUsersResponse): boolean {
    this.request.resumeToken = message.resumeToken;
    this.request.readAfter = "";
    return false;
  }
}
