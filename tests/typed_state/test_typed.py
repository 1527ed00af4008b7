"""The whole of it, beside trame's: the same keys, the same values, the same calls."""

import asyncio
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server.state import State as PeerState
from trame_server.utils.typed_state import TypedState as PeerTypedState

from jupyter_trame.core import State, Translator
from jupyter_trame.core.listeners import InlineHooks
from jupyter_trame.typed_state import DefaultEncoderDecoder, TypedState

PEERS: list[tuple[Any, Any]] = [(State, TypedState), (PeerState, PeerTypedState)]


class Mode(Enum):
    ORBIT = "orbit"
    PAN = 2


@dataclass
class Inner:
    a: int = 1
    b: str = "x"


@dataclass
class Middle:
    inner: Inner = field(default_factory=lambda: Inner(a=5))
    when: datetime = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Outer:
    middle: Middle
    mode: Mode = Mode.ORBIT
    numbers: list[int] = field(default_factory=list)
    maybe: Inner | None = None
    either: Inner | Mode | None = field(default_factory=Inner)
    without: UUID | None = field(default=None)
    where: Path = Path("a/b")
    table: dict[str, list[Inner]] = field(default_factory=dict)


INNERS = st.builds(Inner, st.integers(), st.text())
OUTERS = st.builds(
    Outer,
    st.builds(Middle, INNERS, st.datetimes(min_value=datetime(1980, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
    st.sampled_from(Mode),
    st.lists(st.integers()),
    st.none() | INNERS,
    st.none() | INNERS | st.sampled_from(Mode),
    st.none() | st.uuids(),
    st.lists(st.sampled_from("abc"), min_size=1).map(lambda parts: Path(*parts)),
    st.dictionaries(st.text(), st.lists(INNERS)),
)


def outcome(kinds: tuple[Any, Any], namespace: str, value: Outer) -> list[Any]:
    state_type, typed_type = kinds
    state = state_type()
    state.ready()
    typed = typed_type(state, Outer, namespace=namespace)
    found: list[Any] = [dict(state.to_dict())]
    typed.set_dataclass(value)
    found.append(dict(state.to_dict()))
    if typed_type is TypedState:  # trame takes any value for a dataclass where a union has one
        assert typed.get_dataclass() == value
    typed.data.middle.inner = Inner(-1, "z")
    typed.data.maybe = value.middle.inner
    found.append(dict(state.to_dict()))
    found.append([typed.encode([value]), typed.name.middle.inner.a, typed.name.table])
    found.append(
        [
            [*typed_type.get_field_proxy_dict(typed.data)],
            typed_type.get_state_id(typed.name.middle),
            typed_type.get_state_id(5, "default"),
            typed_type.get_reactive_state_id_keys([typed.name.middle, typed.name.mode]),
            typed_type.get_value_state_keys([typed.name.middle, typed.name.mode]),
            typed_type.as_dataclass(typed.data.middle),
        ]
    )
    questions = (typed_type.is_proxy_class, typed_type.is_name_proxy_class, typed_type.is_data_proxy_class)
    for proxy in (typed.name, typed.data, typed.name.middle, typed.data.middle, typed.data.mode, value):
        found += [ask(proxy) for ask in questions]
    return found


@given(st.sampled_from(["", "ns"]), OUTERS)
def test_the_same_keys_and_values_as_trame(namespace: str, value: Outer) -> None:
    ours, theirs = (outcome(kinds, namespace, value) for kinds in PEERS)
    assert ours == theirs


LEAVES: list[Callable[[Any], Any]] = [
    lambda name: name.mode,
    lambda name: name.middle,
    lambda name: name,
    lambda name: name.middle.inner.a,
    lambda name: (name.mode, name.middle.inner),
    lambda name: (name.numbers, name.middle.inner.b, name.where),
]


def calls(kinds: tuple[Any, Any], keys: list[int], writes: list[str]) -> list[Any]:
    state_type, typed_type = kinds
    state = state_type()
    state.ready()
    typed = typed_type(state, Outer)
    state.flush()
    seen: list[Any] = []

    def listener(number: int) -> Callable[..., None]:
        def listen(*values: Any) -> None:
            plain = [
                typed_type.as_dataclass(value) if typed_type.is_data_proxy_class(value) else value
                for value in values
            ]
            seen.append((number, plain))

        return listen

    typed.bind_changes({LEAVES[key](typed.name): listener(key) for key in keys})
    for number, write in enumerate(writes):
        match write:
            case "mode":
                typed.data.mode = [Mode.ORBIT, Mode.PAN][number % 2]
            case "inner":
                typed.data.middle.inner = Inner(number, str(number))
            case "a":
                typed.data.middle.inner.a = number
            case "suppressed":
                with typed.suppress_change_listeners():
                    typed.data.where = Path(str(number))
                    typed.data.middle.inner.b = "s"
            case _:
                typed.data.numbers = [number]
        state.flush()
    return seen


@given(
    st.lists(st.sampled_from(range(len(LEAVES))), unique=True),
    st.lists(st.sampled_from(["mode", "inner", "a", "numbers", "suppressed"])),
)
def test_the_same_calls_as_trame(keys: list[int], writes: list[str]) -> None:
    ours, theirs = (calls(kinds, keys, writes) for kinds in PEERS)
    assert ours == theirs


@pytest.mark.parametrize(("state_type", "typed_type"), PEERS, ids=["ours", "trame"])
def test_what_is_refused(state_type: Any, typed_type: Any) -> None:
    state = state_type()
    typed = typed_type(state, Outer)
    for act in (
        lambda: typed.set_dataclass(Inner()),
        lambda: setattr(typed.data, "middle", Inner()),
        lambda: typed_type.from_dataclass(typed.data.middle, 5),
        lambda: typed_type(state, int),
    ):
        with pytest.raises(TypeError):
            act()
    state["Outer__mode"] = "nobody"
    with pytest.raises(TypeError):
        typed.data.mode  # noqa: B018
    for act in (
        lambda: typed_type.as_dataclass(Inner()),
        lambda: typed.get_sub_state(typed.name.mode),
        lambda: typed.get_sub_state(typed.data.middle),
    ):
        with pytest.raises(RuntimeError):
            act()


def test_what_is_refused_here_alone() -> None:
    typed = TypedState(State(), Outer)
    other = TypedState(State(), Inner)
    with pytest.raises(KeyError, match="'Outer__mood' is not part of <values of Outer>"):
        typed.bind_changes({"Outer__mood": print})
    with pytest.raises(RuntimeError, match="is not part of"):
        typed.get_sub_state(other.name)
    with pytest.raises(RuntimeError, match="a proxy for values is expected"):
        typed.from_dataclass(typed.name.middle, Middle())
    with pytest.raises(AttributeError, match="Outer has no field 'mood'"):
        typed.data.mood = 1  # type: ignore[attr-defined]


def test_values_that_are_there_are_kept() -> None:
    state = State(ready=True)
    state.Inner__a = 7
    assert TypedState(state, Inner).get_dataclass() == Inner(7, "x")
    assert TypedState(state, Inner, namespace="n").get_dataclass() == Inner()


def test_parts() -> None:
    state = State(ready=True)
    typed = TypedState(state, Outer)
    part = typed.get_sub_state(typed.name.middle.inner)
    part.data.a = 9
    assert typed.data.middle.inner.a == 9
    seen: list[int] = []
    part.bind_changes({part.name.a: seen.append})
    state.flush()
    assert seen == [9]
    again = TypedState(state, Outer, data=typed.data, name=typed.name, namespace="unused")
    assert again.data is typed.data
    assert not any(key.startswith("unused") for key in state.initial)


def test_names_of_a_child() -> None:
    state = State(ready=True)
    child = State(Translator("p_"), internal=state)
    typed = TypedState(child, Inner)
    assert [*state.initial] == ["p_Inner__a", "p_Inner__b"]
    assert repr(typed.name.a) == "'Inner__a'"
    seen: list[Any] = []
    typed.bind_changes(
        {typed.name: lambda data: seen.append(dataclasses.asdict(TypedState.as_dataclass(data)))}
    )
    typed.data.a = 2
    state.flush()
    assert seen == [{"a": 2, "b": "x"}]


def test_coroutine_functions_and_lists_of_keys() -> None:
    class Hooks(InlineHooks):
        def schedule(self, where: str, awaitable: Any, /, on_end: object = None) -> None:
            asyncio.run(awaitable)

    state = State(ready=True, hooks=Hooks())
    typed = TypedState(state, Inner)
    state.flush()
    seen: list[Any] = []

    async def on_change(a: int, b: str) -> None:
        seen.append((a, b))

    TypedState.bind_typed_state_change([typed.name.a, typed.name.b], on_change, state, typed.data)
    typed.data.a = 3
    state.flush()
    assert seen == [(3, "x")]


def test_listeners_are_reloaded() -> None:
    state = State(ready=True, hot_reload=lambda fn: newest if fn is first else fn)
    typed = TypedState(state, Inner)
    seen: list[Any] = []

    def first(_: int) -> None:
        pytest.fail("there is a newer version")

    def newest(a: int) -> None:
        seen.append(a)

    typed.bind_changes({typed.name.a: first})
    state.flush()
    assert seen == [1]


def test_encoders_of_ones_own() -> None:
    class Shout(DefaultEncoderDecoder):
        def encode(self, obj: Any) -> Any:
            return obj.upper() if isinstance(obj, str) else super().encode(obj)

    class Whole(DefaultEncoderDecoder):
        def encode(self, obj: Any) -> Any:
            return ["whole", obj]

        def decode(self, obj: Any, obj_type: Any) -> Any:
            return obj[1]

    state = State(ready=True)
    assert TypedState(state, Inner, encoders=[Shout()]).data.b == "X"
    typed = TypedState(state, Outer, encoder=Whole())
    assert state["Outer__numbers"] == ["whole", []]
    assert typed.data.numbers == []
