"""The client for asyncio: that it does as the other one does; what they share is tested there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import pytest

import roster
from roster import AsyncClient, v1
from tests.deployment import Deployment
from tests.fake_standby import FakeStandby


def run(services: Deployment, test: Callable[[AsyncClient], Awaitable[None]]) -> None:
    async def with_client() -> None:
        addresses = [services.command_service, services.another_command_service]
        async with AsyncClient(addresses, services.query_service, timeout=60) as client:
            await asyncio.wait_for(test(client), 120)

    asyncio.run(with_client())


async def sign_up(client: AsyncClient, name: str) -> v1.SignUpUserResponse:
    return await client.sign_up_user(v1.SignUpUserRequest(user_id=name, email=f"{name}@example.com"))


def test_commands_and_queries(services: Deployment) -> None:
    async def test(client: AsyncClient) -> None:
        request = v1.SignUpUserRequest(user_id="aio", email="aio@example.com", request_id="aio-1")
        first = await client.sign_up_user(request)
        assert await client.sign_up_user(request) == first
        read = await client.get_user(v1.GetUserRequest(user_id="aio", read_after=first.consistency_token))
        assert read.user == first.user
        with pytest.raises(roster.EmailTakenError):
            await client.sign_up_user(v1.SignUpUserRequest(email="aio@example.com"))
        with pytest.raises(roster.EtagMismatchError) as caught:
            await client.delete_user(v1.DeleteUserRequest(user_id="aio", etag="1-0"))
        assert caught.value.current_etag == first.user.etag
        prefix = v1.ListUsersFilter(email_prefix="aio@")
        listed = [user async for page in client.list_users(v1.ListUsersRequest(filter=prefix)) for user in page.users]
        assert listed == [first.user]

    run(services, test)


async def take(messages: AsyncGenerator[v1.WatchUsersResponse, None], count: int) -> list[str]:
    watched: list[str] = []
    while len(watched) < count:
        watched += [user.user_id for user in (await anext(messages)).users]
    return watched


def test_watch_that_was_cut_misses_no_change(own_services: Deployment) -> None:
    async def test(client: AsyncClient) -> None:
        expected = [(await sign_up(client, f"watch-{number}")).user.user_id for number in range(5)]
        async with aclosing(client.watch_users()) as messages:
            watched = await take(messages, 5)
            await asyncio.to_thread(own_services.kill, "query-service")
            expected += [(await sign_up(client, f"meanwhile-{number}")).user.user_id for number in range(5)]
            await asyncio.to_thread(own_services.start, "query-service")
            watched += await take(messages, 5)
        assert sorted(watched) == sorted(expected)

    run(own_services, test)


def test_command_survives_the_death_of_the_leader(own_services: Deployment) -> None:
    async def test(client: AsyncClient) -> None:
        request = v1.SignUpUserRequest(email="survivor@example.com", request_id="survivor-1")
        first = await client.sign_up_user(request)
        own_services.kill("command-service")
        successor = asyncio.to_thread(own_services.start, "another-command-service")
        again, _ = await asyncio.gather(client.sign_up_user(request), successor)
        assert again == first

    run(own_services, test)


def test_standby_leads_to_the_leader(services: Deployment) -> None:
    standby = FakeStandby(leader=services.command_service)

    async def test() -> None:
        # From here on the leader is ready: else it would be left for the standby again.
        async with AsyncClient(services.command_service, services.query_service) as client:
            await sign_up(client, "aio-ready")
        async with AsyncClient(standby.address, services.query_service) as client:
            await sign_up(client, "aio-led-1")
            await sign_up(client, "aio-led-2")

    asyncio.run(test())
    assert standby.calls == 1
    standby.close()


def test_cancelled_watch_ends(services: Deployment) -> None:
    async def test(client: AsyncClient) -> None:
        async def watch() -> None:
            async for _ in client.watch_users():
                started.set()

        started = asyncio.Event()
        task = asyncio.create_task(watch())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(services, test)


def test_tls_and_token(secure_services: Deployment) -> None:
    tls = roster.Tls(ca=secure_services.ca.read_bytes())

    async def test() -> None:
        addresses = (secure_services.command_service, secure_services.query_service)
        async with AsyncClient(*addresses, tls=tls, token=secure_services.token.read_text, timeout=30) as client:
            written = await sign_up(client, "secure")
            async with aclosing(client.watch_users()) as messages:
                assert await take(messages, 1) == [written.user.user_id]

    asyncio.run(test())
