"""Numbers to look at."""

from collections.abc import Callable

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
