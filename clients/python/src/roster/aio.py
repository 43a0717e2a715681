"""The client for asyncio. See roster.client for threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

import grpc
import grpc.aio

from roster import v1
from roster._attempts import Attempts, Endpoints
from roster._connection import CHANNEL_OPTIONS, Connector, Tls, Token, with_request_id
from roster._resume import ListResume, Resume, WatchResume
from roster.errors import RosterError, from_rpc_error
from roster.v1.user_command_service_pb2_grpc import UserCommandServiceStub
from roster.v1.user_query_service_pb2_grpc import UserQueryServiceStub

if TYPE_CHECKING:
    from roster.v1.user_command_service_pb2_grpc import UserCommandServiceAsyncStub
    from roster.v1.user_query_service_pb2_grpc import UserQueryServiceAsyncStub

Stub = TypeVar("Stub")
Request = TypeVar("Request")
Response = TypeVar("Response")


class AsyncClient:
    """Sends commands and queries.

    Each method takes the request as the contract has it, and answers with the response. A call that fails in a way that
    may pass is repeated within its timeout, after a while or at another address; commands have a request_id by then, so
    they take effect once. What is left is raised as a RosterError.

    Commands go to the command service that leads: where another one answers, its word is followed.

    Thread safety: none; for the event loop of its first call. Where a watch or list is left early, aclose() ends its
    call at once (contextlib.aclosing).
    """

    def __init__(
        self,
        command_service: str | Sequence[str] = "127.0.0.1:50051",
        query_service: str | Sequence[str] = "127.0.0.1:50052",
        *,
        tls: Tls | None = None,
        token: Token | None = None,
        timeout: float = 10.0,
    ) -> None:
        """Connects when first called.

        command_service, query_service: HOST:PORT, or several, separated by commas or as a sequence.
        tls: without it, calls go in plain text.
        token: a bearer token, or a function that gives it and is called for every call. In plain text it is sent on
            the loopback only: else ValueError.
        timeout: seconds for a call with all its repeats; for a stream, the longest time without a message at which it
            is still taken up again. A watch that has begun is taken up for ever.
        """
        connector = Connector(tls, token)
        self._commands = _Service(command_service, _command_stub, connector, timeout)
        self._queries = _Service(query_service, _query_stub, connector, timeout)

    async def sign_up_user(self, request: v1.SignUpUserRequest, *, timeout: float | None = None) -> v1.SignUpUserResponse:
        """Signs a user up. EmailTakenError, UserIdTakenError, InvalidFieldError."""
        return await self._commands.call(lambda stub: stub.SignUpUser, with_request_id(request), timeout)

    async def update_user(self, request: v1.UpdateUserRequest, *, timeout: float | None = None) -> v1.UpdateUserResponse:
        """Changes the fields that update_mask names. UserNotFoundError, EtagMismatchError, EmailTakenError."""
        return await self._commands.call(lambda stub: stub.UpdateUser, with_request_id(request), timeout)

    async def delete_user(self, request: v1.DeleteUserRequest, *, timeout: float | None = None) -> v1.DeleteUserResponse:
        """Deletes a user. UserNotFoundError, EtagMismatchError."""
        return await self._commands.call(lambda stub: stub.DeleteUser, with_request_id(request), timeout)

    async def get_user(self, request: v1.GetUserRequest, *, timeout: float | None = None) -> v1.GetUserResponse:
        """One user, by id or by address. UserNotFoundError; NotYetVisibleError with read_after."""
        return await self._queries.call(lambda stub: stub.GetUser, request, timeout)

    async def batch_get_users(
        self, request: v1.BatchGetUsersRequest, *, timeout: float | None = None
    ) -> v1.BatchGetUsersResponse:
        """Many users by id."""
        return await self._queries.call(lambda stub: stub.BatchGetUsers, request, timeout)

    async def get_read_model_status(self, *, timeout: float | None = None) -> v1.GetReadModelStatusResponse:
        """How far the read model is, and what is in it."""
        return await self._queries.call(lambda stub: stub.GetReadModelStatus, v1.GetReadModelStatusRequest(), timeout)

    def list_users(self, request: v1.ListUsersRequest | None = None) -> AsyncGenerator[v1.ListUsersResponse, None]:
        """The users that match, page by page. A stream that is cut goes on after the last page taken, so each user comes
        once. Holds one page."""
        return self._queries.stream(lambda stub: stub.ListUsers, ListResume(request))

    def watch_users(self, request: v1.WatchUsersRequest | None = None) -> AsyncGenerator[v1.WatchUsersResponse, None]:
        """The present users, then every change as it comes; never ends by itself. A cut is followed by watching on from the
        last message taken, so nothing is missed. To go on in another process, keep resume_token once a message is
        dealt with. ResumeTokenTooOldError: watch again without a token."""
        return self._queries.stream(lambda stub: stub.WatchUsers, WatchResume(request))

    async def close(self) -> None:
        """Ends calls under way."""
        await self._commands.close()
        await self._queries.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


# One class of stubs serves both kinds of channel; its types know of asyncio by that of the channel.
def _command_stub(channel: grpc.aio.Channel) -> UserCommandServiceAsyncStub:
    return UserCommandServiceStub(channel)


def _query_stub(channel: grpc.aio.Channel) -> UserQueryServiceAsyncStub:
    return UserQueryServiceStub(channel)


class _Service(Generic[Stub]):
    """One service at its addresses: channels, made when first used and kept, and the calls with their repeats."""

    def __init__(
        self,
        addresses: str | Sequence[str],
        make_stub: Callable[[grpc.aio.Channel], Stub],
        connector: Connector,
        timeout: float,
    ) -> None:
        self._endpoints = Endpoints(addresses)
        self._make_stub = make_stub
        self._connector = connector
        self._timeout = timeout
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._stubs: dict[str, Stub] = {}
        # A wrong setting shows at once; channels want a running loop.
        for address in self._endpoints.addresses:
            connector.channel_credentials(address)

    async def call(
        self,
        method: Callable[[Stub], grpc.aio.UnaryUnaryMultiCallable[Request, Response]],
        request: Request,
        timeout: float | None,
    ) -> Response:
        attempts = Attempts(self._endpoints, self._timeout if timeout is None else timeout)
        while True:
            stub, metadata = self._stub(attempts.address), self._connector.metadata()
            try:
                return await method(stub)(request, timeout=attempts.attempt_timeout(), metadata=metadata)
            except grpc.RpcError as failure:
                error = from_rpc_error(failure)
                delay = attempts.after_failure(error)
                if delay is None:
                    raise error from failure
            await asyncio.sleep(delay)

    async def stream(
        self,
        method: Callable[[Stub], grpc.aio.UnaryStreamMultiCallable[Request, Response]],
        resume: Resume[Request, Response],
    ) -> AsyncGenerator[Response, None]:
        attempts = Attempts(self._endpoints, self._timeout)
        while True:
            timeout = attempts.attempt_timeout() if resume.waits else None
            cause: grpc.RpcError | None = None
            metadata = self._connector.metadata()
            messages = method(self._stub(attempts.address))(resume.request, timeout=timeout, metadata=metadata)
            try:
                async for message in messages:
                    attempts.progress(for_ever=resume.follows)
                    yield message
                    if resume.taken(message):
                        return
                if not resume.follows:
                    return
                error = RosterError(grpc.StatusCode.UNAVAILABLE, "the watch ended")
            except grpc.RpcError as failure:
                error, cause = from_rpc_error(failure), failure
            finally:
                messages.cancel()
            delay = attempts.after_failure(error, stream=True)
            if delay is None:
                raise error from cause
            await asyncio.sleep(delay)

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()

    def _stub(self, address: str) -> Stub:
        if address not in self._stubs:
            self._channels[address] = self._connect(address)
            self._stubs[address] = self._make_stub(self._channels[address])
        return self._stubs[address]

    def _connect(self, address: str) -> grpc.aio.Channel:
        credentials = self._connector.channel_credentials(address)
        if credentials is None:
            return grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
        return grpc.aio.secure_channel(address, credentials, options=CHANNEL_OPTIONS)
