"""`Server`: construction and what can be had before it starts."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.server import Server
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both

EXPORTS = {
    "": ["Server", "Client", "__version__"],
    "core": [
        "Server",
        "Controller",
        "State",
        "Translator",
        "set_default_client_type",
        "DEFAULT_CLIENT_TYPE",
        "ClientType",
        "BackendType",
        "ExecModeType",
    ],
    "state": ["State"],
    "controller": ["Controller", "ControllerFunction", "FunctionNotImplementedError"],
    "utils.asynchronous": ["create_task", "task"],
    "utils.namespace": ["Translator"],
    "utils.typed_state": ["TypedState"],
    "utils.hot_reload": ["hot_reload"],
    "utils.version": ["get_version"],
}
KEYS = [
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
VARIABLES = [
    ("log_network", "TRAME_LOG_NETWORK", "some.log", "some.log", None),
    ("ws_max_msg_size", "TRAME_WS_MAX_MSG_SIZE", "1000", 1000, 10_000_000),
    ("ws_heart_beat", "TRAME_WS_HEART_BEAT", "5", 5, 30),
    ("desktop_debug", "TRAME_DESKTOP_DEBUG", "1", True, False),
]


@pytest.mark.parametrize("module", EXPORTS, ids=lambda name: name or "root")
@fact("api 1", "`trame_server` and its modules export what programs import from them")
@both
def test_exports(peer: Peer, module: str) -> None:
    assert [name for name in EXPORTS[module] if not hasattr(peer.module(module), name)] == []


@fact("api 1", "`Server(name='trame', vn_constructor=None, translator=None, parent_server=None, **options)`")
@both
def test_constructor(peer: Peer) -> None:
    kind = peer.module("").Server
    assert kind().name == "trame"
    root = kind("root", lambda trame_server: "node", peer.translator("p_"), None, my_option=1)
    root.state.a = 1
    assert (root.ui.main, root.state.initial["p_a"], root.options["my_option"]) == ("node", 1, 1)
    assert kind("child", None, peer.translator("c_"), root).root_server is root


@pytest.mark.parametrize(("option", "variable", "text", "value", "default"), VARIABLES)
@fact(
    "api 1",
    "`log_network`, `ws_max_msg_size`, `ws_heart_beat`, `desktop_debug`: argument, else variable, else default",
)
@both
def test_options(
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    variable: str,
    text: str,
    value: Any,
    default: Any,
) -> None:
    assert (peer.server().options[option] or None) == (default or None)
    monkeypatch.setenv(variable, text)
    found = peer.server().options[option]
    assert str(found) in {text, str(value)}
    assert peer.server(**{option: 7}).options[option] == 7  # type: ignore[arg-type]


@fact("api 1", "unknown options are kept, and children share the dict")
@both
def test_unknown_options(peer: Peer) -> None:
    server = peer.server(mine=1)
    assert server.options["mine"] == 1
    assert server.create_child_server(prefix="c_").options is server.options


@fact("api 1", "a new root server sets its state keys in this order, pending and not flushed")
@fact("api 1", "`trame__title` is `Trame`, `trame__busy` 1, `trame__client_only` `['trame__busy']`")
@both
def test_initial_state(peer: Peer) -> None:
    server = peer.server()
    assert server.state.is_dirty_all(*KEYS)
    state = server.state.initial
    assert list(state) == KEYS
    assert all(state[key] == [] for key in KEYS[:6])
    assert state["trame__client_only"] == ["trame__busy"]
    assert (state["trame__busy"], state["trame__favicon"], state["trame__title"]) == (1, None, "Trame")


@fact("api 1", "without `compat` the title is the server's name", trame="always `Trame`")
def test_strict_title() -> None:
    assert Server("My app").state.trame__title == "My app"


@fact("api 1", "no server writes into the environment", trame="sets `WSLINK_READY_MSG` to an empty string")
def test_environment() -> None:
    import os

    before = dict(os.environ)
    OURS.server()
    assert dict(os.environ) == before


@fact("api 1", "`name` is shared with children; `root_server` is the topmost server, itself for a root")
@fact("api 1", "`translator` is each server's own")
@both
def test_family(peer: Peer) -> None:
    root = peer.server("family")
    child = root.create_child_server(prefix="c_")
    assert (root.name, child.name) == ("family", "family")
    assert root.root_server is root
    assert child.root_server is root
    assert (root.translator("a"), child.translator("a")) == ("a", "c_a")


@fact("api 1", "`context` is a state of its own kind that is pushed to nobody")
@both
def test_context(peer: Peer) -> None:
    server = peer.server()
    server.context.a = 1
    assert isinstance(server.context, peer.module("state").State)
    assert not server.state.has("a")


@fact("api 1", "`server.change(*names)` is `state.change`")
@fact("api 1", "`server.trigger(name)` and `server.trigger_name(fn)` are the controller's")
@both
def test_shortcuts(peer: Peer) -> None:
    server = peer.server()

    @server.change("a")
    def on_a(**_: object) -> None:
        pass

    assert server.state._change_callbacks["a"][0][0] is on_a

    @server.trigger("go")
    def go() -> None:
        pass

    assert server.controller.trigger_fn("go") is go
    assert server.trigger_name(go) == "go"


@fact("api 1", "`client_type` is the module's default, `vue3`, until it is set; reading does not freeze it")
@fact("api 1", "`client_type` can be set once; again to the same value is fine, to another raises TypeError")
@both
def test_client_type(peer: Peer) -> None:
    server = peer.server()
    assert server.client_type == "vue3"
    server.client_type = "vue2"
    server.client_type = "vue2"
    with pytest.raises(TypeError):
        server.client_type = "react"
    assert server.client_type == "vue2"


@fact("api 1", "`set_default_client_type` changes what servers without a client type are")
@both
def test_default_client_type(peer: Peer) -> None:
    core = peer.module("core")
    server = peer.server()
    core.set_default_client_type("react")
    try:
        assert (server.client_type, core.DEFAULT_CLIENT_TYPE) == ("react", "react")
    finally:
        core.set_default_client_type("vue3")


@fact(
    "api 1",
    "a child has its root's client type, also where that was set later",
    trame="a child copies the value when it is made; what its parent is given later does not reach it",
)
def test_client_type_of_a_child() -> None:
    root = OURS.server()
    child = root.create_child_server(prefix="c_")
    root.client_type = "vue2"
    assert child.client_type == "vue2"


@fact("api 1", "`http_headers` is shared with children")
@both
def test_http_headers(peer: Peer) -> None:
    root = peer.server()
    assert root.create_child_server(prefix="c_").http_headers is root.http_headers


@fact("api 1", "`hot_reload` is a plain attribute, True where TRAME_HOT_RELOAD is not empty")
@both
def test_hot_reload(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    server = peer.server()
    assert server.hot_reload is False
    server.hot_reload = True
    assert server.hot_reload is True
    monkeypatch.setenv("TRAME_HOT_RELOAD", "1")
    assert peer.server().hot_reload is True


@fact(
    "api 1",
    "`hot_reload` is True where `--hot-reload` is among the process's arguments",
    trame="the same, from any argv",
)
@both
def test_hot_reload_argument(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["app.py", "--hot-reload"])
    if peer is OURS:
        monkeypatch.setattr("jupyter_trame.runtime.settings._is_host_process", lambda _: False)
    assert peer.server().hot_reload is True


@fact("api 1", "`serve` is a dict URL prefix -> folder, empty at first")
@both
def test_serve(peer: Peer) -> None:
    assert peer.server().serve == {}


@fact("api 1", "`serve` of a child is its root's", trame="a child has a dict of its own that nobody reads")
def test_serve_of_a_child() -> None:
    root = OURS.server()
    assert root.create_child_server(prefix="c_").serve is root.serve


@fact("api 1", "`cli` is one ArgumentParser of root and children, made on first access")
@both
def test_cli(peer: Peer) -> None:
    root = peer.server()
    root.cli.add_argument("--mine", default=3, type=int)
    assert root.create_child_server(prefix="c_").cli is root.cli
    assert root.cli.parse_known_args([])[0].mine == 3


NOT_STARTED: dict[str, Callable[[Any], Any]] = {
    "running": lambda server: server.running is False,
    "port": lambda server: server.port == 0,
    "protocol": lambda server: server.protocol is None,
    "js_call": lambda server: server.js_call("ref", "method", 1) is None,
    "clear_state_client_cache": lambda server: server.clear_state_client_cache("unknown") is None,
    "_running_stage": lambda server: server._running_stage == 0,
    "_www": lambda server: server._www is None,
    "_name": lambda server: server._name == "contract",
    "_root_protocol": lambda server: server._root_protocol is None,
}


@pytest.mark.parametrize("member", NOT_STARTED)
@fact("api 1", "before start: not `running`, stage 0, `port` 0, no `protocol`; `js_call` does nothing")
@fact("api 1", "before start `clear_state_client_cache` does nothing")
@both
def test_not_started(peer: Peer, member: str) -> None:
    assert NOT_STARTED[member](peer.server())


@fact("api 1", "`ready` is made on first access, which needs a running loop: else RuntimeError")
@both
def test_ready_needs_a_loop(peer: Peer) -> None:
    server = peer.server()
    with pytest.raises(RuntimeError):
        _ = server.ready

    async def look() -> bool:
        ready = server.ready
        return isinstance(ready, asyncio.Future) and ready is server.ready

    assert asyncio.run(look())


@fact("api 1", "`server_options` raises AttributeError before start")
@both
def test_no_server_options(peer: Peer) -> None:
    with pytest.raises(AttributeError):
        _ = peer.server().server_options


@fact("api 1", "`protocol_call` before start raises ValueError")
@both
def test_no_protocol_call(peer: Peer) -> None:
    with pytest.raises(ValueError, match="Protocol does not exist yet"):
        peer.server().protocol_call("any")


@fact("api 1", "`get_server_state()` is `{name, state}` with the live raw values of `state.initial`")
@both
def test_get_server_state(peer: Peer) -> None:
    server = peer.server()
    value = object()
    server.state.a = value
    found = server.get_server_state()
    assert set(found) == {"name", "state"}
    assert (found["name"], found["state"]["a"]) == ("contract", value)


@fact(
    "api 1",
    "private names that packages use: `_parent_server`, `_protocols_to_configure`, `_loaded_modules`, `_push_state`",
)
@both
def test_private_names(peer: Peer) -> None:
    root = peer.server()
    child = root.create_child_server(prefix="c_")
    assert root._parent_server is None
    assert child._parent_server is root
    root.add_protocol_to_configure(print)
    assert print in list(root._protocols_to_configure)
    assert len(root._loaded_modules) == 0
    assert callable(root._push_state)
    assert root.state._change_callbacks == {}
