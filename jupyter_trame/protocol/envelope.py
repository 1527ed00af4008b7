"""Requests, responses and publications as packed msgpack maps (PROTOCOL.md, section 1).

A state publication is put together from values that are packed already; the result comes last in the map, so
that everything before it is a small prefix.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.protocol.packing import map_header, pack, pack_key, unpack
from jupyter_trame.types import Epoch, Packed, Seq, StateKey

__all__ = [
    "ACTIONS_TOPIC",
    "ERROR_TOPIC",
    "HELLO_ID",
    "SETTLED_TOPIC",
    "STATE_TOPIC",
    "STATUS_TOPIC",
    "Request",
    "StateWrite",
    "clean",
    "pack_error",
    "pack_publication",
    "pack_request",
    "pack_result",
    "publication_id",
    "read_request",
    "read_write",
    "state_head",
    "state_response_head",
]

HELLO_ID = "system:c0:0"
STATE_TOPIC = "trame.state.topic"
ACTIONS_TOPIC = "trame.actions.topic"
SETTLED_TOPIC = "jupyter_trame.settled"
STATUS_TOPIC = "jupyter_trame.status"
ERROR_TOPIC = "jupyter_trame.error"

_FILTER = b"_filter"


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request; `args` stays packed, nobody has asked for it yet."""

    id: str
    method: str
    args: Packed
    kwargs: Packed
    jt: Any

    def read_args(self) -> list[Any]:
        """The positional arguments; anything that is not an array counts as none, as in stock servers."""
        args = unpack(self.args)
        return args if isinstance(args, list) else []

    def read_kwargs(self) -> dict[str, Any]:
        """The keyword arguments; anything that is not a map counts as none."""
        kwargs = unpack(self.kwargs)
        return kwargs if isinstance(kwargs, dict) else {}


@dataclass(frozen=True, slots=True)
class StateWrite:
    """One entry of ``trame.state.update``."""

    key: StateKey
    packed: Packed
    """The value as the client packed it."""
    shared: Packed
    """The value as other clients may see it: without the members that its ``_filter`` names."""


def publication_id(topic: str) -> str:
    """The id of a publication; stock clients demand a number at its end and ignore it."""
    return f"publish:{topic}:0"


def pack_request(
    request_id: str,
    method: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    jt: object = None,
) -> bytes:
    """A request; raises `SerializationError` for arguments that cannot be packed."""
    envelope: dict[str, Any] = {
        "wslink": "1.0",
        "id": request_id,
        "method": method,
        "args": args,
        "kwargs": kwargs or {},
    }
    if jt is not None:
        envelope["jt"] = jt
    return pack(envelope, method)


def pack_result(request_id: str, result: object) -> bytes:
    """A successful response; raises `SerializationError`."""
    return pack({"wslink": "1.0", "id": request_id, "result": result}, request_id)


def pack_error(request_id: str, code: int, message: str, data: object = None) -> bytes:
    """An error response; `data` is left out when it is falsy or cannot be packed."""
    error: dict[str, Any] = {"code": code, "message": message}
    if data:
        try:
            pack(data)
        except SerializationError:
            pass  # the error itself matters more than its details
        else:
            error["data"] = data
    return pack({"wslink": "1.0", "id": request_id, "error": error})


def pack_publication(topic: str, data: object, jt: object = None) -> bytes:
    """A publication; raises `SerializationError`."""
    envelope: dict[str, Any] = {"wslink": "1.0", "id": publication_id(topic)}
    if jt is not None:
        envelope["jt"] = jt
    envelope["result"] = data
    return pack(envelope, topic)


def _head(message_id: str, epoch: Epoch, seq: Seq, settled: int | None = None) -> bytes:
    mark = [epoch, seq] if settled is None else [epoch, seq, settled]
    head = pack({"wslink": "1.0", "id": message_id, "jt": mark})[1:]
    return map_header(4) + head + pack_key("result")


