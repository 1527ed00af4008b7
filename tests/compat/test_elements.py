"""Where elements were made, and which of them a line or a key of a template belongs to."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame.compat.elements import (
    LayoutSource,
    remember_places,
    watch_layouts,
    written_at,
)
from jupyter_trame.server import Server, runtime_of


@pytest.fixture
def layout() -> Any:
    server = Server("elements")
    with DivLayout(server) as layout:
        with html.Div(classes="outer", v_if="high > 1"):
            html.Span("{{ low }}")
            html.Input(
                v_model=("name", ""),
                style="color: red;\n  width: 1em",
            )
        html.P("the end")
    return layout


def lines_of(layout: Any) -> list[str]:
    return str(layout.server.state.trame__template_main).splitlines()


def test_elements_know_where_they_were_made(layout: Any) -> None:
    outer, last = layout.root.children
    first = outer.children[0]
    line = html_line(first)
    assert line > 0
    assert [html_line(element) - line for element in (outer, outer.children[1], last)] == [-1, 1, 5]


def html_line(element: Any) -> int:
    name, _, line = written_at(element).partition(", line ")
    assert name == "test_elements.py"
    return int(line)


def test_what_a_package_makes_was_made_where_it_was_called(layout: Any) -> None:
    scope: dict[str, Any] = {"html": html, "__name__": "trame_client.parts"}
    exec(compile("def make():\n    return html.Div()", "parts.py", "exec"), scope)
    with layout:
        element = scope["make"]()
    assert written_at(element).startswith("test_elements.py, line ")


def test_each_line_of_a_template_belongs_to_an_element(layout: Any) -> None:
    source = runtime_of(layout.server).template_sources["main"]
    found = [source.at_line(number).partition(" in ")[0] for number in range(1, len(lines_of(layout)) + 1)]
    assert found == [
        "html.Div",
        "html.Div",
        *["html.Span"] * 3,
        *["html.Input"] * 2,
        "html.Div",
        *["html.P"] * 3,
        "html.Div",
    ]
    assert source.at_line(100) == ""


def test_the_first_element_that_names_a_key(layout: Any) -> None:
    source = runtime_of(layout.server).template_sources["main"]
    names = ("low", "high", "name", "nam", "missing")
    assert [source.naming(key).partition(" in ")[0] for key in names] == [
        "html.Span",
        "html.Div",
        "html.Input",
        "",
        "",
    ]


def test_what_is_no_element_has_no_lines() -> None:
    broken = SimpleNamespace(root=SimpleNamespace(children=[object()]))
    assert LayoutSource(broken).at_line(2) == ""


def test_patches_are_taken_back() -> None:
    class Element:
        def __init__(self, name: str) -> None:
            self.name = name

    class Layout:
        server = None

        def flush_content(self) -> None: ...

    before = Element.__init__, Layout.flush_content
    widgets, ui = ModuleType("core"), ModuleType("ui")
    widgets.AbstractElement = Element  # type: ignore[attr-defined]
    ui.AbstractLayout = Layout  # type: ignore[attr-defined]
    undo = [remember_places(widgets), watch_layouts(ui)]
    assert Element("x").name == "x"
    assert written_at(Element("x")).startswith("test_elements.py, line ")
    Layout().flush_content()
    for one in undo:
        one()
    assert (Element.__init__, Layout.flush_content) == before
    assert written_at(Element("x")) == ""
