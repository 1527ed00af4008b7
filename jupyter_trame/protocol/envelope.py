"""Requests, responses and publications as packed msgpack maps (PROTOCOL.md, section 1).

A state publication is put together from values that are packed already; the result comes last in the map, so
that everything before it is a small prefix.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgpack

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.names import ERROR_TOPIC, STATE_TOPIC
from jupyter_trame.protocol.packing import TEXT_ERRORS, clean_value, map_header, pack, pack_key, unpack
from jupyter_trame.protocol.readable import check_readable, count_parts, has_more_parts
from jupyter_trame.types import Epoch, Packed, Seq, StateKey

__all__ = [
    "TOO_MANY",
    "UNREAD",
    "Request",
    "StateWrite",
    "checked_request",
    "numbered",
    "pack_error",
    "pack_publication",
    "pack_refusal",
    "pack_request",
    "pack_result",
    "plain_member",
    "publication_id",
    "read_entries",
    "read_request",
    "read_write",
    "state_head",
    "state_response_head",
]


_FILTER = b"_filter"

UNREAD: Any = object()
"""In place of a value that is packed only."""


@dataclass(slots=True)
class StateWrite:
    """One entry of ``trame.state.update``."""

    key: StateKey
    packed: Packed
    """The value as the client packed it."""
    shared: Packed
    """The value as other clients may see it: without the members that its ``_filter`` names; empty if refused."""
    fault: str = ""
    """Why the value is refused: some client could not read it."""
    value: Any = UNREAD
    """The value, where it is read already: a large one, for a server in this process."""


@dataclass(slots=True)
class Request:
    """A client's request. The arguments of a large one stay packed until somebody asks for them."""

    id: str
    method: str
    args: Any
    kwargs: Any
    jt: Any
    packed: bool = True
    """Whether `args` and `kwargs` are."""
    writes: list[StateWrite] | None = None
    """The entries of a large ``trame.state.update``, read already (`large_requests`)."""
    fault: str = ""
    """Why they, or the arguments, cannot be read."""

    def read_args(self, parts: int | None = None) -> list[Any]:
        """The positional arguments; anything that is not an array counts as none, as in stock servers.

        Raises `MalformedMessageError`, also for more than `parts` arrays and maps.
        """
        args = self._read(self.args, parts) if self.packed else self.args
        return args if isinstance(args, list) else []

    def read_kwargs(self, parts: int | None = None) -> dict[str, Any]:
        """The keyword arguments; anything that is not a map counts as none. Raises as `read_args`."""
        kwargs = self._read(self.kwargs, parts) if self.packed else self.kwargs
        return kwargs if isinstance(kwargs, dict) else {}

    def _read(self, data: Packed, parts: int | None) -> Any:
        if self.fault:
            raise MalformedMessageError(self.fault)
        if parts is not None and has_more_parts(data, parts):
            raise MalformedMessageError(TOO_MANY.format(parts))
        return unpack(data, any_keys=True)


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
    return pack({"wslink": "1.0", "id": request_id, "result": result}, request_id, inside=1, part=result)


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
    return pack({"wslink": "1.0", "id": request_id, "error": error}, part=error.get("data"))


def pack_publication(topic: str, data: object, jt: object = None) -> bytes:
    """A publication; raises `SerializationError`."""
    envelope: dict[str, Any] = {"wslink": "1.0", "id": publication_id(topic)}
    if jt is not None:
        envelope["jt"] = jt
    envelope["result"] = data
    return pack(envelope, topic, inside=1, part=data)


def numbered(envelope: Packed, number: int) -> list[Packed]:
    """The parts of a packed message with `number` as its ``jt``; as it is without a number, and with a ``jt``."""
    size = envelope[0]
    if number == 0 or size != _THREE_MEMBERS:
        return [envelope]
    return [bytes([size + 1]), memoryview(envelope)[1:], _JT, pack(number)]


def pack_refusal(request_id: str | None, writes: Iterable[StateWrite]) -> bytes:
    """What the author of `writes`, who waits for the answer `request_id` or for none, hears of those with a fault."""
    message = "; ".join(
        f"the value of {write.key!r} is refused: {write.fault}" for write in writes if write.fault
    )
    if request_id is not None:
        return pack_error(request_id, SerializationError.code, message)
    return pack_publication(ERROR_TOPIC, {"where": "write", "message": message, "trace": None})


