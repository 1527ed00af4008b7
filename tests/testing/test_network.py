"""Frames take as long as a test says, and time passes only when it says so."""

import asyncio

import pytest

from jupyter_trame.testing.app_session import AppSession
from jupyter_trame.testing.network import Network, Route
from tests.testing.support import TIMEOUT, Counter, run


def test_arrivals_have_one_order() -> None:
    async def main() -> None:
        network, seen = Network(asyncio.get_running_loop()), list[str]()
        network.schedule(0.5, lambda: seen.append("late"))
        network.schedule(0.2, lambda: seen.append("early"))
        network.schedule(0.2, lambda: seen.append("early too"))
        network.schedule(0.0, lambda: seen.append("now"))
        assert seen == []
        await network.quiet()
        assert seen == ["now"]
        await network.advance(0.3)
        assert (seen, network.now) == (["now", "early", "early too"], 0.3)
        assert network.step()
        assert (seen[-1], network.now) == ("late", 0.5)
        assert not network.step()

    run(main())


def test_an_arrival_may_cause_another_within_the_time() -> None:
    async def main() -> None:
        network, seen = Network(asyncio.get_running_loop()), list[float]()

        def again() -> None:
            seen.append(network.now)
            network.schedule(network.now + 0.2, again)

        network.schedule(0.2, again)
        await network.advance(0.7)
        assert [round(at, 6) for at in seen] == [0.2, 0.4, 0.6]
        assert network.now == 0.7

    run(main())


def test_a_frame_does_not_overtake() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            client = await session.client()
            client.delay(1.0)
            with session.state:
                session.state.n = 2
            client.delay(0.0)
            with session.state:
                session.state.n = 3
            await session.advance(0.9)
            assert client.state.n == 1
            await session.advance(0.1)
            assert client.state.n == 3

    run(main())


def test_the_server_hears_of_a_cut_and_keeps_the_session() -> None:
    async def main() -> None:
        async with AppSession(Counter, {}, TIMEOUT) as session:
            client = await session.client()
            site = session.server._server._site
            before = client.peer._exchange.session.client_id
            client.cut()
            assert site.clients == 0
            assert not client.connected
            await client.resume()
            assert site.clients == 1
            assert client.peer._exchange.session.client_id == before

    run(main())


def test_a_route_without_a_server() -> None:
    def find() -> None:
        raise ConnectionError("there is none")

    async def main() -> None:
        route = Route(Network(asyncio.get_running_loop()), find)  # type: ignore[arg-type]
        assert (route.passable, route.connected, route.in_flight, route.delay) == (True, False, 0, 0.0)
        with pytest.raises(ConnectionError, match="there is none"):
            await route.open()
        route.cut()
        assert not route.passable
        route.resume()
        assert route.passable

    run(main())
