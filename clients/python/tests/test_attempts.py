"""Which address a call goes to, and whether and when it is repeated."""

from __future__ import annotations

import grpc
import pytest

from roster import RosterError, new_request_id, v1
from roster._attempts import Attempts, Endpoints, is_retryable
from roster.errors import _CLASSES, from_status
from google.rpc import status_pb2


def unavailable(reason: str = "", **metadata: str) -> RosterError:
    return RosterError(grpc.StatusCode.UNAVAILABLE, "", reason=reason, metadata=metadata)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_what_may_pass_is_repeated() -> None:
    assert is_retryable(unavailable())
    assert is_retryable(unavailable("OUTCOME_UNKNOWN"))
    assert not is_retryable(unavailable("HELD_BY_DEAD_LETTER"))
    assert is_retryable(RosterError(grpc.StatusCode.RESOURCE_EXHAUSTED, "", reason="OVERLOADED", retry_delay=0.1))
    assert not is_retryable(RosterError(grpc.StatusCode.RESOURCE_EXHAUSTED, "the message is too large"))
    for code in (grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL):
        assert not is_retryable(RosterError(code, ""))


def test_each_address_is_tried_before_waiting() -> None:
    attempts = Attempts(Endpoints("a:1,b:1"), timeout=10, clock=Clock())
    assert attempts.after_failure(unavailable()) == 0
    assert attempts.address == "b:1"
    assert (attempts.after_failure(unavailable()) or 0) > 0
    assert attempts.address == "a:1"


def test_leader_is_followed_and_left_when_gone() -> None:
    endpoints = Endpoints(["a:1", "b:1"])
    attempts = Attempts(endpoints, timeout=10, clock=Clock())
    attempts.after_failure(unavailable("NOT_LEADER", leader="c:1"))
    assert endpoints.current() == attempts.address == "c:1"
    attempts.after_failure(unavailable())
    assert attempts.address == "a:1"


def test_delays_grow_and_respect_what_the_service_says() -> None:
    attempts = Attempts(Endpoints("a:1"), timeout=1000, clock=Clock())
    delays = [attempts.after_failure(unavailable()) or 0 for _ in range(10)]
    assert 0.03 < delays[0] <= 0.05
    assert 1.5 <= delays[9] <= 2
    overloaded = RosterError(grpc.StatusCode.RESOURCE_EXHAUSTED, "", reason="OVERLOADED", retry_delay=7)
    assert attempts.after_failure(overloaded) == 7


def test_no_attempt_after_the_deadline() -> None:
    clock = Clock()
    attempts = Attempts(Endpoints("a:1"), timeout=10, clock=clock)
    clock.now = 9.99
    assert attempts.after_failure(unavailable()) is None


def test_one_of_several_addresses_does_not_get_all_the_time() -> None:
    assert Attempts(Endpoints("a:1,b:1"), timeout=8, clock=Clock()).attempt_timeout() == 4
    assert Attempts(Endpoints("a:1,b:1"), timeout=60, clock=Clock()).attempt_timeout() == 5
    assert Attempts(Endpoints("a:1"), timeout=60, clock=Clock()).attempt_timeout() == 60


def test_empty_address_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Endpoints("a:1,")


def test_request_ids_are_uuids_in_the_order_of_time() -> None:
    first = new_request_id()
    assert first[14] == "7"
    assert first[19] in "89ab"
    assert first[:8] <= new_request_id()[:8]


def test_classes_of_errors_are_reasons_of_the_contract() -> None:
    assert {f"ERROR_REASON_{reason}" for reason in _CLASSES} <= set(v1.ErrorReason.keys())


def test_refused_row_of_an_import_is_an_error_too() -> None:
    error = from_status(status_pb2.Status(code=6, message="taken"))
    assert error.code == grpc.StatusCode.ALREADY_EXISTS
