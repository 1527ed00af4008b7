"""What root and children have in common."""

from typing import Any, cast

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.hot_reload import HotReload
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.manners import OURS, TRAMES
from jupyter_trame.server import Server, runtime_of
from tests.contract.rules import rule


def test_options_are_kept_and_shared() -> None:
    server = Server("o", ws_heart_beat=5, my_option="x")
    assert server.options == {
        "log_network": None,
        "ws_max_msg_size": 10_000_000,
        "connect_src": [],
        "frame_ancestors": [],
        "ws_heart_beat": 5,
        "desktop_debug": False,
        "upload_quota": 4 << 30,
        "my_option": "x",
    }
    assert server.create_child_server(prefix="c_").options is server.options


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_WS_HEART_BEAT", "often")
    with pytest.raises(ServerError, match="TRAME_WS_HEART_BEAT"):
        Server("o")


def sources(name: str, value: object) -> dict[str, Any]:
    return {name: value}


@pytest.mark.parametrize("name", ["connect_src", "frame_ancestors"])
def test_sources_of_pages_are_checked_and_shared(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server("o", **sources(name, ["https://a.example", "wss:"]))
    child = server.create_child_server(prefix="c_")
    assert (
        getattr(server.page_policy, name) == getattr(child.page_policy, name) == ("https://a.example", "wss:")
    )
    with pytest.raises(ValueError, match=f"{name} holds 'https://a; script-src', which is no source"):
        Server("p", **sources(name, ["https://a; script-src"]))
    with pytest.raises(TypeError, match=f"{name} is a list"):
        Server("p", **sources(name, "https://a"))
    monkeypatch.setenv(f"TRAME_{name.upper()}", "https://one.example https://two.example")
    assert getattr(Server("q").page_policy, name) == ("https://one.example", "https://two.example")


def test_manners() -> None:
    stock, strict = Server("stock", compat="trame"), Server("strict")
    assert (stock.compat, strict.compat) == ("trame", None)
    assert stock.create_child_server(prefix="c_").compat == "trame"
    assert (runtime_of(stock).manners, runtime_of(strict).manners) == (TRAMES, OURS)
    with pytest.raises(ValueError, match="compat"):
        Server("x", compat=cast("Any", "shiny"))
    with pytest.raises(AttributeError):
        strict.compat = "trame"


@rule("compares_types")
def test_equality_follows_the_manners() -> None:
    for server, changed in ((Server("stock", compat="trame"), False), (Server("strict"), True)):
        server.state.x = True
        server.state.ready()
        server.state.x = 1
        assert server.state.is_dirty("x") is changed


@rule("title_is_the_name")
def test_the_title_follows_the_manners() -> None:
    assert Server("My app").state.trame__title == "My app"
    assert Server("My app", compat="trame").state.trame__title == "Trame"


@rule("notices_changes_in_place")
def test_changes_in_place_follow_the_manners() -> None:
    for server, noticed in ((Server("stock", compat="trame"), set()), (Server("strict"), {"items"})):
        server.state.items = [1]
        server.state.ready()
        server.state.items.append(2)
        assert server.state.flush() == noticed


def test_children_share_the_client_type_whoever_sets_it() -> None:
    root = Server("type")
    child = root.create_child_server(prefix="c_")
    root.client_type = "vue2"
    assert child.client_type == "vue2"
    with pytest.raises(TypeError, match="vue2"):
        child.client_type = "vue3"


def test_the_client_type_has_a_default_of_the_process(process: registry.Process) -> None:
    server = Server("type")
    process.client_type = "react"
    assert server.client_type == "react"
    server.client_type = "vue3"
    assert server.client_type == "vue3"


def test_a_child_is_of_its_parents_class() -> None:
    class Special(Server):
        pass

    assert type(Special("s").create_child_server(prefix="c_")) is Special


def test_the_command_line_is_the_roots() -> None:
    root = Server("cli")
    child = root.create_child_server(prefix="c_")
    assert child.cli is root.cli


def test_the_network_monitor_is_in_the_context() -> None:
    server = Server("monitor")
    assert server.context.network_monitor is runtime_of(server).network


def test_callbacks_are_read_again_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Server("cold").hot_reload
    monkeypatch.setenv("TRAME_HOT_RELOAD", "1")
    server = Server("hot")
    assert server.hot_reload
    assert server.create_child_server(prefix="c_").hot_reload
    read: list[Any] = []

    def newest(_: HotReload, fn: Any) -> Any:
        read.append(fn)
        return fn

    monkeypatch.setattr(HotReload, "__call__", newest)

    def on_x(**_: Any) -> None: ...

    server.change("x")(on_x)
    server.state.x = 1
    server.state.ready()
    server.controller.fn = on_x
    server.controller.fn()
    assert read == [on_x, on_x]


def test_what_is_no_name_and_no_translator_is_told() -> None:
    for name in (5, None, ["a"]):
        with pytest.raises(TypeError, match="the name of a server is a string"):
            Server(name)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="prefix='p_'"):
        Server("x").create_child_server("p_")  # type: ignore[arg-type]
