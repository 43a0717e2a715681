"""The same client for asyncio: signs users up side by side, and watches them come: python examples/tour_async.py

Environment: see tour.py.
"""

import asyncio
import os
from contextlib import aclosing

from roster import AsyncClient, EmailTakenError, v1


async def watch_until(roster: AsyncClient, emails: set[str]) -> int:
    """Returns once it has seen all of them."""
    seen: set[str] = set()
    # aclosing ends the call when the loop is left.
    async with aclosing(roster.watch_users()) as messages:
        async for message in messages:
            seen |= emails & {user.email for user in message.users}
            if seen == emails:
                break
    return len(seen)


async def sign_up_all(roster: AsyncClient, emails: set[str]) -> int:
    async def sign_up(email: str) -> None:
        try:
            await roster.sign_up_user(v1.SignUpUserRequest(email=email))
        except EmailTakenError:
            pass

    await asyncio.gather(*(sign_up(email) for email in emails))
    return len(emails)


async def main() -> None:
    emails = {f"user-{number}@example.com" for number in range(100)}
    command_service = os.environ.get("ROSTER_COMMAND_SERVICE", "127.0.0.1:50051")
    query_service = os.environ.get("ROSTER_QUERY_SERVICE", "127.0.0.1:50052")
    async with AsyncClient(command_service, query_service) as roster:
        seen, signed_up = await asyncio.gather(watch_until(roster, emails), sign_up_all(roster, emails))
    print(f"signed up {signed_up}, saw {seen} of them come")


if __name__ == "__main__":
    asyncio.run(main())
