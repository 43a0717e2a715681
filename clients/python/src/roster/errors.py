"""What a failed call raises.

Every failure is a RosterError; those that callers tell apart have a class of their own, by the reason that the service
gives (roster.v1.ErrorReason). A reason that this version does not know is a RosterError with that reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from google.rpc import error_details_pb2, status_pb2

_DOMAIN = "roster.v1"
_DETAILS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True)
class FieldViolation:
    """A field of the request that is malformed, and why."""

    field: str
    description: str


class RosterError(Exception):
    """A failed call.

    code: the gRPC code.
    message: for people.
    reason: for programs, a name of roster.v1.ErrorReason without "ERROR_REASON_"; "" where the call reached no handler.
    metadata: more about this failure, such as "current_etag"; which there is, ErrorReason says.
    field_violations: every malformed field, where the reason is INVALID_FIELD.
    retry_delay: seconds after which the same call may succeed, where the service says so.

    The failure as gRPC has it is `__cause__`.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        metadata: dict[str, str] | None = None,
        field_violations: tuple[FieldViolation, ...] = (),
        retry_delay: float | None = None,
    ) -> None:
        super().__init__(f"{message} ({reason or code.name})")
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata = metadata or {}
        self.field_violations = field_violations
        self.retry_delay = retry_delay


class InvalidFieldError(RosterError):
    """A field is malformed: see field_violations."""


class EmailTakenError(RosterError):
    """The e-mail address belongs to a live user."""


class UserIdTakenError(RosterError):
    """The user_id was used before, perhaps by a user since deleted."""


class UserNotFoundError(RosterError):
    """There is no such user, or they were deleted."""


class EtagMismatchError(RosterError):
    """The user has changed since the etag given: read them again."""

    @property
    def current_etag(self) -> str:
        """The etag of the user's present state."""
        return self.metadata.get("current_etag", "")


class RequestIdReusedError(RosterError):
    """The request_id was used for a command with other content."""


class InvalidTokenError(RosterError):
    """A page, resume or consistency token that is none, or of another request."""


class ForeignTokenError(RosterError):
    """The token names another log."""


class ResumeTokenTooOldError(RosterError):
    """The changes since the resume token are no longer kept: watch again without one."""


class NotYetVisibleError(RosterError):
    """The read model had not reached `read_after` in time."""


class CredentialsError(RosterError):
    """The call has no bearer token or client certificate, or one that is not accepted: the reason says which."""


class RoleRequiredError(RosterError):
    """The caller is known, and may not do this."""


class UnreachableError(RosterError):
    """No address of the service answered in time. A command may have been recorded: repeat it with its request_id."""


_CLASSES: dict[str, type[RosterError]] = {
    "INVALID_FIELD": InvalidFieldError,
    "EMAIL_TAKEN": EmailTakenError,
    "USER_ID_TAKEN": UserIdTakenError,
    "USER_NOT_FOUND": UserNotFoundError,
    "ETAG_MISMATCH": EtagMismatchError,
    "REQUEST_ID_REUSED": RequestIdReusedError,
    "INVALID_TOKEN": InvalidTokenError,
    "FOREIGN_TOKEN": ForeignTokenError,
    "RESUME_TOKEN_TOO_OLD": ResumeTokenTooOldError,
    "NOT_YET_VISIBLE": NotYetVisibleError,
    "CREDENTIALS_MISSING": CredentialsError,
    "CREDENTIALS_INVALID": CredentialsError,
    "CREDENTIALS_EXPIRED": CredentialsError,
    "ROLE_REQUIRED": RoleRequiredError,
}

# Of a call that reached no handler.
_UNREACHABLE_CODES = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)


def from_rpc_error(failure: grpc.RpcError) -> RosterError:
    """The error for a failed call of grpc's or grpc.aio's, for callers who use the generated stubs themselves."""
    # Every failure that a call ends with is also the call.
    if not isinstance(failure, (grpc.Call, grpc.aio.AioRpcError)):
        return RosterError(grpc.StatusCode.UNKNOWN, str(failure))
    details = status_pb2.Status()
    for key, value in failure.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            details.ParseFromString(value)
    return _from_details(failure.code(), failure.details() or "", details)


def from_status(status: status_pb2.Status) -> RosterError:
    """The error for one refused row of ImportUsers."""
    codes: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
    return _from_details(codes.get(status.code, grpc.StatusCode.UNKNOWN), status.message, status)


def _from_details(code: grpc.StatusCode, message: str, status: status_pb2.Status) -> RosterError:
    reason = ""
    metadata: dict[str, str] = {}
    violations: tuple[FieldViolation, ...] = ()
    retry_delay: float | None = None
    for detail in status.details:
        info, bad_request, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(info) and info.domain == _DOMAIN:
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad_request):
            violations = tuple(FieldViolation(v.field, v.description) for v in bad_request.field_violations)
        elif detail.Unpack(retry):
            retry_delay = retry.retry_delay.ToTimedelta().total_seconds()
    error_class = _CLASSES.get(reason, RosterError)
    if not reason and code in _UNREACHABLE_CODES:
        error_class = UnreachableError
    return error_class(
        code, message, reason=reason, metadata=metadata, field_violations=violations, retry_delay=retry_delay
    )
