"""Random operations on our state and on trame-server's give the same pushes, listener calls and values.

Ours runs with ``equal=equal_value`` and ``in_place=False``. Left out, because there we differ on purpose:

* ``clean`` while other keys are pending: theirs forgets that the listeners of those are due;
* ``initial`` while something is pending: theirs takes it for pushed, and nobody is ever told;
* values whose ``==`` is no bool: theirs raises;
* ``client_only`` while ``trame__client_only`` is pending: theirs adds the pending names again;
* coroutine listeners: theirs needs a running event loop, ours is handed one;
* flushes on other threads: theirs loses the message;
* listeners that never settle: theirs runs on;
* what is reported of a listener's exception: theirs logs one line;
* writes that the commit function makes: theirs takes them for pushed.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from copy import copy
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from trame_server.state import State as PeerState
from trame_server.utils.namespace import Translator as PeerTranslator

from jupyter_trame.core.listeners import InlineHooks
from jupyter_trame.core.state import State
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.values import equal_value
from tests.support.properties import examples

KEYS = ("a", "b", "c", "trame__title", "_d")
PREFIXED = (f"{prefix}{key}" for prefix in ("p_", "g_") for key in KEYS if not key.startswith("trame__"))
ROOT_KEYS = (*KEYS, *PREFIXED, "z")

keys = st.sampled_from(KEYS)
some_keys = st.lists(keys, max_size=3)
members = st.sampled_from(["root", "child", "grandchild", "view"])
values = st.one_of(
    st.integers(0, 3),
    st.sampled_from([True, False, 1.0, "1", None, b"1"]),
    st.lists(st.integers(0, 1), max_size=2),
)
writes = st.lists(st.tuples(members, keys, values), max_size=5)


class SilentHooks(InlineHooks):
    """Drops exceptions: what is reported of them is compared nowhere."""

    def call(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception:
            return None


class Side:
    """A root and a child of one kind, and everything they do."""

    def __init__(self, state_type: Any, translator_type: Any, **options: Any) -> None:
        self.log: list[Any] = []
        self.fails = False
        translator = translator_type("p_")
        translator.add_translation("b", "z")
        root = state_type(commit_fn=self.committer("root"), **options)
        child = state_type(translator=translator, internal=root, commit_fn=self.committer("child"))
        self.members = {"root": root, "child": child}
        self.members["grandchild"] = state_type(
            translator=translator_type("g_"), internal=child, commit_fn=self.committer("grandchild")
        )
        self.members["view"] = state_type(internal=child, commit_fn=self.committer("view"))

    def committer(self, member: str) -> Callable[[dict[str, Any]], None]:
        def commit(changes: dict[str, Any]) -> None:
            if self.fails:
                raise OSError(member)
            self.log.append((member, [(key, copy(value)) for key, value in changes.items()]))

        return commit

    def listen(self, member: str, names: list[str], kind: str) -> None:
        state = self.members[member]
        number = len(self.log)

        def listener(**values: Any) -> None:
            self.log.append(
                (
                    number,
                    kind,
                    {key: copy(value) for key, value in values.items()},
                    state.modified_keys.copy(),
                )
            )
            self.react(state, kind, values)

        def frugal(a: Any = None, b: Any = None, **_: Any) -> None:
            self.log.append((number, kind, copy(a), copy(b)))

        self.log.append(number)
        for fn in (listener, frugal):
            state.change(*names)(fn)

    def react(self, state: Any, kind: str, values: dict[str, Any]) -> None:
        if kind == "raises":
            state.c = 7
            raise ValueError(kind)
        if kind == "counts" and isinstance(values.get("a"), int) and values["a"] < 3:
            state.a = values["a"] + 1
        if kind == "copies":
            state.c = values.get("b")
            self.log.append(state.flush())
        if kind == "blocks":
            with state, state.suppress_change_listeners("b"):
                state.b = values.get("a")
        if kind == "goes back":
            before = state.c
            state.c = object
            state.c = before

    def do(self, member: str, operation: Callable[[Any], Any]) -> None:
        """Run `operation` on one of the states and log how it ends."""
        try:
            self.log.append(("result", operation(self.members[member])))
        except OSError as error:
            self.log.append(("error", str(error)))

    def picture(self) -> dict[str, Any]:
        """Everything that can be asked without changing anything."""
        asked = {
            (member, key): (repr(state[key]), key in state, state.is_dirty(key), state.is_dirty_all(key))
            for member, state in self.members.items()
            for key in (*ROOT_KEYS, "trame__client_only")
        }
        return {
            **asked,  # type: ignore[dict-item]
            "ready": self.members["child"].is_ready,
            "modified": self.members["root"].modified_keys,
        }


class Machine(RuleBasedStateMachine):
    @initialize(ready=st.booleans())
    def start(self, ready: bool) -> None:
        ours = Side(State, Translator, ready=ready, equal=equal_value, in_place=False, hooks=SilentHooks())
        self.sides = (ours, Side(PeerState, PeerTranslator, ready=ready))

    def both(self, member: str, operation: Callable[[Any], Any]) -> None:
        for side in self.sides:
            side.do(member, operation)

    def nothing_is_pending(self) -> bool:
        return not self.sides[0].members["root"].is_dirty(*ROOT_KEYS, "trame__client_only")

    @rule(member=members, key=keys, value=values)
    def set_item(self, member: str, key: str, value: Any) -> None:
        self.both(member, lambda state: state.__setitem__(key, copy(value)))

    @rule(member=members, key=st.sampled_from(["a", "b", "c"]), value=values)
    def set_attribute(self, member: str, key: str, value: Any) -> None:
        self.both(member, lambda state: setattr(state, key, copy(value)))

    @rule(member=members, update=st.dictionaries(keys, values, max_size=4))
    def update(self, member: str, update: dict[str, Any]) -> None:
        self.both(
            member, lambda state: state.update({key: copy(value) for key, value in update.items()}, a=1)
        )

    @rule(member=members, key=keys, value=values)
    def setdefault(self, member: str, key: str, value: Any) -> None:
        self.both(member, lambda state: repr(state.setdefault(key, copy(value))))

    @rule(member=members, names=some_keys)
    def dirty(self, member: str, names: list[str]) -> None:
        self.both(member, lambda state: state.dirty(*names))

    @rule(member=members)
    def clean_everything(self, member: str) -> None:
        self.both("root", lambda state: state.clean(*ROOT_KEYS, "trame__client_only"))

    @precondition(lambda self: self.nothing_is_pending())
    @rule(member=members, key=keys, value=values)
    def clean_one(self, member: str, key: str, value: Any) -> None:
        self.both(member, lambda state: (state.__setitem__(key, copy(value)), state.clean(key)))

    @precondition(lambda self: self.nothing_is_pending())
    @rule(member=members)
    def initial(self, member: str) -> None:
        self.both(member, lambda state: dict(state.initial))

    @precondition(lambda self: not self.sides[0].members["root"].is_dirty("trame__client_only"))
    @rule(member=members, names=some_keys)
    def client_only(self, member: str, names: list[str]) -> None:
        self.both(member, lambda state: state.client_only(*dict.fromkeys(names)))

    @rule(member=members)
    def flush(self, member: str) -> None:
        self.both(member, lambda state: state.flush())

    @rule(member=members)
    def to_dict(self, member: str) -> None:
        self.both(member, lambda state: dict(state.to_dict()))

    @rule(member=members)
    def ready(self, member: str) -> None:
        self.both(member, lambda state: state.ready())

    @rule(member=members, key=keys, how=st.sampled_from(["nothing", "set", "set a copy", "dirty"]))
    def change_in_place(self, member: str, key: str, how: str) -> None:
        def run(state: Any) -> None:
            value = state[key]
            if isinstance(value, list):
                value.append(len(value))
            if how == "dirty":
                state.dirty(key)
            elif how != "nothing":
                state[key] = value if how == "set" else copy(value)

        self.both(member, run)

    @rule(key=st.sampled_from(ROOT_KEYS), how=st.sampled_from(["clear", "pop", "rewrite", "first"]))
    def take_listeners_out(self, key: str, how: str) -> None:
        """As packages for trame do."""
        for side in self.sides:
            callbacks = side.members["root"]._change_callbacks
            if how == "clear":
                callbacks.clear()
            elif how == "pop":
                callbacks.pop(key, None)
            else:
                for name, entries in callbacks.items():
                    pairs = [(fn, translator) for fn, translator in entries]
                    callbacks[name] = pairs[1:] if how == "first" and name == key else pairs

    @rule(fails=st.booleans())
    def commits_fail(self, fails: bool) -> None:
        for side in self.sides:
            side.fails = fails

    @rule(member=members, block=writes)
    def with_block(self, member: str, block: list[tuple[str, str, Any]]) -> None:
        for side in self.sides:

            def run(state: Any, side: Side = side) -> None:
                with state:
                    for other, key, value in block:
                        side.members[other][key] = copy(value)

            side.do(member, run)

    @rule(
        suppressions=st.lists(st.tuples(members, some_keys), min_size=1, max_size=2),
        block=writes,
        dirty=some_keys,
        flush=st.booleans(),
    )
    def suppress(
        self,
        suppressions: list[tuple[str, list[str]]],
        block: list[tuple[str, str, Any]],
        dirty: list[str],
        flush: bool,
    ) -> None:
        for side in self.sides:

            def run(state: Any, side: Side = side) -> Any:
                with ExitStack() as stack:
                    for member, names in suppressions:
                        stack.enter_context(side.members[member].suppress_change_listeners(*names))
                    for member, key, value in block:
                        side.members[member][key] = copy(value)
                    state.dirty(*dirty)
                    return state.flush() if flush else None

            side.do("root", run)

    @rule(
        member=members,
        names=st.lists(keys, min_size=1, max_size=3),
        kind=st.sampled_from(["records", "raises", "counts", "copies", "blocks", "goes back"]),
    )
    def listen(self, member: str, names: list[str], kind: str) -> None:
        for side in self.sides:
            side.listen(member, names, kind)

    @invariant()
    def they_agree(self) -> None:
        ours, theirs = self.sides
        assert ours.log == theirs.log
        assert ours.picture() == theirs.picture()


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    logger = logging.getLogger("trame_server.state")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


class TestOracle(Machine.TestCase):  # type: ignore[valid-type]
    settings = settings(examples(0.75), stateful_step_count=25)


# The differences that are left out above, each seen once


def two_states(commit: Callable[[dict[str, Any]], None]) -> tuple[State, PeerState]:
    return State(commit_fn=commit, ready=True), PeerState(commit_fn=commit, ready=True)


def test_clean_differs() -> None:
    calls: list[str] = []
    for name, state in zip(("ours", "theirs"), two_states(lambda changes: None), strict=True):
        state.change("b")(lambda name=name, **_: calls.append(name))
        state.update({"a": 1, "b": 1})
        state.clean("a")
        state.flush()
    assert calls == ["ours"]


def test_initial_differs() -> None:
    pushes: list[int] = []
    for number, state in enumerate(two_states(lambda changes: pushes.append(changes["a"]))):
        state.a = number
        assert dict(state.initial) == {"a": number}
        state.flush()
    assert pushes == [0]
