"""The client for threads, against real services."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

import roster
from roster import Client, v1
from tests.deployment import Deployment
from tests.fake_standby import FakeStandby


@pytest.fixture
def client(services: Deployment) -> Iterator[Client]:
    with Client(services.command_service, services.query_service, timeout=30) as client:
        yield client


def sign_up(client: Client, name: str) -> v1.SignUpUserResponse:
    return client.sign_up_user(v1.SignUpUserRequest(user_id=name, email=f"{name}@example.com"))


def test_repeated_request_id_returns_the_first_answer(client: Client) -> None:
    request = v1.SignUpUserRequest(email="repeat@example.com", request_id="repeat-1")
    first = client.sign_up_user(request)
    assert client.sign_up_user(request) == first


def test_reused_request_id_is_a_typed_error(client: Client) -> None:
    client.sign_up_user(v1.SignUpUserRequest(email="reuse@example.com", request_id="reuse-1"))
    with pytest.raises(roster.RequestIdReusedError):
        client.sign_up_user(v1.SignUpUserRequest(email="other@example.com", request_id="reuse-1"))


def test_request_ids_of_the_client_do_not_change_the_request_given(client: Client) -> None:
    request = v1.SignUpUserRequest(email="untouched@example.com")
    client.sign_up_user(request)
    assert request.request_id == ""


def test_reads_own_write(client: Client) -> None:
    for number in range(20):
        written = sign_up(client, f"own-write-{number}")
        read = client.get_user(
            v1.GetUserRequest(user_id=written.user.user_id, read_after=written.consistency_token)
        )
        assert read.user == written.user


def test_taken_address_is_a_typed_error(client: Client) -> None:
    sign_up(client, "taken")
    with pytest.raises(roster.EmailTakenError) as caught:
        client.sign_up_user(v1.SignUpUserRequest(email="Taken@example.com"))
    assert caught.value.reason == "EMAIL_TAKEN"


def test_etag_mismatch_is_a_typed_error_with_the_current_etag(client: Client) -> None:
    first = sign_up(client, "etag").user
    change = v1.User(user_id="etag", display_name="Ann", etag=first.etag)
    second = client.update_user(v1.UpdateUserRequest(user=change, update_mask=FieldMask(paths=["display_name"])))
    with pytest.raises(roster.EtagMismatchError) as caught:
        client.delete_user(v1.DeleteUserRequest(user_id="etag", etag=first.etag))
    assert caught.value.current_etag == second.user.etag


def test_malformed_fields_are_all_named(client: Client) -> None:
    with pytest.raises(roster.InvalidFieldError) as caught:
        client.sign_up_user(v1.SignUpUserRequest(email="none", user_id="a b"))
    assert {violation.field for violation in caught.value.field_violations} == {"email", "user_id"}


def test_missing_user_is_a_typed_error(client: Client) -> None:
    with pytest.raises(roster.UserNotFoundError):
        client.get_user(v1.GetUserRequest(user_id="nobody"))
    answer = client.batch_get_users(v1.BatchGetUsersRequest(user_ids=["nobody"]))
    assert answer.missing_user_ids == ["nobody"]


def test_lists_every_user_once(client: Client) -> None:
    written = [sign_up(client, f"list-{number:02}") for number in range(25)]
    request = v1.ListUsersRequest(
        filter=v1.ListUsersFilter(email_prefix="list-"),
        order_by="email",
        page_size=4,
        read_after=written[-1].consistency_token,
    )
    listed = [user.user_id for page in client.list_users(request) for user in page.users]
    assert listed == [answer.user.user_id for answer in written]


def test_list_that_was_cut_goes_on_after_the_last_page(own_services: Deployment) -> None:
    with Client(own_services.command_service, own_services.query_service, timeout=60) as client:
        written = [sign_up(client, f"cut-{number:02}") for number in range(10)]
        pages = client.list_users(v1.ListUsersRequest(page_size=2, limit=9, read_after=written[-1].consistency_token))
        listed = [user.user_id for user in next(pages).users]
        own_services.kill("query-service")
        own_services.start("query-service")
        listed += [user.user_id for page in pages for user in page.users]
        assert listed == [answer.user.user_id for answer in written][:9]


def test_watch_that_was_cut_misses_no_change(own_services: Deployment) -> None:
    with Client(own_services.command_service, own_services.query_service, timeout=60) as client:
        expected = {sign_up(client, f"watch-{number}").user.user_id for number in range(5)}
        watched: list[str] = []
        messages = client.watch_users()
        while len(watched) < 5:
            watched += [user.user_id for user in next(messages).users]
        own_services.kill("query-service")
        expected |= {sign_up(client, f"meanwhile-{number}").user.user_id for number in range(5)}
        own_services.start("query-service")
        while len(watched) < 10:
            watched += [user.user_id for user in next(messages).users]
        assert sorted(watched) == sorted(expected)


def test_watch_goes_on_from_a_kept_token(client: Client) -> None:
    written = sign_up(client, "kept-token")
    token = ""
    for message in client.watch_users(v1.WatchUsersRequest(read_after=written.consistency_token)):
        token = message.resume_token
        if message.HasField("synced"):
            break
    after = sign_up(client, "after-kept-token").user
    watched = (user for message in client.watch_users(v1.WatchUsersRequest(resume_token=token)) for user in message.users)
    assert next(watched) == after


def test_invalid_resume_token_ends_a_watch(client: Client) -> None:
    with pytest.raises(roster.InvalidTokenError):
        next(client.watch_users(v1.WatchUsersRequest(resume_token="none")))


def test_command_survives_the_death_of_the_leader(own_services: Deployment) -> None:
    addresses = [own_services.command_service, own_services.another_command_service]
    with Client(addresses, own_services.query_service, timeout=60) as client:
        request = v1.SignUpUserRequest(email="survivor@example.com", request_id="survivor-1")
        first = client.sign_up_user(request)
        own_services.kill("command-service")
        successor = threading.Thread(target=own_services.start, args=("another-command-service",))
        successor.start()
        # Nobody serves when this begins.
        assert client.sign_up_user(request) == first
        successor.join()
        assert sign_up(client, "later").offset > first.offset


def test_standby_leads_to_the_leader(client: Client, services: Deployment) -> None:
    # From here on the leader is ready: else it would be left for the standby again.
    sign_up(client, "ready")
    standby = FakeStandby(leader=services.command_service)
    with Client(standby.address, services.query_service) as client:
        sign_up(client, "led-1")
        sign_up(client, "led-2")
    assert standby.calls == 1
    standby.close()


def test_unreachable_service_says_so_within_the_timeout(services: Deployment) -> None:
    with Client(services.another_command_service, timeout=0.2) as client, pytest.raises(roster.UnreachableError):
        sign_up(client, "unreachable")


def test_tls_and_token(secure_services: Deployment) -> None:
    ca, token = secure_services.ca.read_bytes(), secure_services.token
    addresses = (secure_services.command_service, secure_services.query_service)
    with Client(*addresses, tls=roster.Tls(ca=ca), token=token.read_text, timeout=30) as client:
        written = sign_up(client, "secure")
        read = client.get_user(v1.GetUserRequest(user_id="secure", read_after=written.consistency_token))
        assert read.user == written.user
        assert next(client.watch_users()).users[0] == written.user
    with Client(*addresses, tls=roster.Tls(ca=ca)) as nobody, pytest.raises(roster.CredentialsError) as caught:
        sign_up(nobody, "nobody")
    assert caught.value.reason == "CREDENTIALS_MISSING"


def test_token_is_not_sent_in_plain_text_beyond_the_loopback() -> None:
    with pytest.raises(ValueError, match="plain text"):
        Client("roster.example.com:50051", token="secret")
