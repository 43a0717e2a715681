export { RosterClient } from "./client.js";
export { RosterError, type FieldViolation } from "./errors.js";
export type { RosterClientOptions, TlsOptions } from "./options.js";
export { newRequestId } from "./request_id.js";
export * from "./gen/roster/v1/error_reason_pb.js";
export * from "./gen/roster/v1/user_pb.js";
export * from "./gen/roster/v1/user_event_pb.js";
export * from "./gen/roster/v1/user_command_service_pb.js";
export * from "./gen/roster/v1/user_query_service_pb.js";
