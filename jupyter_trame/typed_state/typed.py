"""`TypedState`: the fields of a dataclass as keys of a state."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar, cast

from jupyter_trame.core.listeners import Callback, current
from jupyter_trame.core.state import State, reloader_of
from jupyter_trame.typed_state.collections import CollectionEncoderDecoder
from jupyter_trame.typed_state.encoders import IStateEncoderDecoder
from jupyter_trame.typed_state.proxies import (
    DataProxy,
    NameProxy,
    ValueField,
    assign,
    field_dict,
    make_node,
    node_of,
    plain_value,
)

__all__ = ["TypedState"]

T = TypeVar("T")
V = TypeVar("V")


class TypedState(Generic[T]):
    """Typed access to a part of a state.

    ::

        @dataclass
        class Camera:
            zoom: float = 1.0
            mode: Mode = Mode.ORBIT

        camera = TypedState(server.state, Camera)
        camera.data.mode = Mode.PAN              # the state holds Mode.PAN.value
        v3.VSlider(v_model=camera.name.zoom)     # "Camera__zoom"
        camera.bind_changes({camera.name.zoom: lambda zoom: ...})

    Values are copies: a list that was read has to be assigned again for a change in it to be seen.
    """

    name: T
    """The key of each field; of a field that is a dataclass, the same for that one."""
    data: T
    """The value of each field, as an instance of the dataclass would have it. Decoding raises TypeError."""

    def __init__(
        self,
        state: State,
        dataclass_type: type[T],
        *,
        namespace: str = "",
        encoders: list[IStateEncoderDecoder] | None = None,
        encoder: IStateEncoderDecoder | None = None,
        data: T | None = None,
        name: T | None = None,
    ) -> None:
        """Lay `dataclass_type` out in `state`, and set the defaults of what the state has no value of.

        Args:
            state: of which the fields become keys, ``namespace__Class__field``.
            namespace: tells several of one dataclass apart.
            encoders: asked one after the other for single values; default: `DefaultEncoderDecoder` alone.
            encoder: in place of all of that, for whole values.
            data: proxies of another instance, to be shared.
            name: the same for the names.

        Raises TypeError where `dataclass_type` is no dataclass, or its annotations cannot be resolved.
        """
        self.state = state
        self._encoder = encoder or CollectionEncoderDecoder(encoders)
        node = make_node(dataclass_type, namespace)
        self.name = cast("T", NameProxy(node)) if name is None else name
        self.data = cast("T", DataProxy(node, state, self._encoder)) if data is None else data

    def encode(self, value: Any) -> Any:
        """What the state would hold for `value`. Raises TypeError."""
        return self._encoder.encode(plain_value(value))

    def get_dataclass(self) -> T:
        """An instance with the values of now."""
        return self.as_dataclass(self.data)

    def set_dataclass(self, data: T) -> None:
        """Set all fields. Raises TypeError for an instance of another class."""
        self.from_dataclass(self.data, data)

    def get_sub_state(self, sub_name: V) -> "TypedState[V]":
        """The part that `sub_name`, a nested dataclass of `name`, stands for. Raises RuntimeError for anything else."""
        node = node_of(sub_name)
        if node is None or not isinstance(sub_name, NameProxy):
            raise RuntimeError(f"a nested dataclass of `name` is expected, not {sub_name!r}")
        found = self.get_field_proxy_dict(self.data).get(node.state_id)
        if found is None:
            raise RuntimeError(f"{sub_name!r} is not part of {self.data!r}")
        return TypedState(
            self.state,
            cast("type[V]", node.type),
            encoder=self._encoder,
            data=cast("V", found),
            name=sub_name,
        )

    def suppress_change_listeners(self) -> AbstractContextManager[None]:
        """As `State.suppress_change_listeners`, for all fields."""
        return self.state.suppress_change_listeners(*self.get_field_proxy_dict(self.name))

    def bind_changes(self, changes: Mapping[Any, Callable[..., Any]]) -> None:
        """Call each function when its key changed, with the new value; a key may be a tuple of keys.

        A key is a part of `name`; of a nested dataclass, and of `name` itself, the function gets the part of `data`.
        Coroutine functions run as tasks of the state's loop. Raises KeyError for a key that is not of this state.
        """
        for keys, callback in changes.items():
            self.bind_typed_state_change(keys, callback, self.state, self.data)

    @classmethod
    def bind_typed_state_change(cls, keys: Any, callback: Callback, state: State, data: Any) -> None:
        """`bind_changes` for one key, or a list or tuple of keys, of a proxy for values."""
        wanted = [*keys] if isinstance(keys, list | tuple) else [keys]
        fields = cls.get_field_proxy_dict(data)
        sources = [_source(fields, key) for key in cls.get_value_state_keys(wanted)]

        def on_change(**_: Any) -> Any:
            newest = current(callback, reloader_of(state))
            return None if newest is None else newest(*map(_value, sources))

        state.change(*dict.fromkeys(cls.get_reactive_state_id_keys(wanted)))(on_change)

    # Proxies, for those who are given one

    @staticmethod
    def is_proxy_class(instance: object) -> bool:
        """Is this `name`, `data` or a nested part of them?"""
        return node_of(instance) is not None

    @staticmethod
    def is_name_proxy_class(instance: object) -> bool:
        """Is this `name` or a nested part of it?"""
        return isinstance(instance, NameProxy)

    @staticmethod
    def is_data_proxy_class(instance: object) -> bool:
        """Is this `data` or a nested part of it?"""
        return isinstance(instance, DataProxy)

    @staticmethod
    def as_dataclass(instance: V) -> V:
        """An instance with what the proxy shows now. Raises RuntimeError for what is no proxy."""
        _checked(instance)
        return cast("V", plain_value(instance))

    @staticmethod
    def from_dataclass(instance: V, dataclass_obj: V) -> None:
        """Set all fields of a proxy for values. Raises TypeError for an object of another class."""
        if not isinstance(instance, DataProxy):
            # As trame has it, here and below.
            raise RuntimeError(f"a proxy for values is expected, not {instance!r}")  # noqa: TRY004
        assign(instance, dataclass_obj)

    @staticmethod
    def get_state_id(instance: object, default: str = "") -> str:
        """The key under which listeners of the whole proxy are bound; `default` for what is no proxy."""
        node = node_of(instance)
        return default if node is None else node.state_id

    @staticmethod
    def get_field_proxy_dict(instance: object) -> dict[str, Any]:
        """Everything within a proxy and itself, by key. Raises RuntimeError for what is no proxy."""
        return field_dict(_checked(instance))

    @classmethod
    def get_reactive_state_id_keys(cls, keys: Iterable[Any]) -> list[str]:
        """The state's keys whose changes concern `keys`: all that are within a proxy, a string itself."""
        return [
            found
            for key in keys
            for found in (cls.get_field_proxy_dict(key) if cls.is_proxy_class(key) else [key])
        ]

    @classmethod
    def get_value_state_keys(cls, keys: Iterable[Any]) -> list[str]:
        """One key each: that of the proxy, a string itself."""
        return [cls.get_state_id(key, key) for key in keys]


def _checked(instance: object) -> NameProxy | DataProxy:
    if not isinstance(instance, NameProxy | DataProxy):
        raise RuntimeError(f"a proxy of a typed state is expected, not {instance!r}")  # noqa: TRY004
    return instance


def _source(fields: Mapping[str, Any], key: str) -> Any:
    try:
        return fields[key]
    except KeyError:
        raise KeyError(f"{key!r} is not part of {[*fields.values()][-1]!r}") from None


def _value(source: ValueField | DataProxy) -> Any:
    return source.get_value() if isinstance(source, ValueField) else source
