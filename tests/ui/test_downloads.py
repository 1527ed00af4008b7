"""`ui.download`: the content is made when the button is pressed."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.testing import AppLauncher

Template = Callable[[Server], str]


@pytest.mark.asyncio
async def test_a_function_gives_the_content_with_the_values_of_now(
    trame: AppLauncher, tmp_path: Path
) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"notes")

    def app(server: Server) -> None:
        server.state.power = 1
        with ui.app(server):
            ui.download("power.csv", lambda power: f"power\n{power}\n", type="text/csv")
            ui.download("notes.txt", file, label="Notes")
            ui.download("bytes.bin", b"\x00")

    async with trame(app) as session:
        client = await session.client()
        text = unescape(client.state.trame__template_main)
        names = re.findall(r"trigger\('(\w+)'\)", text)
        await client.set(power=5)
        assert [await client.trigger(name) for name in names] == ["power\n5\n", b"notes", b"\x00"]


def test_its_element(template: Template) -> None:
    with ui.app("downloads") as app:
        ui.download('a "b".csv', "x", kind="primary")
    text = template(app)
    assert """utils.download("a \\"b\\".csv", trigger('""" in unescape(text)
    assert 'kind="primary"' in text
    assert 'Save a "b".csv' in text


def test_a_name_is_text_whatever_is_in_it(template: Template) -> None:
    with ui.app("downloads") as app:
        ui.download("a{{ trigger('x') }}<b>&amp;.csv", "x")
        ui.download("b.csv", "x", label="Save {{ count }} rows")
    text = template(app)
    assert "Save a&#123;&#123; trigger('x') }}&lt;b&gt;&amp;amp;.csv" in text
    assert "Save {{ count }} rows" in text, "the label is a template"


def test_what_cannot_be_called_by_keys_is_refused() -> None:
    def by_position(power: Any, /) -> None: ...

    with ui.app("downloads"), pytest.raises(TypeError, match="take the '/' out"):
        ui.download("a", by_position)


def test_a_click_saves_and_does_nothing_else() -> None:
    with ui.app("downloads"), pytest.raises(TypeError, match="`content` may be a function"):
        ui.download("a", "b", on_click=print)
