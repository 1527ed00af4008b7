"""A trame app as a service of a program: its thread, its pages, and its end."""

import asyncio
import contextlib
import gc
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_trame import ui
from jupyter_trame.client import Client
from jupyter_trame.errors import TrameError
from jupyter_trame.narvi import NarviServer
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from tests.contract import narvi_services
from tests.contract.narvi_hosts import TIMEOUT, LocalHostOfTests, Site, fetch, fetch_now, page, run, until

BASE = "w/counter/x"
servers: list[Server] = []
"""What the app was called with."""


def counter(server: Server, start: int = 1) -> None:
    servers.append(server)
    server.state.update({"count": start, "twice": 0, "thread": threading.get_ident(), "number": len(servers)})

    @server.state.change("count")
    def on_count(count: int, **_: Any) -> None:
        server.state.twice = 2 * count

    @server.controller.trigger("work")
    def work() -> bool:
        for number in range(3):
            server.state.progress = number
            server.state.flush()
            if not GOES_ON.acquire(timeout=TIMEOUT):
                return False
        return True

    @server.controller.trigger("leave")
    def leave() -> None:
        raise SystemExit

    @server.controller.trigger("end_all")
    def end_all() -> None:
        NARVI[0].close()


NARVI: list[NarviServer] = []
GOES_ON = threading.Semaphore(0)
"""Each release lets an app at work do one step."""


def publish(server: NarviServer, **options: Any) -> None:
    NARVI[:] = [server]
    servers.clear()
    service = server.register_service("w", "counter", "a.Counter", app=counter, **options)
    server.register_app("counter", service)
    narvi_services.probe(server)


@pytest.fixture
def site() -> Iterator[Site]:
    with LocalHostOfTests().running(publish, {"app_parameters": {"start": 5}}) as found:
        yield found


@asynccontextmanager
async def viewer(site: Site, base: str = BASE) -> Any:
    client = Client(f"ws://{site.host}{site.base}/{base}/ws")
    connecting = asyncio.create_task(client.connect(reconnect=True))
    try:
        await client.until_connected()
        yield client
    finally:
        await client.disconnect()
        await connecting


def sessions(site: Site, base: str = BASE) -> Any:
    return fetch_now(site, "GET", f"{base}/status").json["session_count"]


def test_pages_share_an_app(site: Site) -> None:
    async def scenario() -> None:
        page_of_it = await fetch(site, "GET", f"{BASE}/index.html")
        assert page_of_it.status == 200
        assert 'src="./page.js"' in page_of_it.text
        assert (await fetch(site, "GET", f"{BASE}/page.js")).status == 200
        assert not servers, "the page is there before its app"
        async with viewer(site) as one, viewer(site) as other:
            await until(lambda: one.state["twice"] == 10 and other.state["twice"] == 10)
            with one.state as state:
                state["count"] = 7
            await until(lambda: other.state["twice"] == 14)
            assert await asyncio.to_thread(sessions, site) == 2
            assert one.state["thread"] != threading.get_ident()
        await until(lambda: sessions(site) == 0)
        assert len(servers) == 1
        found = (await asyncio.to_thread(site.call, "get_service_statuses", "w"))["counter"]["instances"]
        assert list(found) == ["x"]

    run(scenario)


def test_an_app_at_work_delays_nobody_else(site: Site) -> None:
    async def scenario() -> None:
        async with viewer(site) as one, viewer(site, "w/counter/y") as other, page(site) as third:
            await until(lambda: one.state["twice"] == 10)
            worked = asyncio.ensure_future(one.call_trigger("work"))
            await until(lambda: "progress" in one.state)
            with other.state as state:
                state["count"] = 6
            await until(lambda: other.state["twice"] == 12)
            assert await third.do("echo", value=1) == 1
            assert (await fetch(site, "GET", f"{BASE}/index.html")).status == 200
            # What it says while it works is seen while it works.
            for number in range(3):
                await until(lambda number=number: one.state["progress"] == number)
                assert not worked.done()
                GOES_ON.release()
            assert await worked

    run(scenario)


def test_life(site: Site) -> None:
    async def scenario() -> None:
        async with viewer(site) as one:
            await until(lambda: one.state["twice"] == 10)
            with one.state as state:
                state["count"] = 8
            await until(lambda: one.state["twice"] == 16)
            await asyncio.to_thread(site.call, "restart_service", "w", "counter", "x")
            await until(lambda: len(servers) == 2 and not servers[0].running)
            # The page comes back by itself, to the new one.
            await until(lambda: one.state["twice"] == 10)
        await asyncio.to_thread(site.call, "stop_service", "w", "counter", "x")
        assert not servers[1].running
        assert (await fetch(site, "GET", f"{BASE}/status")).status == 404

    run(scenario)


