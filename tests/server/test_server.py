"""The surface of `Server`."""

import asyncio
import types
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.server import Server
from jupyter_trame.server.protocol import CoreProtocol
from tests.server.support import App

Start = Callable[..., App]


def test_initial_state_is_what_clients_expect() -> None:
    server = Server("My app")
    assert list(server.state.initial) == [
        "trame__scripts",
        "trame__module_scripts",
        "trame__styles",
        "trame__vue_use",
        "trame__react_use",
        "trame__mousetrap",
        "trame__client_only",
        "trame__busy",
        "trame__favicon",
        "trame__title",
    ]
    assert server.state.trame__title == "My app"
    assert server.state.trame__client_only == ["trame__busy"]


def test_stock_layouts_and_widgets_work_unmodified() -> None:
    from trame_client.ui.html import DivLayout
    from trame_client.widgets import html

    server = Server("ui")
    with DivLayout(server) as layout:
        html.Input(v_model=("name", "World"))
        html.Button("Hello {{ name }}", click=lambda: None, ref="button")
    assert server.state.name == "World"
    assert server.controller.trigger_fn("trigger__1") is not None
    assert "trigger('trigger__1')" in server.state.trame__template_main
    assert layout.html == server.state.trame__template_main


def test_virtual_nodes_come_from_trame_client() -> None:
    from trame_client.widgets.core import VirtualNode

    server = Server("ui")
    assert isinstance(server.ui.main, VirtualNode)
    assert server.ui.main is server.ui["main"]
    assert server.ui.main.server is server


def test_child_servers_share_everything_but_names() -> None:
    root = Server("family")
    child = root.create_child_server(prefix="c_")
    child.state.x = 1
    assert root.state.c_x == 1
    assert child.root_server is root
    assert (child.name, child.options, child.ui) == (root.name, root.options, root.ui)
    assert child.create_child_server(prefix="g_").root_server is root
    child.context.y = 2
    assert root.context.c_y == 2


def test_client_type_is_set_once() -> None:
    server = Server("type")
    assert server.client_type == "vue3"
    server.client_type = "vue2"
    server.client_type = "vue2"
    with pytest.raises(TypeError, match="vue2"):
        server.client_type = "react"
    with pytest.raises(TypeError, match="one of"):
        server.client_type = "angular"  # type: ignore[assignment]


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ServerError, match="Unknown exec_mode: desktop"):
        Server("mode").start(exec_mode="desktop")  # type: ignore[arg-type]


async def _started(start: Start) -> None:
    server = Server("life")
    assert (server.running, server._running_stage, server.port) == (False, 0, 0)
    start(server)
    assert (server.running, server._running_stage) == (True, 2)
    assert await server.ready is True
    assert server.start() is None
    await server.stop()
    assert server._running_stage == 0
    await server.stop()


def test_start_and_stop(start: Start) -> None:
    asyncio.run(_started(start))


async def _js_call(start: Start) -> None:
    server = Server("js")
    server.js_call("early", "nothing")
    client = await start(server).client()
    server.js_call("ref", "focus", 1, {"a": 2})
    await client.until(lambda: client.published("trame.actions.topic"))
    assert client.published("trame.actions.topic") == [
        [{"type": "method", "ref": "ref", "method": "focus", "args": [1, {"a": 2}]}]
    ]


def test_js_call_reaches_clients_after_start_only(start: Start) -> None:
    asyncio.run(_js_call(start))


async def _protocol_call(start: Start) -> None:
    server = Server("protocol")
    with pytest.raises(ValueError, match="does not exist yet"):
        server.protocol_call("x")

    def method(self: object, value: object) -> object:
        return [self, value]

    method._wslinkuris = [{"uri": "my.method"}]  # type: ignore[attr-defined]
    registered = type("Any", (), {"method": method})()
    server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(registered))
    start(server)
    assert isinstance(server.protocol, CoreProtocol)
    live = object()
    assert server.protocol_call("my.method", live) == [registered, live]
    assert server.protocol_call("unknown") is None


def test_protocol_call_passes_live_objects(start: Start) -> None:
    asyncio.run(_protocol_call(start))


async def _traits(start: Start) -> None:
    server = Server("traits")
    server.state.x = 1
    client = await start(server).client()
    seen: list[Any] = []
    server.traits.observe(lambda change: seen.append(change["new"]), names="x")
    client.write(x=5)
    await client.settled()
    assert seen == [5]
    server.traits.x = 7
    await client.until(lambda: client.state["x"] == 7)


def test_traits_follow_clients_and_reach_them(start: Start) -> None:
    asyncio.run(_traits(start))


def test_enable_module_takes_modules_and_dicts() -> None:
    server = Server("modules")
    module = types.ModuleType("m")
    module.__dict__["state"] = {"from_module": 1}
    assert server.enable_module(module) is True
    assert server.enable_module(module) is False
    assert server.state.from_module == 1
    assert server._loaded_modules == {module}


def test_repr_says_the_stage() -> None:
    assert repr(Server("r")) == "<Server 'r', stopped>"
