"""Stand-ins for a dataclass whose fields are keys of a state: one gives their names, one their values."""

from dataclasses import dataclass, field
from typing import Any

from jupyter_trame.core.state import State
from jupyter_trame.typed_state.collections import make_instance
from jupyter_trame.typed_state.encoders import IStateEncoderDecoder
from jupyter_trame.typed_state.fields import TypedField, class_of, fields_of

__all__ = [
    "DataProxy",
    "Leaf",
    "NameProxy",
    "Node",
    "ValueField",
    "assign",
    "assign_missing",
    "field_dict",
    "make_node",
    "node_of",
    "plain_value",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that is one key of the state."""

    state_id: str
    """The key."""
    field: TypedField


@dataclass(frozen=True, slots=True)
class Node:
    """A dataclass in its place: all its fields, by name."""

    state_id: str
    """No key that anybody sets, but listeners may be bound to it."""
    type: type
    parts: "dict[str, Leaf | Node]" = field(default_factory=dict)
    fields: dict[str, TypedField] = field(default_factory=dict)


def make_node(dataclass_type: Any, namespace: str) -> Node:
    """Lay the fields of a dataclass out as keys: ``namespace__Class__field``, nested ones with the path before them.

    Only a field whose type is a dataclass itself is nested: of an optional or generic one, the value is one key.
    """
    origin = class_of(dataclass_type)
    if origin is None:
        raise TypeError(f"a dataclass is expected, not {dataclass_type!r}")
    node = Node(f"{namespace}__{origin.__name__}" if namespace else origin.__name__, origin)
    for typed in fields_of(dataclass_type):
        key = f"{node.state_id}__{typed.name}"
        nested = isinstance(typed.type, type) and class_of(typed.type) is typed.type
        node.parts[typed.name] = make_node(typed.type, key) if nested else Leaf(key, typed)
        node.fields[typed.name] = typed
    return node


class ValueField:
    """The value of a leaf."""

    __slots__ = ("_encoder", "_leaf", "_state", "state_id")

    def __init__(self, leaf: Leaf, state: State, encoder: IStateEncoderDecoder) -> None:
        self._leaf = leaf
        self._state = state
        self._encoder = encoder
        self.state_id = leaf.state_id

    def get_value(self) -> Any:
        """The decoded value; None where the state has none. Raises TypeError."""
        value = self._state[self.state_id]
        return None if value is None else self._encoder.decode(value, self._leaf.field.type)

    def set_value(self, value: Any) -> None:
        """Encode `value` and set it."""
        self._state[self.state_id] = self._encoder.encode(plain_value(value))

    def is_set(self) -> bool:
        """Has the state a value?"""
        return self._state.has(self.state_id)


class NameProxy:
    """Its attributes are the keys of the fields."""

    __slots__ = ("_jt_node", "_jt_parts")

    def __init__(self, node: Node) -> None:
        self._jt_node = node
        self._jt_parts = {
            name: NameProxy(part) if isinstance(part, Node) else part.state_id
            for name, part in node.parts.items()
        }

    def __getattr__(self, name: str) -> Any:
        try:
            return self._jt_parts[name]
        except KeyError:
            raise _no_field(self._jt_node, name) from None

    def __dir__(self) -> list[str]:
        return [*self._jt_parts]

    def __repr__(self) -> str:
        return f"<names of {self._jt_node.state_id}>"


class DataProxy:
    """Its attributes are the values of the fields, read from the state and written to it."""

    __slots__ = ("_jt_fields", "_jt_node")

    _jt_node: Node
    _jt_fields: "dict[str, ValueField | DataProxy]"

    def __init__(self, node: Node, state: State, encoder: IStateEncoderDecoder) -> None:
        """Set the defaults of what the state has no value of: those of a nested dataclass before those that the outer
        one gives to it.
        """
        fields: dict[str, ValueField | DataProxy] = {}
        object.__setattr__(self, "_jt_node", node)
        object.__setattr__(self, "_jt_fields", fields)
        for name, part in node.parts.items():
            typed = node.fields[name]
            if isinstance(part, Node):
                inner = fields[name] = DataProxy(part, state, encoder)
                if typed.has_default:
                    assign_missing(inner, typed.default())
            else:
                leaf = fields[name] = ValueField(part, state, encoder)
                if typed.has_default and not leaf.is_set():
                    leaf.set_value(typed.default())

    def __getattr__(self, name: str) -> Any:
        found = self._jt_fields.get(name)
        if found is None:
            raise _no_field(self._jt_node, name)
        return found.get_value() if isinstance(found, ValueField) else found

    def __setattr__(self, name: str, value: Any) -> None:
        found = self._jt_fields.get(name)
        if found is None:
            raise _no_field(self._jt_node, name)
        if isinstance(found, ValueField):
            found.set_value(value)
        else:
            assign(found, value)

    def __dir__(self) -> list[str]:
        return [*self._jt_fields]

    def __repr__(self) -> str:
        return f"<values of {self._jt_node.state_id}>"


def assign(proxy: DataProxy, value: Any) -> None:
    """Set all fields to those of `value`, an instance or another proxy. Raises TypeError for one of another class."""
    value = plain_value(value)
    expected = proxy._jt_node.type
    if not isinstance(value, expected):
        raise TypeError(f"Expected instance of {expected.__name__}, got {type(value).__name__}")
    for name in proxy._jt_fields:
        setattr(proxy, name, getattr(value, name))


def assign_missing(proxy: DataProxy, value: Any) -> None:
    """Set the leaves of which the state has no value yet to those of `value`; None sets nothing."""
    if value is None:
        return
    for name, found in proxy._jt_fields.items():
        if isinstance(found, DataProxy):
            assign_missing(found, getattr(value, name))
        elif not found.is_set():
            found.set_value(getattr(value, name))


def plain_value(value: Any) -> Any:
    """`value`; of a proxy, the instance of its dataclass that it shows now."""
    node = node_of(value)
    if node is None:
        return value
    return make_instance(node.type, {name: plain_value(getattr(value, name)) for name in node.parts})


def node_of(proxy: object) -> Node | None:
    """What `proxy` stands for; None where it is no proxy."""
    return proxy._jt_node if isinstance(proxy, NameProxy | DataProxy) else None


def field_dict(proxy: NameProxy | DataProxy) -> dict[str, Any]:
    """Everything within `proxy` and itself, by state id: leaves, nested proxies after their leaves, `proxy` last."""
    found: dict[str, Any] = {}
    for name, part in proxy._jt_node.parts.items():
        inner = proxy._jt_parts[name] if isinstance(proxy, NameProxy) else proxy._jt_fields[name]
        if isinstance(inner, NameProxy | DataProxy):
            found |= field_dict(inner)
        else:
            found[part.state_id] = part if isinstance(inner, str) else inner
    return {**found, proxy._jt_node.state_id: proxy}


def _no_field(node: Node, name: str) -> AttributeError:
    return AttributeError(f"{node.type.__qualname__} has no field {name!r}", name=name, obj=node)
