"""Attributes with double quotes in them, written by trame-client's elements for a server of ours."""

from collections.abc import Callable
from html.parser import HTMLParser
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from jupyter_trame import Server
from jupyter_trame.compat import quoting

QUOTED = """'<b class="x" id="y">' + "z" """


class Attributes(HTMLParser):
    """Those of the first element, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = self.found or dict(attrs)


def _written(make: Callable[[Any], Any]) -> dict[str, str | None]:
    from trame_client.ui.html import DivLayout

    server = Server("quotes")
    with DivLayout(server) as layout:
        layout.root.clear()
        make(layout)
    return Attributes(str(server.state.trame__template_main).partition("\n")[2]).found


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"v_html": (QUOTED,)}, "v-html"),
        ({"v_text": QUOTED}, "v-text"),
        ({"title": QUOTED}, "title"),
        ({"style": 'font-family: "Fira Sans"'}, "style"),
        ({"title": (QUOTED, 1)}, ":title"),
        ({"v_bind_lang": (QUOTED,)}, ":lang"),
        ({"v_model_first": (QUOTED,)}, "v-model:first"),
        ({"click": QUOTED}, "@click"),
        ({"v_on_keyup_enter": QUOTED}, "@keyup.enter"),
        ({"v_if": ('a == "b"',)}, "v-if"),
        ({"v_for": 'item in ["a"]'}, "v-for"),
    ],
)
def test_a_quote_is_a_part_of_its_value(given: dict[str, Any], name: str) -> None:
    from trame_client.widgets import html

    found = _written(lambda _: html.Div("text", **given))
    (value,) = given.values()
    expected = value if isinstance(value, str) else value[0]
    assert found == {name: expected}


def test_arguments_of_calls() -> None:
    from trame_client.widgets import html

    call = ("act", '["a"]', '{ k: "v" }')
    assert _written(lambda _: html.Div(click=call)) == {"@click": """trigger('act', ["a"], { k: "v" })"""}


def test_what_is_written_by_hand_stays() -> None:
    from trame_client.widgets import html

    found = _written(lambda _: html.Div(raw_attrs=['a="1" b="2"'], title="&quot;"))
    assert found == {"a": "1", "b": "2", "title": '"'}


def test_it_is_written_again_as_it_was() -> None:
    from trame_client.widgets import html

    with_quotes = html.Div(title='a "b"', trame_server=Server("again"))
    assert with_quotes.html == with_quotes.html == '<div title="a &quot;b&quot;" />'


def test_the_elements_of_trame_client_3() -> None:
    class AbstractElement:
        def __init__(self) -> None:
            self._py_attr = {"title": 'a "b"', "on": True}
            self._attributes = {"title": 'title="a "b""', "on": "on", "slot": 'v-slot="{ x }" a="1"'}

        def _attr_str(self) -> str:
            return " ".join(self._attributes.values())

    module: Any = SimpleNamespace(AbstractElement=AbstractElement)
    undo = quoting.patch_elements(module)
    expected = 'title="a &quot;b&quot;" on v-slot="{ x }" a="1"'
    assert AbstractElement()._attr_str() == expected
    undo()
    assert AbstractElement()._attr_str() != expected


def test_a_module_without_elements_is_left_alone() -> None:
    quoting.patch_elements(ModuleType("other"))()
