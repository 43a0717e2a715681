"""Two command services on one topic: one leads, the other stands by. Needs a broker (ROSTER_TEST_KAFKA)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from roster import Client, v1
from tests.deployment import Deployment

FAILOVER_S = 90


@pytest.fixture
def services() -> Iterator[Deployment]:
    deployment = Deployment("--kafka")
    yield deployment
    deployment.close()


def sign_up(client: Client, name: str) -> v1.SignUpUserResponse:
    request = v1.SignUpUserRequest(user_id=name, email=f"{name}@example.com", request_id=f"sign-up-{name}")
    return client.sign_up_user(request, timeout=FAILOVER_S)


def test_client_follows_the_standby_and_survives_the_death_of_the_leader(services: Deployment) -> None:
    addresses = {
        "command-service": services.command_service,
        "another-command-service": services.another_command_service,
    }
    clients = [Client(address, services.query_service) for address in addresses.values()]
    # Whoever is asked, the one that leads answers.
    first, repeated = (sign_up(client, "ann") for client in clients)
    assert repeated.event_id == first.event_id
    sign_up(clients[1], "bea")

    # Both have learnt who leads.
    leader = {client._commands._endpoints.current() for client in clients}
    assert len(leader) == 1
    (name,) = (name for name, address in addresses.items() if address in leader)
    with Client(list(addresses.values()), services.query_service) as client:
        assert sign_up(client, "ann").event_id == first.event_id
        services.kill(name)
        assert sign_up(client, "ann").event_id == first.event_id
        last = sign_up(client, "eve")
        read = client.get_user(v1.GetUserRequest(user_id="eve", read_after=last.consistency_token), timeout=FAILOVER_S)
        assert read.user == last.user
    for client in clients:
        client.close()
