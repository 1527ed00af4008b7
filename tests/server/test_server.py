"""The surface of `Server`."""

import asyncio
import logging
import types
from collections.abc import Callable
from typing import Any, cast

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.rpc.protocols import CoreProtocol
from jupyter_trame.server import Server, runtime_of
from tests.support.servers import App

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
    server = Server("mode")
    with pytest.raises(ServerError, match="Unknown exec_mode: x; it is one of main"):
        server.start(exec_mode=cast("Any", "x"))
    assert server._running_stage == 0


def test_an_unknown_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server("backend")
    with pytest.raises(ServerError, match="pigeon"):
        server.start(backend="pigeon")
    monkeypatch.setenv("TRAME_BACKEND", "raven")
    with pytest.raises(ServerError, match="raven"):
        server.start()
    assert server._running_stage == 0
    assert server.protocol is None


def test_what_keeps_a_backend_from_starting_reaches_the_caller() -> None:
    server = Server("loop")
    with pytest.raises(RuntimeError, match="no running event loop"):
        server.start()
    assert server._running_stage == 0


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


async def _unpackable_argument(start: Start) -> None:
    server = Server("js")
    client = await start(server).client()
    server.js_call("ref", "focus", {(1, 2): 3})
    server.js_call("ref", "focus", 1)
    await client.until(lambda: client.published("trame.actions.topic"))
    assert [action["args"] for action in client.published("trame.actions.topic")[-1]] == [[1]]
    (error,) = server.errors
    assert error.where == "publication trame.actions.topic"
    assert "at [0]['args'][0]: a map's key must be text or a number, got tuple (1, 2)" in error.message


def test_an_argument_of_js_call_that_no_page_reads_is_named_with_its_place(start: Start) -> None:
    asyncio.run(_unpackable_argument(start))


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


async def _arguments(start: Start) -> None:
    server = Server("arguments")
    assert not hasattr(server, "server_options")
    server.cli.add_argument("--data")
    seen: list[Any] = []
    server.controller.add("on_server_start")(lambda server: server.cli.add_argument("--late"))
    server.start(
        port=5,
        thread=True,
        show_connection_info=False,
        disable_logging=True,
        follow_symlinks=True,
        exec_mode="task",
        timeout=7,
        host="10.0.0.1",
        args=["--data", "x", "--late", "y"],
        width=300,
    )
    assert (server.server_options.data, server.server_options.late) == ("x", "y")
    assert server.create_child_server(prefix="c_").server_options is server.server_options
    config = runtime_of(server).settings
    assert config is not None
    assert (config.host, config.port, config.timeout, config.follow_symlinks) == ("10.0.0.1", 5, 7, True)
    request = App(server).backend.calls[0][1]
    assert (request.exec_mode, request.signal_handlers, request.show_connection_info) == (
        "task",
        False,
        False,
    )
    assert request.window == {"width": 300}
    assert not seen


def test_arguments_reach_settings_and_backend(start: Start) -> None:
    asyncio.run(_arguments(start))


async def _child(start: Start) -> None:
    root = Server("root")
    child = root.create_child_server(prefix="c_")
    assert child.start() is None
    assert root.running
    assert child.running
    assert child.protocol is child._root_protocol is root.protocol
    assert child.ready is root.ready
    child.state.x = 1
    client = await App(root).client()
    client.state.clear()
    child.force_state_push("x")
    await client.until(lambda: client.state == {"c_x": 1})
    await child.stop()
    assert not root.running


def test_a_child_stands_for_its_root(start: Start) -> None:
    asyncio.run(_child(start))


async def _cache(start: Start) -> None:
    server = Server("cache")
    server.clear_state_client_cache("x", "unknown")
    server.state.x = 1
    client = await start(server).client()
    client.state.clear()
    server.state.dirty("x")
    server.state.flush()
    assert client.state == {}
    server.clear_state_client_cache("x", "unknown")
    server.state.dirty("x")
    server.state.flush()
    assert client.state == {"x": 1}


def test_a_value_is_sent_again_once_the_cache_is_cleared(start: Start) -> None:
    asyncio.run(_cache(start))


def test_the_state_of_a_server() -> None:
    server = Server("state")
    server.state.x = 1
    found = server.get_server_state()
    assert found["name"] == "state"
    assert found["state"]["x"] == 1


async def _views(start: Start) -> None:
    server = Server("views")
    app = start(server)
    server.view("side", embed="frame")
    assert app.backend.calls[-1] == ("view", ("side", "frame"))
    server.open("right")
    assert app.backend.calls[-1] == ("open", "right")
    with pytest.raises(ServerError, match="one of tab"):
        server.open(cast("Any", "moon"))


def test_views_are_the_backends_business(start: Start) -> None:
    asyncio.run(_views(start))


async def _secret(start: Start) -> None:
    for compat, args, secret in (
        ("trame", [], "wslink-secret"),
        ("trame", ["--host", "0.0.0.0"], None),
        (None, [], None),
        (None, ["--authKey", "mine"], "mine"),
    ):
        server = Server("secret", compat=cast("Any", compat))
        fresh = runtime_of(server).secret
        server.start(args=args)
        assert runtime_of(server).secret == (secret or fresh)
        assert runtime_of(server).primary.info["secret"] == runtime_of(server).secret
        assert server.protocol is not None
        assert server.protocol.secret == runtime_of(server).secret


def test_the_secret_follows_the_manners_and_the_command_line(start: Start) -> None:
    asyncio.run(_secret(start))


def test_debugging_shows_more(start: Start) -> None:
    async def scenario() -> None:
        logger = logging.getLogger("jupyter_trame")
        level = logger.level
        try:
            server = Server("debug")
            server.start(args=["--debug"], disable_logging=True)
            assert logger.level == level
            await server.stop()
            server.start(args=["--debug"])
            assert logger.level == logging.DEBUG
            assert runtime_of(server).shows_traces
        finally:
            logger.setLevel(level)

    asyncio.run(scenario())


def test_what_configures_a_protocol_is_a_function() -> None:
    with pytest.raises(TypeError, match="a function, not 5"):
        Server("app").add_protocol_to_configure(5)  # type: ignore[arg-type]
