"""What widget packages bring along."""

import types
from typing import Any

from jupyter_trame.server import Server
from jupyter_trame.server.modules import reduce_vue_use


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
    assert child.serve == {}


def test_plugins_are_merged() -> None:
    entries = ["a", ("b", {"x": {"p": 1}}), "a", ("b", {"x": {"q": 2}, "y": 3}), ("c", {})]
    assert reduce_vue_use(entries) == ["a", ("b", {"x": {"p": 1, "q": 2}, "y": 3}), "c"]
    server = Server("m")
    server.enable_module({"vue_use": ["a"]})
    server.enable_module({"vue_use": [("a", {"o": 1})]})
    assert server.state.trame__vue_use == [("a", {"o": 1})]
