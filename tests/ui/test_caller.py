"""Whose callback runs, and who has caused it."""

import asyncio

from jupyter_trame import Server
from jupyter_trame.testing import AppLauncher
from jupyter_trame.ui.caller import calling_client, calling_server


def test_a_callback_knows_its_server_and_the_client_that_has_caused_it(trame: AppLauncher) -> None:
    seen: list[tuple[object, bool]] = []

    def app(server: Server) -> None:
        def look() -> None:
            seen.append((calling_server(), calling_client(server) is not None))

        server.trigger("call")(look)
        server.state.n = 0
        server.state.change("n")(look)

    async def main() -> Server:
        async with trame(app) as session:
            seen.clear()
            client = await session.client()
            await client.trigger("call")
            await session.set(n=1)
            return session.server

    server = asyncio.run(main())
    assert seen == [(server, True), (server, False)]


def test_elsewhere_there_is_none() -> None:
    assert calling_server() is None
    assert calling_client(Server("idle")) is None
