"""Arguments that no part has are refused, by the name of what was called."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.compat.element_mistakes import kind_of
from jupyter_trame.ui.part import Part

Template = Callable[[Server], str]


def function() -> str:
    return ""


Make = Callable[[], Any]
MISTAKES: list[tuple[Make, str]] = [
    (
        lambda: ui.button("Del", print, cofirm="Sure?"),
        "is 'confirm' meant? ui.button has no argument 'cofirm'",
    ),
    (lambda: ui.button("Go", onclick=print), "is 'on_click' meant? ui.button has no argument 'onclick'"),
    (lambda: ui.text_input("name", chek=len), "is 'check' meant? ui.text_input has no argument 'chek'"),
    (lambda: ui.check("on", lable="On"), "is 'label' meant? ui.check has no argument 'lable'"),
    (
        lambda: ui.slider("a", 0, 1, on_chnage=print),
        "is 'on_change' meant? ui.slider has no argument 'on_chnage'",
    ),
    (lambda: ui.slider("a", 0, 1, default=1), "is 'value' meant? ui.slider has no argument 'default'"),
    (
        lambda: ui.select("a", ["b"], placehoder=""),
        "is 'placeholder' meant? ui.select has no argument",
    ),
    (lambda: ui.upload("a", acept=".csv"), "is 'accept' meant? ui.upload has no argument 'acept'"),
    (lambda: ui.output(function, evry=0.5), "is 'every' meant? ui.output has no argument 'evry'"),
    (lambda: ui.output(evry=0.5)(function), "is 'every' meant? ui.output has no argument 'evry'"),
    (lambda: ui.job(lable="Go")(function), "is 'label' meant? ui.job has no argument 'lable'"),
    (lambda: ui.download("a", "b", cofirm="?"), "is 'confirm' meant? ui.download has no argument 'cofirm'"),
    (lambda: ui.download("a", "b", tpye="text/csv"), "is 'type' meant? ui.download has no argument 'tpye'"),
    (lambda: ui.table("rows", labl="x"), "is 'label' meant? ui.table has no argument 'labl'"),
    (lambda: ui.image("picture", cliked="at"), "is 'clicked' meant? ui.image has no argument 'cliked'"),
    (lambda: ui.metric("score", unti="m"), "is 'unit' meant? ui.metric has no argument 'unti'"),
    (lambda: ui.log("lines", line=3), "is 'lines' meant? ui.log has no argument 'line'"),
    (lambda: ui.card("A", titel="B"), "is 'title' meant? ui.card has no argument 'titel'"),
    (lambda: ui.row(clases="wide"), "is 'classes' meant? ui.row has no argument 'clases'"),
    (lambda: ui.row(on_click=print), "is 'click' meant? ui.row has no argument 'on_click'"),
    (lambda: ui.tabs(lable="Pages"), "is 'label' meant? ui.tabs has no argument 'lable'"),
    (lambda: ui.form(function, sumbit="Go"), "is 'submit' meant? ui.form has no argument 'sumbit'"),
    (
        lambda: ui.divider(aria_label="x"),
        "write raw_attrs=['aria-label=",
    ),
    (lambda: Part("JtPart", labl="x"), "write raw_attrs="),
]


@pytest.mark.parametrize(
    ("make", "words"), MISTAKES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_no_part_has_is_refused(template: Template, make: Make, words: str) -> None:
    with ui.app("mistakes") as app, pytest.raises(TypeError) as refused:
        make()
    assert str(refused.value).startswith(words)
    assert "Jt" not in template(app).removeprefix("<JtApp")  # nor is it shown without


def test_a_mistake_of_the_app_itself() -> None:
    with pytest.raises(TypeError, match=r"^is 'title' meant\? ui\.app has no argument 'titel'"):
        ui.app("app", titel="Cars")


def test_what_all_elements_take_is_taken(template: Template) -> None:
    attributes: dict[str, Any] = {
        "v_if": "shown",
        "v_bind_lang": "lang",
        "v_on_keyup_enter": "shown = 1",
        "classes": "wide",
        "style": "color: red",
        "id": "it",
        "ref": "it",
        "key": "it",
        "click": "shown = 2",
        "mouseenter": None,
        "raw_attrs": ['aria-label="x"'],
        "ctx_name": "it",
        "literal_children": False,
    }
    with ui.app("attributes") as app:
        ui.button("Go", **attributes)
        ui.row(**attributes)
        ui.column(connect_parent=False)
    text = template(app)
    assert text.count('aria-label="x"') == text.count("@keyup.enter") == text.count('lang="lang"') == 2
    assert "jt-column" not in text


def test_a_class_of_somebody_else_may_know_more(template: Template) -> None:
    class Gauge(Part):
        def __init__(self, **attributes: Any) -> None:
            super().__init__("my-gauge", **attributes)
            self._attr_names += ["needle"]

    with ui.app("gauge") as app:
        Gauge(needle="red")
    assert template(app) == '<my-gauge needle="red" />'


def test_messages_name_what_was_called() -> None:
    with ui.app("names"):
        assert kind_of(ui.metric("score")) == "ui.metric"
        assert kind_of(ui.card("Title")) == "ui.card"
        assert kind_of(ui.download("a.txt", "a")) == "ui.download"
        assert kind_of(Part("JtPart")) == "ui.Part"


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: ui.slider("a", 0, 1), "ui.slider"),
        (lambda: ui.upload("a", on_change=print), "ui.upload"),
        (lambda: ui.card("a"), "ui.card"),
        (lambda: ui.table("rows"), "ui.table"),
        (lambda: ui.output(function), "ui.output"),
    ],
)
def test_outside_of_an_interface(make: Make, name: str) -> None:
    with pytest.raises(
        ValueError,
        match=rf"^write this line below `with ui\.app.*: {name}.* is made outside of an interface$",
    ):
        make()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: ui.slider("a", 0, 1, on_change=print, change=print),
            "write on_change= alone: ui.slider has a handler for 'change' already, beside change=",
        ),
        (
            lambda: ui.job(run=print)(function),
            "leave run= out: ui.job has a handler for 'run' already, beside run=",
        ),
        (
            lambda: ui.download("a", "b", click=print),
            "ui.download has no on_click= and no click=: ",
        ),
    ],
)
def test_an_event_has_one_handler(make: Make, words: str) -> None:
    with ui.app("twice"), pytest.raises(TypeError) as refused:
        make()
    assert str(refused.value).startswith(words)


def test_a_name_that_the_module_has_not_says_which_is_meant() -> None:
    with pytest.raises(
        AttributeError, match=r"^is 'text_input' meant\? jupyter_trame\.ui has no 'textinput'$"
    ):
        ui.textinput  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"^jupyter_trame\.ui has no 'zzzzzzzz'$"):
        ui.zzzzzzzz  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(ui, "textinput")
