"""The templates of a server, by name."""

from typing import Any

import pytest

from jupyter_trame.core.virtual_nodes import VirtualNodeManager
from jupyter_trame.errors import ServerError


class Node:
    def __init__(self, trame_server: Any) -> None:
        self.server = trame_server
        self.calls: list[str] = []

    def clear(self) -> None:
        self.calls.append("clear")

    def clear_layouts(self) -> None:
        self.calls.append("clear_layouts")

    def flush_content(self) -> None:
        self.calls.append("flush_content")


def test_a_node_is_made_once_a_name() -> None:
    ui = VirtualNodeManager("server", Node)
    assert ui.main is ui["main"]
    assert ui.main is not ui.other
    assert ui.main.server == "server"


@pytest.mark.parametrize("method", ["clear", "clear_layouts", "flush_content"])
def test_forwards_to_every_node(method: str) -> None:
    ui = VirtualNodeManager("server", Node)
    nodes = [ui.main, ui.other]
    getattr(ui, method)()
    assert [node.calls for node in nodes] == [[method], [method]]


def test_a_method_s_name_is_a_node_s_too() -> None:
    ui = VirtualNodeManager("server", Node)
    assert isinstance(ui["clear"], Node)


def test_without_a_constructor_there_is_no_node() -> None:
    ui = VirtualNodeManager("server")
    with pytest.raises(ServerError, match="'main'"):
        _ = ui.main
    ui.set_vn_constructor(Node)
    assert isinstance(ui.main, Node)


def test_questions_of_inspecting_tools_make_no_node() -> None:
    ui = VirtualNodeManager("server")
    assert not hasattr(ui, "_repr_html_")
    assert not hasattr(ui, "__html__")


def test_a_manager_is_no_sequence() -> None:
    ui = VirtualNodeManager("server", Node)
    with pytest.raises(TypeError, match="not iterable"):
        list(ui)  # type: ignore[call-overload]
