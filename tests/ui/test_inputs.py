"""Inputs: their values in the state, and what the client is told."""

import asyncio
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


@pytest.mark.parametrize(
    ("make", "default", "text"),
    [
        (
            lambda: ui.slider("key", 50, ("most",), step=0.5, unit="hp"),
            50,
            ':min="50" :max="most" :step="0.5"',
        ),
        (lambda: ui.slider("key", 50, 230, value=150), 150, "<JtSlider"),
        (lambda: ui.range_slider("key", 0, 10), [0, 10], "<JtRange"),
        (lambda: ui.range_slider("key", 0, 10, value=(2, 3)), [2, 3], ':min="0" :max="10"'),
        (lambda: ui.number("key", min=0, unit="years"), None, ':min="0" unit="years"'),
        (lambda: ui.number("key", value=7), 7, "<JtEntry"),
        (lambda: ui.date("key"), None, 'type="date"'),
        (lambda: ui.date("key", value=dt.date(1980, 5, 17)), "1980-05-17", 'type="date"'),
        (lambda: ui.date("key", max=dt.date(2026, 1, 1)), None, 'max="2026-01-01"'),
        (lambda: ui.text_input("key", placeholder="Yours"), "", 'placeholder="Yours"'),
        (lambda: ui.text_input("key", password=True), "", 'type="password"'),
        (lambda: ui.text_area("key", rows=3), "", ':rows="3"'),
        (lambda: ui.check("key"), False, "<JtCheck"),
        (lambda: ui.switch("key", value=True), True, "toggle"),
        (lambda: ui.color("key"), "#1769d2", "<JtColor"),
        (lambda: ui.upload("key", accept=".csv"), None, 'accept=".csv"'),
        (lambda: ui.upload("key", multiple=True), [], "multiple"),
    ],
)
def test_value_and_template(
    template: Template, make: Callable[[], object], default: object, text: str
) -> None:
    with ui.app("inputs") as app:
        make()
    assert app.state["key"] == default
    assert type(app.state["key"]) is type(default)
    assert text in template(app)
    assert 'v-model="key" label="Key"' in template(app) or 'label="Key"' in template(app)


def test_a_slider_whose_end_is_an_expression_is_told_where_it_begins(template: Template) -> None:
    with ui.app("ends") as app:
        with pytest.raises(TypeError, match="from 'least' on is given the value="):
            ui.slider("key", ("least",), 10)
        ui.slider("key", ("least",), 10, value=3)
    assert app.state["key"] == 3
    assert ':min="least"' in template(app)


@pytest.mark.parametrize(
    ("ends", "step"),
    [
        ((0.0, 1.0), 0.01),
        ((0, 1), 0.01),
        ((0.25, 10), 0.01),
        ((0, 2.5), 0.01),
        ((-1e-6, 1e-6), 1e-08),
        ((0, 10), None),
        ((0.0, 100.0), None),
        ((1, 1), None),
    ],
)
def test_the_steps_of_a_slider_suit_its_ends(
    template: Template, ends: tuple[float, float], step: float | None
) -> None:
    with ui.app("steps") as app:
        ui.slider("one", *ends)
        ui.range_slider("two", *ends)
        ui.slider("three", *ends, step=0.5)
    steps = [float(text) for text in re.findall(r':step="(.*?)"', template(app))]
    assert steps == ([0.5] if step is None else [step, step, 0.5])


def test_an_upload_calls_functions_alone() -> None:
    with ui.app("upload"), pytest.raises(TypeError, match="is a function, not 'count = 1'"):
        ui.upload("one", on_change="count = 1")  # type: ignore[arg-type]


def called(app: Server, template: str) -> Any:
    """What the handler in `template` gives."""
    name = template.partition("trigger('")[2].partition("'")[0]
    return app.controller.trigger_fn(name)()


def test_an_upload_is_told_once_it_is_in_the_state(template: Template) -> None:
    heard: list[object] = []
    with ui.app("upload") as app:
        ui.upload("one", on_change=heard.append)
    app.state.one = "file"
    called(app, template(app))
    assert heard == ["file"]


def test_an_upload_awaits_its_listener(template: Template) -> None:
    async def load() -> str:
        return "loaded"

    with ui.app("upload") as app:
        ui.upload("one", on_change=load)
    assert asyncio.run(called(app, template(app))) == "loaded"
