"""Which type has which form, and who may say so."""

import datetime as dt
from typing import Any

import pytest

from jupyter_trame.showing import forms
from jupyter_trame.showing.forms import form_of, sent_form, shows
from jupyter_trame.showing.outputs import shown


@pytest.fixture(autouse=True)
def own_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test says of a type is forgotten after it."""
    monkeypatch.setattr(forms, "_forms", dict(forms._forms))
    monkeypatch.setattr(forms, "_known", {})


class Gauge:
    def __init__(self, value: float) -> None:
        self.value = value


def test_a_type_is_shown_as_its_function_says() -> None:
    @shows(Gauge)
    def show(gauge: Gauge) -> str:
        return f"{gauge.value} bar"

    assert shown(Gauge(2)) == "2 bar"
    assert sent_form(Gauge(2)) == "2 bar"
    assert sent_form(type("Finer", (Gauge,), {})(3)) == "3 bar"


def test_the_state_may_send_something_else() -> None:
    shows(Gauge, send=lambda gauge: gauge.value)(lambda gauge: f"{gauge.value} bar")
    assert (shown(Gauge(2)), sent_form(Gauge(2))) == ("2 bar", 2)


def test_a_type_is_named_by_its_package_and_class() -> None:
    gauge = type("Gauge", (), {"__module__": "meters.parts.gauges"})()
    assert form_of(type(gauge)) is None
    shows("meters.Gauge")(lambda _: "a gauge")
    assert shown(gauge) == "a gauge", "although it was looked at before"


def test_a_form_may_be_told_while_a_thread_looks_for_one() -> None:
    class Late(type):
        @property
        def __module__(cls) -> str:  # type: ignore[override]
            """Asked for when no form was found by the type itself."""
            shows(cls)(lambda _: "late")
            return "meters"

    kind = Late("Kind", (), {})
    form_of(kind)
    assert shown(kind()) == "late"


def test_forms_lead_to_other_types() -> None:
    shows(Gauge)(lambda _: dt.timedelta(seconds=2))
    assert (shown(Gauge(1)), sent_form(Gauge(1))) == ("0:00:02", 2.0)


def test_forms_that_lead_to_each_other_end() -> None:
    shows(Gauge)(lambda gauge: gauge)
    with pytest.raises(RuntimeError, match="Gauge do not come to an end"):
        sent_form(Gauge(1))
    with pytest.raises(RuntimeError, match="Gauge do not come to an end"):
        shown(Gauge(1))


@pytest.mark.parametrize("kind", ["Gauge", "a.b.Gauge", 5, None])
def test_what_is_no_type_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match=r"'package.Class', not by "):
        shows(kind)


def test_a_moment_is_no_day() -> None:
    moment = dt.datetime(2024, 2, 29, tzinfo=dt.UTC)
    assert form_of(dt.datetime) is None
    assert sent_form(moment) is moment
    shows(dt.datetime)(str)
    assert sent_form(moment) == "2024-02-29 00:00:00+00:00"


def test_types_without_end_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "_KEPT", 3)
    for number in range(10):
        assert form_of(type(f"T{number}", (), {})) is None
    assert len(forms._known) <= 3
