"""What widget packages bring along."""

import asyncio
import types
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.server import Server
from tests.support.servers import App


def module(**content: Any) -> types.ModuleType:
    new = types.ModuleType("package")
    vars(new).update(content)
    return new


def test_lists_grow_in_place_and_folders_and_state_are_taken() -> None:
    server = Server("m")
    scripts = server.state.trame__scripts
    assert server.enable_module(
        module(scripts=["a.js"], styles=["a.css"], serve={"a": "/tmp"}, state={"k": 1}, www="/www")
    )
    assert server.state.trame__scripts is scripts == ["a.js"]
    assert server.state.trame__styles == ["a.css"]
    assert (server.serve, server.state.k, server._www) == ({"a": "/tmp"}, 1, "/www")


def test_attributes_are_read_after_setup() -> None:
    server = Server("m")
    seen: list[Any] = []
    package = module()

    def setup(app: Server, **kwargs: Any) -> None:
        seen.append((app, kwargs))
        package.__dict__["scripts"] = ["late.js"]

    package.__dict__["setup"] = setup
    assert server.enable_module(package, option=1)
    assert seen == [(server, {"option": 1})]
    assert server.state.trame__scripts == ["late.js"]


def test_enabling_again_is_cheap_and_false_even_inside_setup() -> None:
    server = Server("m")
    package = module()
    again: list[bool] = []
    package.__dict__["setup"] = lambda app: again.append(app.enable_module(package))
    assert server.enable_module(package)
    assert again == [False]
    assert server.enable_module({"scripts": ["x.js"]})
    assert not server.enable_module({"scripts": ["x.js"]})
    assert server.state.trame__scripts == ["x.js"]


def test_a_child_enables_for_the_root() -> None:
    root = Server("m")
    child = root.create_child_server(prefix="c_")
    assert child.enable_module({"serve": {"a": "/a"}})
    assert root.serve == {"a": "/a"}
    assert child.serve is root.serve
    assert child.enable_module({"www": "/www"})
    assert (root._www, child._www) == ("/www", "/www")


def test_plugins_are_merged() -> None:
    server = Server("m")
    server.enable_module({"vue_use": ["a"]})
    server.enable_module({"vue_use": [("a", {"o": 1})]})
    assert server.state.trame__vue_use == [("a", {"o": 1})]


def test_folders_may_be_all_there_is_and_setup_may_raise() -> None:
    server = Server("m")

    def setup(_: Server) -> None:
        raise TypeError("not for this client")

    package = module(setup=setup)
    with pytest.raises(TypeError):
        server.enable_module(package)
    assert not server.enable_module(package)


@pytest.mark.parametrize("compat", ["trame", None])
def test_clients_are_told_of_what_comes_later(start: Callable[..., App], compat: Any) -> None:
    async def scenario() -> None:
        server = Server("m", compat=compat)
        client = await start(server).client()
        server.enable_module({"scripts": ["a.js"], "vue_use": ["plugin"]})
        server.state.flush()
        await client.until(lambda: client.state["trame__scripts"] == ["a.js"])
        await client.until(lambda: client.state["trame__vue_use"] == ["plugin"])
        server.state.trame__styles.append("b.css")
        server.state.other = 1
        server.state.flush()
        await client.until(lambda: client.state["trame__styles"] == ["b.css"])

    asyncio.run(scenario())


def test_trames_manners_notice_a_longer_list_after_each_callback(start: Callable[..., App]) -> None:
    async def scenario() -> None:
        server = Server("m", compat="trame")

        @server.trigger("add")
        def add() -> None:
            server.state.trame__scripts.append("late.js")

        client = await start(server).client()
        await client.trigger("add")
        await client.until(lambda: client.state["trame__scripts"] == ["late.js"])

    asyncio.run(scenario())


@pytest.mark.parametrize("what", ["trame_vuetify", None, 5, ["a.js"]])
def test_what_is_no_module_is_told(what: Any) -> None:
    with pytest.raises(TypeError, match="a Python module or a dict"):
        Server("m").enable_module(what)


@pytest.mark.parametrize("entry", [("a",), ("a", {}, 3)])
def test_content_that_no_client_could_use_stays_out(entry: Any) -> None:
    server = Server("m")
    with pytest.raises(TypeError, match=r"styles of a module is a list, not 'a\.css'"):
        server.enable_module({"styles": "a.css"})
    with pytest.raises(ValueError, match="vue_use"):
        server.enable_module({"scripts": ["a.js"], "vue_use": ["good", entry]})
    assert (server.state.trame__scripts, server.state.trame__vue_use) == ([], [])
