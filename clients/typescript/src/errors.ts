import { Code, ConnectError } from "@connectrpc/connect";
import type { Status } from "./gen/google/rpc/status_pb.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ErrorReason } from "./gen/roster/v1/error_reason_pb.js";

const domain = "roster.v1";

/** A field of the request that is malformed, and why. */
export interface FieldViolation {
  field: string;
  description: string;
}

/**
 * A failed call: every failure is one.
 *
 *     if (error instanceof RosterError && error.reason === ErrorReason.EMAIL_TAKEN) ...
 *
 * `cause` is the failure as Connect has it.
 */
export class RosterError extends Error {
  override readonly name = "RosterError";

  private constructor(
    message: string,
    /** The gRPC code. */
    readonly code: Code,
    /**
     * Why, for programs. UNSPECIFIED where the call reached no handler, or where this version does not know it:
     * reasonName tells those apart.
     */
    readonly reason: ErrorReason,
    /** The reason without "ERROR_REASON_", as the service gave it; "" where the call reached no handler. */
    readonly reasonName: string,
    /** More about this failure, such as "current_etag"; which there is, ErrorReason says. */
    readonly metadata: Readonly<Record<string, string>>,
    /** Every malformed field, where the reason is INVALID_FIELD. */
    readonly fieldViolations: readonly FieldViolation[],
    /** After which the same call may succeed; undefined where the service does not say. */
    readonly retryDelayMs: number | undefined,
    cause: unknown,
  ) {
    super(`${message} (${reasonName || Code[code]})`, { cause });
  }

  /** The error for a failure of a call made with the generated service descriptors; one that is a RosterError stays as it is. */
  static from(failure: unknown): RosterError {
    if (failure instanceof RosterError) return failure;
    const error = ConnectError.from(failure);
    const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === domain);
    const retry = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    const reasonName = info?.reason ?? "";
    return new RosterError(
      error.rawMessage,
      error.code,
      ErrorReason[reasonName as keyof typeof ErrorReason] ?? ErrorReason.UNSPECIFIED,
      reasonName,
      info?.metadata ?? {},
      error.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations),
      retry && Number(retry.seconds) * 1000 + retry.nanos / 1e6,
      failure,
    );
  }

  /** The error for one refused row of ImportUsers. */
  static fromStatus(status: Status): RosterError {
    const error = new ConnectError(status.message, status.code);
    error.details = status.details.map((any) => ({ type: any.typeUrl.replace(/^.*\//, ""), value: any.value }));
    return RosterError.from(error);
  }
}
