"""How channels are made: limits, TLS and the bearer token, the same for Client and AsyncClient."""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar
from uuid import UUID

import grpc

from roster import v1

# A bearer token, or what gives it: called for every call, so that it may change.
Token: TypeAlias = str | Callable[[], str]
Metadata: TypeAlias = tuple[tuple[str, str], ...]

CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    # A page holds at most 1000 users, each below 64 KiB.
    ("grpc.max_receive_message_length", 64 << 20),
    # A server that is gone without a word is noticed within 15 s. Roster's servers allow a ping every 5 s.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # gRPC's own default of 1 s and more would wait long after a server is there again.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Whether and where a call is repeated is for the client to say, not for gRPC.
    ("grpc.enable_retries", 0),
)


@dataclass(frozen=True)
class Tls:
    """How the servers are known, and the client's own certificate where it has one. All in PEM.

    ca: authorities of the servers' certificates; None: those that gRPC brings.
    """

    ca: bytes | None = None
    cert: bytes | None = None
    key: bytes | None = None


@dataclass(frozen=True)
class Connector:
    """What all channels of a client have in common."""

    tls: Tls | None
    token: Token | None

    def channel_credentials(self, address: str) -> grpc.ChannelCredentials | None:
        """None: in plain text. ValueError where a token would then travel so beyond this machine."""
        if self.tls is not None:
            return grpc.ssl_channel_credentials(self.tls.ca, self.tls.key, self.tls.cert)
        if self.token is not None and not _is_loopback(address):
            raise ValueError(f"the bearer token would go to {address} in plain text: give tls too")
        return None

    def metadata(self) -> Metadata:
        """Of every call."""
        if self.token is None:
            return ()
        token = self.token if isinstance(self.token, str) else self.token()
        return (("authorization", f"Bearer {token.strip()}"),)


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Command = TypeVar("Command", v1.SignUpUserRequest, v1.UpdateUserRequest, v1.DeleteUserRequest)


def with_request_id(command: Command) -> Command:
    """The command, or a copy with a request_id of its own: so it can be repeated, and takes effect once."""
    if command.request_id:
        return command
    copy = type(command)()
    copy.CopyFrom(command)
    copy.request_id = new_request_id()
    return copy


def new_request_id() -> str:
    """A UUIDv7: unique, and in the order of time, which suits the service's indexes."""
    random = int.from_bytes(os.urandom(10), "big")
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return str(UUID(int=value))