def _head(message_id: str) -> bytes:
    """A message of four members up to the value of its ``jt``."""
    return map_header(4) + pack({"wslink": "1.0", "id": message_id})[1:] + pack_key("jt")


_JT = pack_key("jt")
_THREE_MEMBERS = map_header(3)[0]
_STATE_HEAD = _head(publication_id(STATE_TOPIC))
_RESULT = pack_key("result")
_SMALL_MAPS = tuple(map(map_header, range(16)))


def state_head(epoch: Epoch, seq: Seq, count: int, settled: int | None = None) -> bytes:
    """A state publication up to its `count` pairs of packed key and packed value, which follow it.

    `settled` is the number up to which the receiver's own writes are committed.
    """
    mark = pack((epoch, seq) if settled is None else (epoch, seq, settled), part=None)
    pairs = _SMALL_MAPS[count] if count < len(_SMALL_MAPS) else map_header(count)
    return b"".join((_STATE_HEAD, mark, _RESULT, pairs))


def state_response_head(request_id: str, name: str, epoch: Epoch, seq: Seq, count: int) -> bytes:
    """The answer to ``trame.state.get`` up to its `count` pairs."""
    inner = map_header(2) + pack({"name": name})[1:] + pack_key("state") + map_header(count)
    return _head(request_id) + pack((epoch, seq), part=None) + _RESULT + inner


class _Reader:
    """Walks one document without decoding what nobody asked for."""

    def __init__(self, data: Packed) -> None:
        self.data = memoryview(data)
        size = max(len(data), 1)
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=size,
            read_size=size,
            strict_map_key=True,
            ext_hook=msgpack.ExtType,
            unicode_errors=TEXT_ERRORS,
        )
        self._unpacker.feed(data)

    def map_size(self) -> int:
        return int(self._unpacker.read_map_header())

    def array_size(self) -> int:
        return int(self._unpacker.read_array_header())

    def plain(self) -> Any:
        return plain_member(self.slice())

    def slice(self) -> memoryview:
        start = self._unpacker.tell()
        self._unpacker.skip()
        return self.data[start : self._unpacker.tell()]

    def finish(self) -> None:
        if self._unpacker.tell() != len(self.data):
            raise ValueError("bytes are left over")


def plain_member(data: Packed) -> Any:
    """The value of `data`: a text, or something small. Raises ValueError for what may grow as it is decoded."""
    if len(data) > _SMALL and data[0] not in _TEXT_HEADS:
        raise ValueError(f"{len(data)} bytes are no name, id or number")
    return msgpack.unpackb(data, ext_hook=msgpack.ExtType, unicode_errors=TEXT_ERRORS)


TOO_MANY = "more than {} arrays and maps"
_DECODED = ("id", "method", "jt")
_SLICED = ("args", "kwargs")
_TEXT_HEADS = frozenset((*range(0xA0, 0xC0), 0xD9, 0xDA, 0xDB))
_NIL = b"\xc0"
_ID = 128
"""Characters of a request's id, which both ends keep until the request is answered."""
_SMALL = 2048
"""Bytes up to which a request is decoded as a whole: to walk through it would take longer."""


class _ExtensionError(Exception):
    """A value of an extension type, which is not for everybody to decode."""


def _refuse_extension(_code: int, _data: bytes) -> Any:
    raise _ExtensionError


def read_request(payload: Packed) -> Request | None:
    """The request in `payload`; None for one without an id, which stock servers ignore.

    Raises `MalformedMessageError`.
    """
    packed = len(payload) > _SMALL
    try:
        found: Any = None
        if not packed:
            # Whatever cannot be read may lie in an argument, which is not for everybody to decode.
            with suppress(Exception):
                found = msgpack.unpackb(payload, ext_hook=_refuse_extension, unicode_errors=TEXT_ERRORS)
        if found is None:
            packed, found = True, _walk_request(payload)
        return checked_request(found, packed=packed)
    except MalformedMessageError:
        raise
    except Exception as error:  # msgpack raises a dozen classes for input it cannot read
        raise MalformedMessageError(f"not a request: {str(error) or type(error).__name__}") from error