def test_an_app_that_ends_by_itself_is_gone(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with viewer(site) as one:
            await until(lambda: one.state["twice"] == 10)
            servers[0].stop()
            await until(lambda: one.state["number"] == 2)
            leaving = asyncio.ensure_future(one.call_trigger("leave"))
            await until(lambda: one.state["number"] == 3)
            assert not servers[1].running
            leaving.cancel()
            with contextlib.suppress(TrameError, asyncio.CancelledError):
                await leaving

    run(scenario)
    assert caplog.text.count("an instance of counter has ended: the app has ended by itself") == 2
    assert "Traceback" not in caplog.text


def test_each_session_an_app_of_its_own() -> None:
    async def scenario() -> None:
        async with viewer(own) as one, viewer(own) as other:
            await until(lambda: one.state["twice"] == 2 and other.state["twice"] == 2)
            with one.state as state:
                state["count"] = 4
            await until(lambda: one.state["twice"] == 8)
            assert other.state["twice"] == 2
            assert (await asyncio.to_thread(sessions, own)) == 2
        await until(lambda: not any(server.running for server in servers))
        assert len(servers) == 2

    with LocalHostOfTests().running(publish, {"shared_service": False}) as own:
        run(scenario)


def test_nothing_is_left_of_apps_that_have_ended(site: Site) -> None:
    site.call("start_service", "w", "counter", "x")
    site.call("restart_service", "w", "counter", "x")
    first = weakref.ref(servers.pop(0))
    assert servers[0].name in registry.process.servers
    site.call("stop_service", "w", "counter", "x")
    assert servers[0].name not in registry.process.servers
    gc.collect()
    assert first() is None


def test_idle_apps_end() -> None:
    async def scenario() -> None:
        async with viewer(short) as one:
            await until(lambda: one.state["twice"] == 2)
        await until(lambda: not servers[0].running)

    with LocalHostOfTests().running(publish, {"idle_timeout": 0}) as short:
        run(scenario)


def test_refused_ids_start_nothing() -> None:
    with LocalHostOfTests().running(publish, {"service_id_validator": ["x"]}) as strict:
        for path in ("index.html", "ws", "page.js"):
            assert fetch_now(strict, "GET", f"w/counter/evil/{path}").status == 404
        refused = fetch_now(
            strict,
            "GET",
            "w/counter/evil/ws",
            headers={
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            },
        )
        assert refused.status == 404
        assert not servers


def test_apps_that_fail_say_why() -> None:
    def broken(server: Server) -> None:
        raise RuntimeError("no data today")

    def eager(server: Server) -> None:
        server.start(exec_mode="task", backend="generic", args=[])

    def setup(server: NarviServer) -> None:
        for name, app in (("broken", broken), ("eager", eager), ("missing", "no.such.module:app")):
            service = server.register_service("w", name, "a.App", app=app)
            server.register_app(name, service)

    with LocalHostOfTests().running(setup) as failing:
        for name, reason in (
            ("broken", "the app failed: RuntimeError: no data today"),
            ("eager", "the app has started its server"),
            ("missing", "^the module no.such.module cannot be imported"),
        ):
            with pytest.raises(Exception, match=reason):
                failing.call("start_service", "w", name, "x")


def test_the_whole_server_ends_with_pages_open(site: Site) -> None:
    async def scenario() -> None:
        async with viewer(site) as one:
            await until(lambda: one.state["twice"] == 10)
            began = time.monotonic()
            await asyncio.to_thread(site.call, "close")
            assert time.monotonic() - began < 5
            assert not servers[0].running

    run(scenario)


def test_an_app_may_end_the_whole_server(site: Site) -> None:
    async def scenario() -> None:
        async with viewer(site) as one:
            await until(lambda: one.state["twice"] == 10)
            asking = asyncio.ensure_future(one.call_trigger("end_all"))
            await until(lambda: not servers[0].running)
            asking.cancel()  # the answer may not come
            with contextlib.suppress(TrameError, asyncio.CancelledError):
                await asking

    run(scenario)


def test_large_values_cross_in_both_directions(site: Site) -> None:
    async def scenario() -> None:
        async with viewer(site) as one, viewer(site) as other:
            await until(lambda: other.state["twice"] == 10)
            big = bytes(range(256)) * 40_000
            with one.state as state:
                state["picture"] = big
            await until(lambda: "picture" in other.state and other.state["picture"] == big)

    run(scenario)


def test_files_are_those_of_any_session_but_a_figure_finds_its_script() -> None:
    made: list[Server] = []

    def app(server: Server) -> None:
        made.append(server)
        figure = go.Figure() if len(made) == 2 else None
        with ui.app(server):
            ui.output(lambda: figure)

    def setup(server: NarviServer) -> None:
        service = server.register_service("w", "plots", "a.Plots", app=app, shared_service=False)
        server.register_app("plots", service)

    async def scenario(site: Site) -> None:
        async with viewer(site, "w/plots/x"), viewer(site, "w/plots/x") as other:
            await until(lambda: other.state["trame__scripts"])
            for script in other.state["trame__scripts"]:
                assert (await fetch(site, "GET", f"w/plots/x/{script}")).status == 200

    with LocalHostOfTests().running(setup) as site:
        run(partial(scenario, site))
