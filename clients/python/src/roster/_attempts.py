"""Which address a call goes to, and whether and when it is repeated. Knows nothing of I/O: Client and AsyncClient share it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence

import grpc

from roster.errors import RosterError

_FIRST_DELAY_S = 0.05
_MAX_DELAY_S = 2.0
# With several addresses, so that one which swallows calls does not keep the others from being tried.
_SHORTEST_ATTEMPT_S = 1.0
_LONGEST_ATTEMPT_S = 5.0
# Of an address rather than of the call: another one may do better. "": the call reached no handler.
_ABOUT_ADDRESS = ("", "NOT_LEADER", "NOT_READY", "SHUTTING_DOWN")


def is_retryable(error: RosterError) -> bool:
    """Whether the same call may succeed later. A command needs its request_id for that."""
    if error.code == grpc.StatusCode.UNAVAILABLE:
        # Only an operator can end that one.
        return error.reason != "HELD_BY_DEAD_LETTER"
    if error.code == grpc.StatusCode.RESOURCE_EXHAUSTED:
        # Too busy says when to come back; too large a message does not.
        return error.retry_delay is not None
    if error.code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return True
    # Not by a handler, nor by the caller, who waits: a server that ended with the call under way.
    return error.code == grpc.StatusCode.CANCELLED and not error.reason


def is_cut(error: RosterError) -> bool:
    """Whether a stream was cut, by a proxy perhaps, which may say so with other codes."""
    odd = error.code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN) and not error.reason
    return odd or is_retryable(error)


class Endpoints:
    """The addresses of one service, and which of them calls go to. Thread safety: safe from any thread."""

    def __init__(self, addresses: str | Sequence[str]) -> None:
        given = addresses.split(",") if isinstance(addresses, str) else addresses
        self.addresses = tuple(address.strip() for address in given)
        if not self.addresses or not all(self.addresses):
            raise ValueError(f"an address is empty: {addresses!r}")
        self._lock = threading.Lock()
        self._next = 0
        self._current = self.addresses[0]

    def current(self) -> str:
        with self._lock:
            return self._current

    def move_on(self, failed: str) -> None:
        """Calls go to the address after `failed`, unless another call has moved on from it already."""
        with self._lock:
            if self._current != failed:
                return
            # A leader that was followed need not be in the list: then go on where the list was left.
            if self._current == self.addresses[self._next]:
                self._next = (self._next + 1) % len(self.addresses)
            self._current = self.addresses[self._next]

    def follow(self, leader: str) -> None:
        """Calls go to `leader`, which may be an address not in the list."""
        with self._lock:
            self._current = leader
            if leader in self.addresses:
                self._next = self.addresses.index(leader)


class Attempts:
    """The attempts of one call. An address that does not answer is left for the next one at once, and NOT_LEADER leads to
    the one that it names; once each was tried, the next attempt waits, longer each time. Thread safety: none."""

    def __init__(self, endpoints: Endpoints, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoints = endpoints
        self._timeout = timeout
        self._clock = clock
        self._deadline = clock() + timeout
        self._delay = _FIRST_DELAY_S
        self.address = endpoints.current()
        self._tried = {self.address}

    def attempt_timeout(self) -> float:
        """Seconds for the attempt about to be made."""
        left = max(0.0, self._deadline - self._clock())
        if len(self._endpoints.addresses) == 1:
            return left
        return min(left, max(_SHORTEST_ATTEMPT_S, min(left / 2, _LONGEST_ATTEMPT_S)))

    def after_failure(self, error: RosterError, *, stream: bool = False) -> float | None:
        """Seconds to wait before the next attempt; None where there is none."""
        if not (is_cut(error) if stream else is_retryable(error)):
            return None
        delay = 0.0
        if not self._choose_address(error):
            # Those who were refused together do not come back together.
            delay = max(self._delay * random.uniform(0.75, 1.0), error.retry_delay or 0.0)
            self._delay = min(self._delay * 2, _MAX_DELAY_S)
            self._tried = {self.address}
        return delay if self._clock() + delay < self._deadline else None

    def progress(self, *, for_ever: bool = False) -> None:
        """A stream got on: what follows has the whole timeout again, or any time."""
        self._deadline = float("inf") if for_ever else self._clock() + self._timeout
        self._delay = _FIRST_DELAY_S
        self._tried = {self.address}

    # Returns whether the address chosen was not tried since the last wait.
    def _choose_address(self, error: RosterError) -> bool:
        if error.reason not in _ABOUT_ADDRESS:
            return False
        leader = error.metadata.get("leader", "") if error.reason == "NOT_LEADER" else ""
        if leader and leader != self.address:
            self._endpoints.follow(leader)
        else:
            self._endpoints.move_on(self.address)
        self.address = self._endpoints.current()
        untried = self.address not in self._tried
        self._tried.add(self.address)
        return untried
