"""`server.enable_module`."""

from types import ModuleType
from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live, until


def module(**attributes: Any) -> ModuleType:
    found = ModuleType("of_a_test")
    vars(found).update(attributes)
    return found


@fact("api 1.1", "a module or a dict; True the first time, False when it was enabled before")
@fact("api 1.1", "a module is told apart by identity, a dict by equality")
@both
def test_once(peer: Peer) -> None:
    server = peer.server()
    one, other = module(scripts=["a.js"]), module(scripts=["a.js"])
    assert [server.enable_module(found) for found in (one, one, other)] == [True, False, True]
    assert [server.enable_module({"styles": ["a.css"]}) for _ in range(2)] == [True, False]
    assert server.state.trame__scripts == ["a.js", "a.js"]
    assert server.state.trame__styles == ["a.css"]
    assert one in server._loaded_modules


@fact("api 1.1", "the module counts as loaded before its `setup` runs, which may enable others, itself too")
@both
def test_reentrance(peer: Peer) -> None:
    server = peer.server()
    results: list[bool] = []
    found = module()

    def setup(app: Any) -> None:
        results.append(app.enable_module(found))
        results.append(app.enable_module({"scripts": ["inner.js"]}))

    found.setup = setup  # type: ignore[attr-defined]
    found.scripts = ["outer.js"]  # type: ignore[attr-defined]
    assert server.enable_module(found)
    assert results == [False, True]
    assert server.state.trame__scripts == ["inner.js", "outer.js"]


@fact("api 1.1", "`setup(server, **kwargs)` gets the root server, whatever its parameter is called")
@fact("api 1.1", "a child enables modules on its root")
@both
def test_setup(peer: Peer) -> None:
    root = peer.server()
    calls: list[Any] = []
    child = root.create_child_server(prefix="c_")
    assert child.enable_module(module(setup=lambda my_app, x: calls.append((my_app, x))), x=1)
    assert calls == [(root, 1)]


@pytest.mark.parametrize("key", ["scripts", "module_scripts", "styles", "vue_use", "react_use"])
@fact("api 1.1", "`scripts`, `module_scripts`, `styles`, `vue_use` and `react_use` extend `trame__<key>`")
@both
def test_lists(peer: Peer, key: str) -> None:
    server = peer.server()
    server.enable_module({key: ["a"]})
    server.enable_module({key: ["b"]})
    assert server.state[f"trame__{key}"] == ["a", "b"]


@fact("api 1.1", "`state` is merged into the state, `serve` into `server.serve`, `www` becomes `server._www`")
@both
def test_state_serve_www(peer: Peer) -> None:
    server = peer.server()
    server.enable_module({"state": {"a": 1}, "serve": {"x": "/x"}, "www": "/www"})
    server.enable_module({"serve": {"y": ("/y", "more")}, "www": "/other"})
    assert server.state.a == 1
    assert server.serve == {"x": "/x", "y": ("/y", "more")}
    assert server._www == "/other"


@fact("api 1.1", "the parts come in the order: setup, lists, state")
@both
def test_order(peer: Peer) -> None:
    server = peer.server()
    seen: list[Any] = []

    def setup(app: Any) -> None:
        seen.append((list(app.state.trame__scripts), app.state.a))
        app.state.a = "setup"

    server.enable_module(module(setup=setup, scripts=["a.js"], state={"a": "module"}))
    assert seen == [([], None)]
    assert (server.state.trame__scripts, server.state.a) == (["a.js"], "module")


@fact("api 1.1", "`trame__vue_use` is reduced after each module")
@both
def test_vue_use(peer: Peer) -> None:
    server = peer.server()
    server.enable_module({"vue_use": [("plugin", {"a": 1})]})
    server.enable_module({"vue_use": ["plugin", ("plugin", {"b": 2})]})
    assert server.state.trame__vue_use == [("plugin", {"a": 1, "b": 2})]


@fact("api 1.1", "a module's attributes are read after `setup`, which may assign them")
@both
def test_live_attributes(peer: Peer) -> None:
    server = peer.server()
    found = module()
    found.setup = lambda app: vars(found).update(scripts=["late.js"], serve={"x": "/x"})  # type: ignore[attr-defined]
    server.enable_module(found)
    assert (server.state.trame__scripts, server.serve) == (["late.js"], {"x": "/x"})


@fact("api 1.1", "arguments are ignored when the module was enabled before")
@both
def test_arguments_of_the_second_time(peer: Peer) -> None:
    server = peer.server()
    calls: list[Any] = []
    found = module(setup=lambda app, **kwargs: calls.append(kwargs))
    server.enable_module(found, a=1)
    assert server.enable_module(found, a=2) is False
    assert calls == [{"a": 1}]


@fact("api 1.1", "the `state` of a module that is enabled while the server runs reaches connected clients")
@both
@pytest.mark.asyncio
async def test_state_while_running(peer: Peer) -> None:
    async with live(peer) as (server, make_client), make_client() as client:
        with server.state:
            server.enable_module({"state": {"late": 1}})
        await until(lambda: client.state.late == 1)


@fact(
    "api 1.1",
    "scripts, styles and plugins of such a module reach connected clients too, with the next flush",
    trame="only clients that connect later get them",
)
@pytest.mark.asyncio
async def test_lists_while_running() -> None:
    async with live(OURS) as (server, make_client), make_client() as client:
        with server.state:
            server.enable_module({"scripts": ["late.js"], "styles": ["late.css"], "vue_use": ["late"]})
        await until(lambda: client.state.trame__vue_use == ["late"])
        assert (client.state.trame__scripts, client.state.trame__styles) == (["late.js"], ["late.css"])