def state_head(epoch: Epoch, seq: Seq, count: int, settled: int | None = None) -> bytes:
    """A state publication up to its `count` pairs of packed key and packed value, which follow it.

    `settled` is the number up to which the receiver's own writes are committed.
    """
    return _head(publication_id(STATE_TOPIC), epoch, seq, settled) + map_header(count)


def state_response_head(request_id: str, name: str, epoch: Epoch, seq: Seq, count: int) -> bytes:
    """The answer to ``trame.state.get`` up to its `count` pairs."""
    inner = map_header(2) + pack({"name": name})[1:] + pack_key("state") + map_header(count)
    return _head(request_id, epoch, seq) + inner


class _Reader:
    """Walks one document without decoding what nobody asked for."""

    def __init__(self, data: Packed) -> None:
        self.data = memoryview(data)
        size = max(len(data), 1)
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=size, read_size=size, strict_map_key=True, ext_hook=msgpack.ExtType
        )
        self._unpacker.feed(data)

    def map_size(self) -> int:
        return int(self._unpacker.read_map_header())

    def array_size(self) -> int:
        return int(self._unpacker.read_array_header())

    def value(self) -> Any:
        return self._unpacker.unpack()

    def slice(self) -> memoryview:
        start = self._unpacker.tell()
        self._unpacker.skip()
        return self.data[start : self._unpacker.tell()]

    def finish(self) -> None:
        if self._unpacker.tell() != len(self.data):
            raise ValueError("bytes are left over")


_NIL = b"\xc0"


def read_request(payload: Packed) -> Request | None:
    """The request in `payload`; None for one without an id, which stock servers ignore.

    Raises `MalformedMessageError`.
    """
    found: dict[str, Any] = {"args": _NIL, "kwargs": _NIL}
    try:
        reader = _Reader(payload)
        for _ in range(reader.map_size()):
            name = reader.value()
            found[name] = reader.slice() if name in ("args", "kwargs") else reader.value()
        reader.finish()
    except Exception as error:  # msgpack raises a dozen classes for input it cannot read
        raise MalformedMessageError(f"not a request: {str(error) or type(error).__name__}") from error
    request_id, method = found.get("id"), found.get("method")
    if request_id is None:
        return None
    if not isinstance(request_id, str):
        raise MalformedMessageError(f"the id of a request is a str, not {type(request_id).__name__}")
    return Request(
        request_id, method if isinstance(method, str) else "", found["args"], found["kwargs"], found.get("jt")
    )


def read_write(args: Packed) -> list[StateWrite]:
    """The entries of ``trame.state.update``; a value is sliced, not decoded, unless it may hold ``_filter``.

    Raises `MalformedMessageError`.
    """
    writes: dict[str, StateWrite] = {}
    try:
        reader = _Reader(args)
        if reader.array_size() != 1:
            raise ValueError("one argument, an array of entries, was expected")
        for _ in range(reader.array_size()):
            key, packed = _read_entry(reader)
            writes[key] = StateWrite(key, packed, _without_filtered(packed))
        reader.finish()
    except MalformedMessageError:
        raise
    except Exception as error:  # as in read_request
        raise MalformedMessageError(f"not a state update: {str(error) or type(error).__name__}") from error
    return list(writes.values())


def _read_entry(reader: _Reader) -> tuple[str, Packed]:
    key: object = None
    packed: Packed = _NIL
    for _ in range(reader.map_size()):
        name = reader.value()
        if name == "value":
            packed = bytes(reader.slice())
        else:
            value = reader.value()
            key = value if name == "key" else key
    if not isinstance(key, str):
        raise TypeError("an entry has a str under 'key'")
    return key, packed


def _without_filtered(packed: Packed) -> Packed:
    if _FILTER not in bytes(packed):
        return packed
    return pack(clean(unpack(packed)))


def clean(value: Any) -> Any:
    """`value` without the members that a map's ``_filter`` lists: of the map itself, or of maps in lists."""
    if isinstance(value, dict) and "_filter" in value:
        hidden = value["_filter"]
        hidden = hidden if isinstance(hidden, list | tuple) else ()
        return {key: member for key, member in value.items() if key not in hidden}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value
