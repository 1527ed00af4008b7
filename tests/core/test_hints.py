"""Names that look like a mistake are told, each once."""

import re
from pathlib import Path

import pytest

from jupyter_trame.core.hints import MAX_KNOWN, MAX_NAMES, OF_TEMPLATES, Hints, missing_key
from jupyter_trame.core.listeners import name_of
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
        ("jupyter_trame.core.listeners", "WARNING")
    ] * 3
    assert caplog.messages == [
        "state: is 'resolution' meant? 'resoluton' was read, which nobody has set",
        "state: is 'resolution' meant? 'resolutoin' was read, which nobody has set",
        "state: is 'p_count' meant? 'p_cuont' was read, which nobody has set",
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
        f"state: is 'resolution' meant? {name_of(listener)} waits for 'resoluton', which nobody has set"
    ]


def test_the_search_has_limits() -> None:
    advice: list[tuple[str, str]] = []

    def hints() -> Hints:
        return Hints(lambda *words: advice.append(words))

    known = {f"{chr(97 + n % 26) * 3}_{n}": n for n in range(MAX_KNOWN + 1)} | {"resolution": 1}
    tired = hints()
    tired.read("resoluton", known)
    for n in range(MAX_NAMES):
        tired.read(f"name{n}", {"resolution"})
    tired.read("resoluton", {"resolution"})
    assert advice == []
    hints().read("resoluton", {"resolution"})
    assert len(advice) == 1


def test_a_name_is_looked_at_once_and_private_ones_never() -> None:
    hints = Hints(lambda *_: None)
    assert not hints.is_new("_private")
    assert hints.is_new("speed")
    hints.read("speed", ["sped"])
    assert not hints.is_new("speed")
    for number in range(MAX_NAMES):
        hints.read(f"name {number}", [])
    assert not hints.is_new("another")


def test_names_that_mean_something_else_are_told_with_the_first_flush(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    state.update({"flush": 1, "trigger": 2, "Math": 3, "good": 4})
    assert not caplog.records
    state.flush()
    state.update({"trigger": 5})
    state.flush()
    assert caplog.messages == [
        "state: give 'flush' another name, such as flush_value: state.flush is a method of the state",
        "state: give 'trigger' another name, such as trigger_value: in a template trigger is something else",
        "state: give 'Math' another name, such as Math_value: in a template Math is something else",
    ]


def test_what_templates_mean_otherwise_is_what_pages_do() -> None:
    source = (Path(__file__).parents[2] / "js/src/view/render/scope.ts").read_text("utf-8")
    of_the_page = source.partition("const GLOBALS")[2].partition(".split")[0]
    found = {name for text in re.findall(r'"([\w,]+)"', of_the_page) for name in text.split(",") if name}
    members = source.partition("members: Record<string, unknown> = {")[2].partition("\n  };")[0]
    found.update(re.findall(r"^    (\w+)[:,]", members, re.MULTILINE))
    assert found | {"tts"} == OF_TEMPLATES


def test_what_is_said_of_a_missing_key() -> None:
    text, is_slip = missing_key("lwo", ["low", "high"], "html.Span")
    assert (text, is_slip) == ("is 'low' meant? html.Span names 'lwo', which nobody has set", True)
    text, is_slip = missing_key("total", ["low", "high"], "html.Span")
    assert not is_slip
    assert text.startswith("set state.total first, to None if it has no value yet: html.Span names it")