def checked_request(found: Mapping[Any, Any], *, packed: bool) -> Request | None:
    """The request of these members, of which `packed` tells whether its arguments are; None for one without an id.

    Raises `MalformedMessageError`.
    """
    request_id, method = found.get("id"), found.get("method")
    if request_id is None:
        return None
    if not isinstance(request_id, str):
        raise MalformedMessageError(f"the id of a request is a str, not {type(request_id).__name__}")
    if len(request_id) > _ID:
        raise MalformedMessageError(
            f"the id of a request has at most {_ID} characters, this one has {len(request_id)}"
        )
    method = method if isinstance(method, str) else ""
    return Request(request_id, method, found.get("args"), found.get("kwargs"), found.get("jt"), packed)


def _walk_request(payload: Packed) -> dict[str, Any]:
    found: dict[str, Any] = {"args": _NIL, "kwargs": _NIL}
    reader = _Reader(payload)
    for _ in range(reader.map_size()):
        name = reader.plain()
        if isinstance(name, list | dict):
            raise TypeError(f"a member's name is a text, not {type(name).__name__}")
        if name in _DECODED:
            found[name] = reader.plain()
        else:
            data = reader.slice()
            if name in _SLICED:
                found[name] = data
    reader.finish()
    return found


def read_write(request: Request, parts: int | None = None) -> list[StateWrite]:
    """The entries of a ``trame.state.update``. A value that some client could not read has a fault, and so have those
    with which all values have more than `parts` arrays and maps.

    Of a large request a value is sliced. Raises `MalformedMessageError`.
    """
    if request.fault:
        raise MalformedMessageError(request.fault)
    try:
        if request.writes is not None:
            entries: Iterable[StateWrite] = request.writes
        else:
            entries = _walk_entries(request.args, parts, parts) if request.packed else _entries(request.args)
        # Of two entries for one key the later one counts.
        return list({write.key: write for write in entries}.values())
    except MalformedMessageError:
        raise
    except Exception as error:  # as in read_request
        raise MalformedMessageError(f"not a state update: {str(error) or type(error).__name__}") from error


def _entries(args: Any) -> Iterator[StateWrite]:
    if not isinstance(args, list) or len(args) != 1 or not isinstance(args[0], list):
        raise ValueError("one argument, an array of entries, was expected")
    for entry in args[0]:
        key = entry["key"]
        if not isinstance(key, str):
            raise TypeError("an entry has a str under 'key'")
        try:
            packed = pack(entry.get("value"))
        except SerializationError as error:
            yield StateWrite(key, _NIL, b"", error.reason)
        else:
            yield StateWrite(key, packed, _without_filtered(packed))


def read_entries(args: Packed, count: int, parts: int, told: int) -> tuple[list[StateWrite], int]:
    """The `count` entries of packed arguments, and what is left of `parts`; the bound is said to be `told`."""
    # The arguments, their one array and the entries are some as well.
    left = parts - max(count_parts(args, parts + count + 2) - count - 2, 0)
    return list(_walk_entries(args, None if left >= 0 else parts, told)), max(left, 0)


def _walk_entries(args: Packed, parts: int | None, told: int | None) -> Iterator[StateWrite]:
    left = parts if parts is not None and has_more_parts(args, parts) else None
    reader = _Reader(args)
    if reader.array_size() != 1:
        raise ValueError("one argument, an array of entries, was expected")
    for _ in range(reader.array_size()):
        key, packed = _read_entry(reader)
        if left is not None:
            left -= count_parts(packed, left)
            if left < 0:
                left = 0
                yield StateWrite(key, _NIL, b"", TOO_MANY.format(told))
                continue
        try:
            check_readable(packed)
        except ValueError as error:
            yield StateWrite(key, _NIL, b"", str(error))
        else:
            yield StateWrite(key, packed, _without_filtered(packed))
    reader.finish()


def _read_entry(reader: _Reader) -> tuple[str, Packed]:
    key: object = None
    packed: Packed = _NIL
    for _ in range(reader.map_size()):
        name = reader.plain()
        if name == "key":
            key = reader.plain()
        else:
            data = reader.slice()
            packed = bytes(data) if name == "value" else packed
    if not isinstance(key, str):
        raise TypeError("an entry has a str under 'key'")
    return key, packed


def _without_filtered(packed: Packed) -> Packed:
    if _FILTER not in bytes(packed):
        return packed
    return pack(clean_value(unpack(packed, any_keys=True)))
