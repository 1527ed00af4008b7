"""`TypedState`: a dataclass laid out in the state."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both

T = TypeVar("T")
IDENTITY = UUID(int=1)


class Color(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Inner:
    a: int = 1
    b: str | None = "b"


@dataclass
class Outer:
    inner: Inner = field(default_factory=Inner)
    x: float = 0.5
    nothing: int = field(default=None)  # type: ignore[assignment]


@dataclass
class Bare:
    needed: int


@dataclass
class Kinds:
    color: Color = Color.RED
    uuid: UUID = IDENTITY
    decimal: Decimal = Decimal("1.5")
    moment: datetime = datetime(2024, 1, 2, 3, 4, tzinfo=UTC)
    day: date = date(2024, 1, 2)
    hour: time = time(3, 4)
    path: Path = Path("a/b")
    colors: list[Color] = field(default_factory=lambda: [Color.RED, Color.BLUE])
    pair: tuple[Color, Color] = (Color.BLUE, Color.RED)
    named: dict[str, Color] = field(default_factory=lambda: {"x": Color.RED})


@dataclass
class One:
    value: int = 1


@dataclass
class Two:
    value: int = 2


@dataclass
class Holder:
    item: One | Two | None = None
    items: list[One] = field(default_factory=list)


@dataclass
class Box(Generic[T]):
    content: T


def typed(peer: Peer, kind: Any, state: Any = None, **options: Any) -> Any:
    state = peer.state(ready=True) if state is None else state
    return peer.module("utils.typed_state").TypedState(state, kind, **options)


@fact(
    "api 11",
    "a leaf is the key `[namespace__]Class__field`, nested fields have the path before: `ns__Outer__inner__Inner__a`",
)
@fact("api 11", "`typed.name.<path>` gives the key")
@both
def test_names(peer: Peer) -> None:
    plain, spaced = typed(peer, Outer), typed(peer, Outer, namespace="ns")
    assert (plain.name.x, spaced.name.x) == ("Outer__x", "ns__Outer__x")
    assert spaced.name.inner.a == "ns__Outer__inner__Inner__a"


@fact("api 11", "`typed.data.<path>` reads and writes decoded values")
@both
def test_data(peer: Peer) -> None:
    found = typed(peer, Outer)
    found.data.inner.a = 5
    assert (found.data.inner.a, found.state["Outer__inner__Inner__a"]) == (5, 5)
    found.state["Outer__x"] = 2.5
    assert found.data.x == 2.5


@fact("api 11", "defaults and default factories are set with `setdefault`: what the state holds stays")
@both
def test_defaults(peer: Peer) -> None:
    state = peer.state(ready=True)
    state["Inner__a"] = 7
    found = typed(peer, Inner, state)
    assert (found.data.a, found.data.b) == (7, "b")


@fact("api 11", "a field without a default creates no key and reads None")
@both
def test_no_default(peer: Peer) -> None:
    found = typed(peer, Bare)
    assert not found.state.has("Bare__needed")
    assert found.data.needed is None


@dataclass
class InnerWithGap:
    gap: int
    a: int = 1


@dataclass
class OuterWithInstance:
    inner: InnerWithGap = field(default_factory=lambda: InnerWithGap(gap=8, a=9))


@fact(
    "api 11",
    "a nested dataclass's own defaults come before the instance that the outer field gives: that fills gaps",
)
@both
def test_nested_defaults(peer: Peer) -> None:
    found = typed(peer, OuterWithInstance)
    assert (found.data.inner.gap, found.data.inner.a) == (8, 1)


@fact("api 11", "`typed.data.inner = Inner(...)` assigns all its leaves")
@both
def test_nested_assignment(peer: Peer) -> None:
    found = typed(peer, Outer)
    found.data.inner = Inner(a=3, b=None)
    assert (found.data.inner.a, found.data.inner.b) == (3, None)


ENCODED = {
    "color": "red",
    "uuid": "00000000-0000-0000-0000-000000000001",
    "decimal": "1.5",
    "moment": "2024-01-02T03:04:00+00:00",
    "day": "2024-01-02",
    "hour": "03:04:00",
    "path": "a/b",
    "colors": ["red", "blue"],
    "pair": ("blue", "red"),
    "named": {"x": "red"},
}


@pytest.mark.parametrize("name", ENCODED)
@fact(
    "api 11",
    "an Enum is its value, UUID and Decimal text, a datetime UTC, date and time ISO text, a Path posix",
)
@fact("api 11", "lists, tuples and dicts are encoded item by item, and keep their type")
@both
def test_encoding(peer: Peer, name: str) -> None:
    found = typed(peer, Kinds)
    assert found.state[f"Kinds__{name}"] == ENCODED[name]
    assert getattr(found.data, name) == getattr(Kinds(), name)


@fact(
    "api 11",
    "a dataclass within a value is a dict of its fields with `__trame_typed_state__`, the name of its class",
)
@fact("api 11", "the tag says which dataclass of a union it was")
@both
def test_dataclass_in_a_value(peer: Peer) -> None:
    found = typed(peer, Holder)
    found.data.items = [One(5)]
    found.data.item = Two(6)
    tag = f"{__name__}.One"
    assert found.state["Holder__items"] == [{"value": 5, "__trame_typed_state__": tag}]
    assert (found.data.items, found.data.item) == ([One(5)], Two(6))


@dataclass
class Unions:
    choice: Color | str = "x"
    number: int | str = 0


@fact("api 11", "the types of a union are tried in the order in which they are declared")
@both
def test_unions(peer: Peer) -> None:
    found = typed(peer, Unions)
    found.state["Unions__choice"] = "blue"
    assert found.data.choice is Color.BLUE
    found.state["Unions__choice"] = "green"
    assert found.data.choice == "green"


@fact(
    "api 11",
    "a text stays a text in a union that has `str`",
    trame="makes a number of `'5'` where `int` is declared before",
)
def test_scalars_in_unions() -> None:
    found = typed(OURS, Unions)
    found.data.number = "5"
    assert found.data.number == "5"


@dataclass
class Mixed:
    pair: tuple[Color, int] = (Color.BLUE, 1)


@fact("api 11", "each item of a tuple has a type of its own", trame="all are decoded as the first type")
def test_mixed_tuples() -> None:
    assert typed(OURS, Mixed).data.pair == (Color.BLUE, 1)


@dataclass
class BoxOwner:
    box: Box[Color] = field(default_factory=lambda: Box(Color.BLUE))


@dataclass
class ColorBox(Box[Color]):
    """A box whose content is known."""


@fact("api 11", "type variables of a generic dataclass are resolved through its subclasses")
@both
def test_generics(peer: Peer) -> None:
    found = typed(peer, ColorBox)
    found.data.content = Color.BLUE
    assert (found.state["ColorBox__content"], found.data.content) == ("blue", Color.BLUE)


@fact(
    "api 11",
    "`Box[Color]` is resolved as the type of a field and of the state, too",
    trame="raises TypeError",
)
def test_generic_aliases() -> None:
    assert typed(OURS, BoxOwner).data.box == Box(Color.BLUE)
    found = typed(OURS, Box[Color])
    found.data.content = Color.BLUE
    assert found.data.content == Color.BLUE


@fact("api 11", "a value that cannot be decoded raises TypeError")
@both
def test_failure(peer: Peer) -> None:
    found = typed(peer, Kinds)
    found.state["Kinds__color"] = "no colour"
    with pytest.raises(TypeError):
        _ = found.data.color


@fact(
    "api 11",
    "`encoders=[...]`: subclasses of `DefaultEncoderDecoder` or `IStateEncoderDecoder`, the first that does not raise",
)
@both
def test_encoders(peer: Peer) -> None:
    module = peer.module("utils.typed_state")

    class Refuses(module.IStateEncoderDecoder):  # type: ignore[name-defined]
        def encode(self, obj: Any) -> Any:
            raise TypeError

        def decode(self, obj: Any, obj_type: Any) -> Any:
            raise TypeError

    class Hexadecimal(module.DefaultEncoderDecoder):  # type: ignore[name-defined]
        def encode(self, obj: Any) -> Any:
            return hex(obj) if isinstance(obj, int) else super().encode(obj)

        def decode(self, obj: Any, obj_type: Any) -> Any:
            return int(obj, 16) if obj_type is int else super().decode(obj, obj_type)

    found = typed(peer, Inner, encoders=[Refuses(), Hexadecimal()])
    found.data.a = 255
    assert (found.state["Inner__a"], found.data.a) == ("0xff", 255)
    assert found.encode(16) == "0x10"


@fact(
    "api 11",
    "`bind_changes({key, tuple or list of keys: callback})` calls with the decoded values, in the order of keys",
)
@fact("api 11", "a nested name gives the nested proxy; `typed.name` binds everything")
@both
def test_bind_changes(peer: Peer) -> None:
    found = typed(peer, Outer)
    calls: list[Any] = []
    found.bind_changes(
        {
            found.name.x: lambda x: calls.append(("x", x)),
            (found.name.x, found.name.inner.a): lambda x, a: calls.append(("both", x, a)),
            found.name.inner: lambda inner: calls.append(("inner", inner.a)),
            found.name: lambda data: calls.append(("all", data.x)),
        }
    )
    found.state.flush()
    calls.clear()
    found.data.inner.a = 4
    found.state.flush()
    assert sorted(calls) == [("all", 0.5), ("both", 0.5, 4), ("inner", 4)]
    calls.clear()
    found.data.x = 1.5
    found.state.flush()
    assert sorted(calls) == [("all", 1.5), ("both", 1.5, 4), ("x", 1.5)]


@fact("api 11", "`get_dataclass()` and `set_dataclass(obj)`, TypeError for an object of another class")
@both
def test_whole_dataclass(peer: Peer) -> None:
    found = typed(peer, Outer)
    found.set_dataclass(Outer(Inner(2, None), 1.0, 3))
    assert found.get_dataclass() == Outer(Inner(2, None), 1.0, 3)
    with pytest.raises(TypeError):
        found.set_dataclass(Inner())


@fact("api 11", "`get_sub_state(typed.name.inner)` is the typed state of that part")
@both
def test_sub_state(peer: Peer) -> None:
    found = typed(peer, Outer)
    part = found.get_sub_state(found.name.inner)
    part.data.a = 6
    assert (found.data.inner.a, part.name.a) == (6, "Outer__inner__Inner__a")
    assert part.get_dataclass() == Inner(6, "b")


@fact("api 11", "`suppress_change_listeners()` holds for all fields")
@both
def test_suppression(peer: Peer) -> None:
    found = typed(peer, Outer)
    calls: list[Any] = []
    found.bind_changes({found.name.inner.a: calls.append})
    found.state.flush()
    calls.clear()
    with found.suppress_change_listeners():
        found.data.inner.a = 9
    found.state.flush()
    assert calls == []


@fact(
    "api 11",
    "helpers of the class: `as_dataclass`, `from_dataclass`, `is_proxy_class`, `is_name_proxy_class` and others",
)
@fact(
    "api 11",
    "`get_field_proxy_dict` holds leaves, nested proxies and the root: 5 entries for 3 leaves in 2 levels",
)
@both
def test_class_helpers(peer: Peer) -> None:
    kind = peer.module("utils.typed_state").TypedState

    @dataclass
    class Root:
        inner: Inner = field(default_factory=Inner)
        x: int = 1

    found = typed(peer, Root)
    assert kind.as_dataclass(found.data.inner) == Inner()
    kind.from_dataclass(found.data.inner, Inner(8, "c"))
    assert found.data.inner.b == "c"
    proxies = [found.name, found.data, found.name.inner, found.data.inner]
    assert all(map(kind.is_proxy_class, proxies))
    assert not kind.is_proxy_class("Root__x")
    assert [kind.is_name_proxy_class(proxy) for proxy in proxies] == [True, False, True, False]
    assert [kind.is_data_proxy_class(proxy) for proxy in proxies] == [False, True, False, True]
    assert kind.get_state_id(found.data.inner) == kind.get_state_id(found.name.inner)
    keys = set(kind.get_field_proxy_dict(found.data))
    assert len(keys) == 5
    assert {"Root__x", "Root__inner__Inner__a", "Root__inner__Inner__b"} < keys
    assert kind.get_value_state_keys(["Root__x"]) == ["Root__x"]
    assert "Root__inner__Inner__a" in kind.get_reactive_state_id_keys([found.name.inner])
    assert callable(kind.bind_typed_state_change)
