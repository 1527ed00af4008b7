"""Figures in the state are drawn while others write, flush and are served."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_trame.core.state import State, store_of
from jupyter_trame.showing import forms
from jupyter_trame.showing.forms import sent_form
from tests.core.support import OwnerHooks

WAIT = 30


class Figure:
    """Its drawing begins, and goes on when somebody says so."""

    def __init__(self, words: str = "drawn") -> None:
        self.words = words
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.drawn: list[str] = []

    def draw(self) -> str:
        words = self.words
        self.begun.set()
        assert self.go_on.wait(WAIT)
        self.drawn.append(words)
        return words


def _draw(figure: Figure) -> str:
    return figure.draw()


@pytest.fixture(autouse=True)
def form(monkeypatch: pytest.MonkeyPatch) -> None:
    """How figures of this test are drawn."""
    monkeypatch.setitem(forms._forms, Figure, forms.Form(_draw, _draw))
    monkeypatch.setattr(forms, "_known", {})


class Watching(Figure):
    """It looks whether the lock of `state` is free while it is drawn."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.free: list[bool] = []
        self._lock = store_of(state).lock

    def draw(self) -> str:
        thread = threading.Thread(target=self._try)
        thread.start()
        thread.join()
        return super().draw()

    def _try(self) -> None:
        free = self._lock.acquire(blocking=False)
        self.free.append(free)
        if free:
            self._lock.release()


@pytest.fixture
def pushes() -> list[dict[str, Any]]:
    """What clients get of each round."""
    return []


@pytest.fixture
def state(pushes: list[dict[str, Any]]) -> State:
    def commit(changes: dict[str, Any]) -> None:
        pushes.append({key: _sent(value) for key, value in changes.items()})

    state = State(commit_fn=commit, ready=True, hooks=OwnerHooks())
    store_of(state).drawings.is_withheld = lambda key: key == "withheld"
    return state


def _sent(value: Any) -> Any:
    if isinstance(value, dict):
        return [sent_form(one) for one in value["all"]]
    try:
        return sent_form(value)
    except ValueError as error:
        return f"error: {error}"


@pytest.fixture
def apart() -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    """Runs something on a thread of its own."""
    threads: list[threading.Thread] = []

    def run(call: Callable[[], object]) -> threading.Thread:
        thread = threading.Thread(target=call)
        threads.append(thread)
        thread.start()
        return thread

    yield run
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive()


Apart = Callable[[Callable[[], object]], threading.Thread]


def test_a_slow_figure_holds_nobody_up(state: State, pushes: list[dict[str, Any]], apart: Apart) -> None:
    figure = Figure()
    figure.go_on.clear()

    def show() -> None:
        with state:
            state.update({"figure": figure, "note": "beside it"})

    thread = apart(show)
    assert figure.begun.wait(WAIT)
    with state:
        state.power = 5
    assert pushes == [{"note": "beside it", "power": 5}]
    assert state.figure is figure
    assert state.is_dirty("figure")
    assert state.flush() == set(), "who draws it sends it"
    figure.go_on.set()
    thread.join(WAIT)
    assert pushes[1:] == [{"figure": "drawn"}]
    assert figure.drawn == ["drawn"], "once"
    assert not state.is_dirty("figure")


def test_listeners_hear_of_a_figure_when_it_is_sent(state: State, apart: Apart) -> None:
    figure, heard = Figure(), list[Any]()
    figure.go_on.clear()
    state.change("figure")(lambda figure: heard.append(figure))

    def show() -> None:
        with state:
            state.figure = figure

    thread = apart(show)
    assert figure.begun.wait(WAIT)
    with state:
        state.power = 5
    assert heard == []
    figure.go_on.set()
    thread.join(WAIT)
    hooks = store_of(state).hooks
    assert isinstance(hooks, OwnerHooks)
    hooks.run_deferred()
    assert heard == [figure]


def test_what_is_set_while_it_is_drawn_is_drawn_again(
    state: State, pushes: list[dict[str, Any]], apart: Apart
) -> None:
    figure = Figure("first")
    figure.go_on.clear()

    def show() -> None:
        with state:
            state.figure = figure

    thread = apart(show)
    assert figure.begun.wait(WAIT)
    figure.words = "second"
    state.figure = figure
    figure.go_on.set()
    thread.join(WAIT)
    state.flush()
    assert pushes[-1] == {"figure": "second"}


def test_figures_in_lists_are_drawn_before_too(state: State) -> None:
    watching = Watching(state)
    with state:
        state.figures = {"all": [Figure(), watching]}
    assert watching.free == [True]


def test_what_drawing_raises_is_told_when_it_is_sent(state: State, pushes: list[dict[str, Any]]) -> None:
    class Broken(Figure):
        def draw(self) -> str:
            self.drawn.append("tried")
            raise ValueError("no axes")

    broken = Broken()
    with state:
        state.update({"figure": broken, "note": 1})
    assert pushes == [{"figure": "error: no axes", "note": 1}]
    assert broken.drawn == ["tried"]


def test_an_interrupt_leaves_the_figure_for_the_next_flush(
    state: State, pushes: list[dict[str, Any]]
) -> None:
    class Interrupted(Figure):
        def draw(self) -> str:
            self.drawn.append("tried")
            if len(self.drawn) == 1:
                raise KeyboardInterrupt
            return "drawn"

    state.figure = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        state.flush()
    assert state.is_dirty("figure")
    state.flush()
    assert pushes == [{"figure": "drawn"}]


def test_what_no_client_gets_is_not_drawn(state: State) -> None:
    drawings, figure = store_of(state).drawings, Figure()
    drawings.make({"withheld": figure, "number": 1, "text": "x"})
    assert figure.drawn == []
    assert drawings.take(["withheld", "number"]) == {}
    drawings.make({"figure": figure})
    drawings.make({"figure": figure})
    assert figure.drawn == ["drawn"], "once for each time that it is set"
    assert list(drawings.take(["figure"])) == [id(figure)]
    drawings.make({"figure": figure})
    drawings.outdate("figure")
    assert drawings.take(["figure"]) == {}


def test_a_listener_that_sets_a_figure_draws_it_without_the_lock(
    state: State, pushes: list[dict[str, Any]]
) -> None:
    watching = Watching(state)

    @state.change("power")
    def on_power(power: int) -> None:
        state.figure = watching

    with state:
        state.power = 3
    assert pushes[-1] == {"figure": "drawn"}
    assert watching.free == [True]
