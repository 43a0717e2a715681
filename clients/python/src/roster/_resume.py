"""What is left of a stream once some of its messages were taken: what to ask for after a cut."""

from __future__ import annotations

from typing import Protocol, TypeVar

from roster import v1

Request = TypeVar("Request", covariant=True)
Response = TypeVar("Response", contravariant=True)


class Resume(Protocol[Request, Response]):
    """A stream's request, which is changed as messages are taken."""

    # Whether the stream goes on for ever, so that its end is a cut and it is always taken up again.
    follows: bool

    @property
    def request(self) -> Request: ...

    @property
    def waits(self) -> bool:
        """Whether the server is to wait for read_after: it must then know for how long."""

    def taken(self, message: Response) -> bool:
        """The caller is done with `message`. Returns whether nothing is left."""


class ListResume:
    follows = False

    def __init__(self, request: v1.ListUsersRequest | None) -> None:
        self.request = v1.ListUsersRequest()
        if request is not None:
            self.request.CopyFrom(request)
        self._limited = self.request.limit > 0

    @property
    def waits(self) -> bool:
        return bool(self.request.read_after and not self.request.page_token)

    def taken(self, message: v1.ListUsersResponse) -> bool:
        self.request.page_token = message.next_page_token
        if self._limited:
            self.request.limit -= len(message.users)
        # A limit of 0 would mean none: what is cut after its last row is not asked to go on.
        return not message.next_page_token or (self._limited and self.request.limit <= 0)


class WatchResume:
    follows = True

    def __init__(self, request: v1.WatchUsersRequest | None) -> None:
        self.request = v1.WatchUsersRequest()
        if request is not None:
            self.request.CopyFrom(request)

    @property
    def waits(self) -> bool:
        return bool(self.request.read_after)

    def taken(self, message: v1.WatchUsersResponse) -> bool:
        self.request.resume_token = message.resume_token
        self.request.read_after = ""
        return False
