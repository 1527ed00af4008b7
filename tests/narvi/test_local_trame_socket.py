"""The sockets of trame apps: who gets one; what they carry is in test_local_trame.py."""

import pytest
from websockets.exceptions import InvalidStatus

from jupyter_trame.narvi import NarviServer
from jupyter_trame.server import Server
from tests.contract import narvi_services
from tests.contract.narvi_hosts import LocalHostOfTests, fetch_now, page, run, until


def _app(server: Server) -> None:
    server.state.x = 1


def _setup(server: NarviServer) -> None:
    service = server.register_service("w", "app", "a.App", app=_app)
    server.register_app("app", service)
    narvi_services.probe(server)


def test_who_gets_one() -> None:
    async def scenario() -> None:
        for path in ("w/app/x/ws", "w/probe/x/connect"):
            with pytest.raises(InvalidStatus, match="403"):
                async with page(site, path, hello=False, headers={"Origin": "https://evil.example"}):
                    pass
        for path in ("w/probe/x/ws", "w/app/x/other", "w/nobody/x/ws"):
            with pytest.raises(InvalidStatus, match="404"):
                async with page(site, path, hello=False):
                    pass

    with LocalHostOfTests().running(_setup) as site:
        run(scenario)


def test_one_that_breaks_the_rules_is_let_go() -> None:
    async def scenario() -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        url = f"ws://{site.host}{site.base}/w/app/x/ws"
        async with connect(url, proxy=None) as one:
            await one.send(b"\xff" * 100)
            with pytest.raises(ConnectionClosed):
                while True:
                    await one.recv()

        def gone() -> bool:
            return bool(fetch_now(site, "GET", "w/app/x/status").json["session_count"] == 0)

        await until(gone)

    with LocalHostOfTests().running(_setup) as site:
        run(scenario)
