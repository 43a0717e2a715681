"""What is asked for after a cut."""

from __future__ import annotations

from roster import v1
from roster._resume import ListResume, WatchResume


def page(users: int, token: str) -> v1.ListUsersResponse:
    return v1.ListUsersResponse(users=[v1.User() for _ in range(users)], next_page_token=token)


def test_list_goes_on_after_the_pages_taken_with_what_is_left_of_the_limit() -> None:
    given = v1.ListUsersRequest(limit=5, order_by="email", read_after="write")
    resume = ListResume(given)
    assert resume.waits
    assert not resume.taken(page(2, "two"))
    assert resume.request == v1.ListUsersRequest(limit=3, order_by="email", read_after="write", page_token="two")
    # The page token holds the state that was waited for.
    assert not resume.waits
    assert resume.taken(page(3, "five"))
    assert given == v1.ListUsersRequest(limit=5, order_by="email", read_after="write")


def test_list_without_limit_ends_with_its_last_page() -> None:
    resume = ListResume(None)
    assert not resume.taken(page(2, "two"))
    assert resume.request.limit == 0
    assert resume.taken(page(0, ""))


def test_watch_goes_on_after_the_message_taken() -> None:
    resume = WatchResume(v1.WatchUsersRequest(read_after="write"))
    assert resume.waits
    assert not resume.taken(v1.WatchUsersResponse(resume_token="here"))
    assert resume.request == v1.WatchUsersRequest(resume_token="here")
