"""What looks like a mistake in an element, and what does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_client.widgets.core import AbstractElement

from jupyter_trame.compat.element_mistakes import mistakes_of
from jupyter_trame.server import Server

KEYS = {"picture", "chart", "done"}


def found(make: Any) -> list[str]:
    with DivLayout(Server("mistakes")):
        element = make()
    return list(mistakes_of(element, KEYS.__contains__))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: html.Img(src="picture"), 'write src=("picture",) for the value of state.picture: '),
        (lambda: html.Button(disabled="done"), 'write disabled=("done",) for the value of state.done: '),
        (lambda: html.Button(on_click=print), "is 'click' meant? html.Button has no argument 'on_click'"),
        (lambda: html.Button(onclick=print), "is 'click' meant? html.Button has no argument 'onclick'"),
        (
            lambda: html.Button("x", v_on_clik=print),
            "is 'v_on_click' meant? html.Button knows no event that 'v_on_clik' ",
        ),
        (
            lambda: html.Form(v_on_sumbit_prevent=print),
            "is 'v_on_submit_prevent' meant? html.Form knows no event that ",
        ),
        (lambda: html.Input(placehoder="x"), "is 'placeholder' meant? html.Input has no argument"),
        (lambda: html.Div(data_x="y"), "write raw_attrs=['data-x=\"...\"'] if the element is to have"),
    ],
)
def test_mistakes(make: Any, words: str) -> None:
    (message,) = found(make)
    assert message.startswith(words)


@pytest.mark.parametrize(
    "make",
    [
        lambda: html.Img(src=("picture",), classes="chart", id="chart", ref="chart"),
        lambda: html.Img(src="other.png"),
        lambda: html.Option("Picture", value="picture"),
        lambda: html.Input(v_model="picture", type="text", v_on_keyup_enter="done = true"),
        lambda: html.Button("Go", click=print, disabled=("done",), raw_attrs=['aria-label="x"']),
        lambda: html.Button("Go", disabled=True, click=None),
        lambda: html.Div(v_on_click_prevent=print, v_on_wheel=print, v_on_scroll=print, v_on_paste=print),
        lambda: html.Div(
            v_on_drop_prevent=print, v_on_dragover=print, v_on_pointerdown=print, v_on_auxclick=print
        ),
    ],
)
def test_what_is_none(make: Any) -> None:
    assert found(make) == []


def test_elements_of_packages_may_use_arguments_otherwise() -> None:
    class Chart(AbstractElement):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__("my-chart", **kwargs)

    assert found(lambda: Chart(figure_of_mine=5)) == []
    assert found(lambda: Chart(v_on_clicked=print)) == []
    (message,) = found(lambda: Chart(clik=print))
    assert message.startswith("is 'click' meant? test_element_mistakes.Chart has no argument 'clik'")


def test_another_trame_client_says_nothing() -> None:
    assert list(mistakes_of(SimpleNamespace(), KEYS.__contains__)) == []
