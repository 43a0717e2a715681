"""Client of Roster, the user-lifecycle service.

Client is for threads, AsyncClient for asyncio; roster.v1 has the messages, and beside them the generated stubs.
"""

from roster import v1
from roster._connection import Tls, Token, new_request_id
from roster.aio import AsyncClient
from roster.client import Client
from roster.errors import (
    CredentialsError,
    EmailTakenError,
    EtagMismatchError,
    FieldViolation,
    ForeignTokenError,
    InvalidFieldError,
    InvalidTokenError,
    NotYetVisibleError,
    RequestIdReusedError,
    ResumeTokenTooOldError,
    RoleRequiredError,
    RosterError,
    UnreachableError,
    UserIdTakenError,
    UserNotFoundError,
)

__all__ = [
    "AsyncClient",
    "Client",
    "CredentialsError",
    "EmailTakenError",
    "EtagMismatchError",
    "FieldViolation",
    "ForeignTokenError",
    "InvalidFieldError",
    "InvalidTokenError",
    "NotYetVisibleError",
    "RequestIdReusedError",
    "ResumeTokenTooOldError",
    "RoleRequiredError",
    "RosterError",
    "Tls",
    "Token",
    "UnreachableError",
    "UserIdTakenError",
    "UserNotFoundError",
    "new_request_id",
    "v1",
]
