"""Numbers to look at."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_values_are_those_of_keys(template: Template) -> None:
    with ui.app("numbers") as app:
        ui.metric("mean_power", unit="kW", digits=1, delta="change")
        ui.progress("done", label="Reading", text=("name",))
        ui.spinner(v_if="busy")
    metric, progress, spinner = template(app).splitlines()
    for part in ('label="Mean power"', ':value="mean_power"', 'unit="kW"', ':digits="1"', ':delta="change"'):
        assert part in metric
    assert progress == '<JtProgress label="Reading" :value="done" :text="name" />'
    assert spinner == '<JtSpinner v-if="busy" text="Working…" />'


@pytest.mark.parametrize(
    ("digits", "kind"), [("2", TypeError), (True, TypeError), (-1, ValueError), (21, ValueError)]
)
def test_digits_are_a_small_number(digits: Any, kind: type[Exception]) -> None:
    with ui.app("numbers"), pytest.raises(kind, match=r"^ui\.metric is given digits= from 0 to 20, not "):
        ui.metric("power", digits=digits)


def test_a_change_is_a_key_or_an_expression(template: Template) -> None:
    delta: Any = 3
    with ui.app("numbers") as app:
        with pytest.raises(
            TypeError, match=r"^ui\.metric is given the name of a key as delta=, or an expression"
        ):
            ui.metric("power", delta=delta)
        ui.metric("power", delta=("power - before",))
    assert ':delta="power - before"' in template(app)
