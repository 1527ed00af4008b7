"""Slips in names are named in the log, each once."""

import logging

import pytest

from jupyter_trame.core.hints import MAX_KNOWN, MAX_NAMES, Hints
from jupyter_trame.core.state import State
from jupyter_trame.core.translator import Translator


@pytest.fixture
def state() -> State:
    return State(ready=True, hints=True)


def test_a_slip_is_named_once(state: State, caplog: pytest.LogCaptureFixture) -> None:
    state.resolution = 5
    child = State(internal=state, translator=Translator("p_"))
    child.count = 1
    for _ in range(2):
        assert state.resoluton is None
        assert state["resolutoin"] is None
        assert child.cuont is None
    assert [(record.name, record.levelname) for record in caplog.records] == [
        ("jupyter_trame.state", "WARNING")
    ] * 3
    assert caplog.messages == [
        "'resoluton' was read, which was never set: is 'resolution' meant?",
        "'resolutoin' was read, which was never set: is 'resolution' meant?",
        "'p_cuont' was read, which was never set: is 'p_count' meant?",
    ]


def test_other_names_that_do_not_exist_are_nobody_s_business(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    state.update(resolution=5, k_1=1)
    state.flush()
    for name in ("speed", "k_2", "_resolution", "resolution"):
        assert state[name] in (None, 5)
    assert not state.has("resolutio")
    assert state.setdefault("resolutio", 6) == 6
    state.dirty("resolutionn")
    assert not caplog.records


def test_by_default_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    state = State()
    state.resolution = 5
    assert state.resoluton is None
    state.change("resolutoin")(print)
    state.ready()
    assert not caplog.records


def test_a_listener_that_waits_in_vain_is_named_when_the_state_is_ready(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = State(hints=True)
    state.update(resolution=5)

    @state.change("resoluton", "later", "elsewhere")
    def listener(**_: object) -> None: ...

    @state.change("resolution")
    def sets(**_: object) -> None:
        state.later = 1

    state.late = 1
    assert not caplog.records
    state.ready()
    assert caplog.messages == [
        "a change listener waits for 'resoluton', which was never set: is 'resolution' meant?"
    ]


def test_the_search_has_limits(caplog: pytest.LogCaptureFixture) -> None:
    known = {f"{chr(97 + n % 26) * 3}_{n}": n for n in range(MAX_KNOWN + 1)} | {"resolution": 1}
    hints = Hints()
    hints.read("resoluton", known)
    assert not caplog.records
    for n in range(MAX_NAMES):
        hints.read(f"name{n}", {"resolution"})
    hints.read("resoluton", {"resolution"})
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        Hints().read("resoluton", {"resolution"})
    assert len(caplog.records) == 1


def test_a_name_is_looked_at_once_and_private_ones_never() -> None:
    hints = Hints()
    assert not hints.is_new("_private")
    assert hints.is_new("speed")
    hints.read("speed", ["sped"])
    assert not hints.is_new("speed")
    for number in range(MAX_NAMES):
        hints.read(f"name {number}", [])
    assert not hints.is_new("another")
