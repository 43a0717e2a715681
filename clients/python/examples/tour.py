"""What a caller of Roster meets, from sign-up to watching: python examples/tour.py

ROSTER_COMMAND_SERVICE and ROSTER_QUERY_SERVICE name the services, by default those of ./dev run. For empty services; what
it makes stays there.
"""

import os

from google.protobuf.field_mask_pb2 import FieldMask

from roster import Client, EmailTakenError, EtagMismatchError, new_request_id, v1


def sign_up(roster: Client) -> v1.SignUpUserResponse:
    # Keep the request_id with what you are about to do: whatever happens to this process, the same request with the same
    # id takes effect once. The client repeats it by itself for as long as the timeout allows.
    request = v1.SignUpUserRequest(email="ann@example.com", display_name="Ann Lee", request_id=new_request_id())
    first = roster.sign_up_user(request)
    print(f"signed up {first.user.email}, version {first.user.version}")

    repeated = roster.sign_up_user(request)
    print(f"repeated the request: the same event is {repeated.event_id == first.event_id}")
    return first


def read_own_write(roster: Client, written: v1.SignUpUserResponse) -> None:
    request = v1.GetUserRequest(user_id=written.user.user_id, read_after=written.consistency_token)
    print(f"read my own write: {roster.get_user(request).user.display_name}")


def meet_taken_address(roster: Client) -> None:
    try:
        roster.sign_up_user(v1.SignUpUserRequest(email="Ann@example.com"))
    except EmailTakenError:
        print("Ann@example.com is taken")


def rename(roster: Client, seen: v1.User, name: str, last_write: str) -> v1.UpdateUserResponse:
    """Changes the name of the user as `seen`; where they have changed since, reads them again first."""
    change = v1.User(user_id=seen.user_id, display_name=name, etag=seen.etag)
    try:
        return roster.update_user(v1.UpdateUserRequest(user=change, update_mask=FieldMask(paths=["display_name"])))
    except EtagMismatchError:
        print(f"{seen.display_name} has changed since version {seen.version}: reading again")
        now = roster.get_user(v1.GetUserRequest(user_id=seen.user_id, read_after=last_write)).user
        return rename(roster, now, name, last_write)


def list_users(roster: Client, last_write: str) -> None:
    for page in roster.list_users(v1.ListUsersRequest(order_by="email", read_after=last_write)):
        for user in page.users:
            print(f"listed {user.email}, {user.display_name}")


def watch(roster: Client, until_version: int) -> str:
    """Follows the users until one has that version. Returns the token to go on with, also in another process."""
    for message in roster.watch_users():
        for user in message.users:
            print(f"watched {user.email}, version {user.version}")
            if user.version >= until_version:
                return message.resume_token
    raise AssertionError("a watch never ends by itself")


def main() -> None:
    # Several addresses, separated by commas: the client finds the command service that leads.
    command_service = os.environ.get("ROSTER_COMMAND_SERVICE", "127.0.0.1:50051")
    query_service = os.environ.get("ROSTER_QUERY_SERVICE", "127.0.0.1:50052")
    with Client(command_service, query_service) as roster:
        ann = sign_up(roster)
        read_own_write(roster, ann)
        meet_taken_address(roster)
        write = rename(roster, ann.user, "Ann Moor", ann.consistency_token)
        write = rename(roster, ann.user, "Ann Ruiz", write.consistency_token)
        print(f"renamed to {write.user.display_name}, version {write.user.version}")
        list_users(roster, write.consistency_token)
        watch(roster, until_version=write.user.version)


if __name__ == "__main__":
    main()
