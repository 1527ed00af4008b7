"""Texts to read."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_texts_are_literal_and_expressions_are_not(template: Template) -> None:
    with ui.app("texts") as app:
        ui.markdown('# "Power" & <b>')
        ui.markdown(("text",))
        ui.code("x = 1", language="python")
        ui.json("tree")
        ui.json(("tree.a",))
        ui.log("lines", lines=5)
    lines = template(app).splitlines()
    assert lines == [
        '<JtMarkdown source="# &quot;Power&quot; &amp; &lt;b&gt;" />',
        '<JtMarkdown :source="text" />',
        '<JtCode source="x = 1" language="python" />',
        '<JtJson :value="tree" />',
        '<JtJson :value="tree.a" />',
        '<JtLog label="Lines" :value="lines" :lines="5" />',
    ]
    assert "__jupyter_trame_ui" in app.serve, "for pages whose client came over the comm"


@pytest.mark.parametrize(("lines", "kind"), [("3", TypeError), (2.5, TypeError), (0, ValueError)])
def test_lines_are_a_positive_number(lines: Any, kind: type[Exception]) -> None:
    with (
        ui.app("texts"),
        pytest.raises(kind, match=r"^ui\.log is given how many lines= are seen, at least one, not "),
    ):
        ui.log("lines", lines=lines)
