"""Texts to read."""

from collections.abc import Callable

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
