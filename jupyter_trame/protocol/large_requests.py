"""Reads a large request of a client in steps, between which others are served.

What `envelope` decodes at once for a small request holds the loop for seconds where it is large. A request that has
been read here carries what it writes, looked at already.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.names import STATE_UPDATE
from jupyter_trame.protocol.envelope import (
    TOO_MANY,
    Request,
    StateWrite,
    checked_request,
    plain_member,
    read_entries,
)
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.readable import PartsError
from jupyter_trame.protocol.walk import (
    STEP,
    Inspection,
    Tally,
    array_header,
    read_header,
    take_run,
    unpack_steps,
    walk,
)
from jupyter_trame.types import Packed

__all__ = ["LARGE", "Reading", "read_large", "read_whole"]

LARGE = 1 << 15
"""Bytes from which a request is read in steps."""
_MEMBERS = 64
_NIL = b"\xc0"

Reading = Generator[int, None, Request | None]
"""Gives way after each step as `walk.Steps`; returns what `envelope.read_request` does."""


def read_large(payload: Packed, limits: Limits, *, decode: bool = False) -> Reading:
    """The request in `payload`, and what it writes, within `limits`.

    `decode`: the server is in this process, and gets what is large as values.

    Raises `MalformedMessageError`.
    """
    data = memoryview(payload)
    try:
        found: dict[Any, Any] = {"args": _NIL, "kwargs": _NIL}
        at = yield from _read_members(data, 0, found, ("id", "method", "jt"), ("args", "kwargs"))
        if at != len(data):
            raise ValueError("bytes are left over")
        request = checked_request(found, packed=True)
    except MalformedMessageError:
        raise
    except Exception as error:  # msgpack raises a dozen classes for input it cannot read
        raise MalformedMessageError(f"not a request: {_reason(error)}") from error
    if request is not None and request.method == STATE_UPDATE:
        try:
            request.writes = yield from _read_writes(memoryview(request.args), limits, decode=decode)
        except Exception as error:  # noqa: BLE001 - as above; who reads the write hears of it
            request.fault = f"not a state update: {_reason(error)}"
    elif request is not None and decode:
        yield from _decode_arguments(request, limits)
    return request


def read_whole(payload: Packed, limits: Limits) -> Request | None:
    """What `read_large` returns, at once. Unlike `envelope.read_request` it copies nothing that is large."""
    reading = read_large(payload, limits)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            found: Request | None = end.value
            return found


def _decode_arguments(request: Request, limits: Limits) -> Generator[int, None, None]:
    """Replace the arguments by their values; who reads them hears why they cannot be read."""
    tally = Tally(limits.parts)
    try:
        for packed in (request.args, request.kwargs):
            yield from walk(memoryview(packed), 0, tally)
        args = yield from unpack_steps(memoryview(request.args))
        kwargs = yield from unpack_steps(memoryview(request.kwargs))
    except PartsError:
        request.fault = TOO_MANY.format(limits.parts)
    except Exception as error:  # noqa: BLE001 - as above
        request.fault = _reason(error)
    else:
        request.args, request.kwargs, request.packed = args, kwargs, False


def _read_members(
    data: memoryview, at: int, found: dict[Any, Any], plain: tuple[str, ...], packed: tuple[str, ...]
) -> Generator[int, None, int]:
    """Fill `found` from the map at `at`; where it ends. Members with other names are jumped over."""
    kind, count, at = read_header(data, at)
    if kind != "map":
        raise ValueError(f"a map was expected, got {kind}")
    if count > _MEMBERS:
        raise ValueError(f"{count} members are more than {_MEMBERS}")
    for _ in range(count):
        name, at = _read_plain(data, at)
        if isinstance(name, str) and name in plain:
            found[name], at = _read_plain(data, at)
        else:
            start, at = at, (yield from walk(data, at))
            if isinstance(name, str) and name in packed:
                found[name] = data[start:at]
    return at


def _read_plain(data: memoryview, at: int) -> tuple[Any, int]:
    count, end = take_run(data, at, 1)
    if not count:
        raise ValueError(f"more than {STEP} bytes are no name, id or number")
    return plain_member(data[at:end]), end


def _read_writes(args: memoryview, limits: Limits, *, decode: bool) -> Generator[int, None, list[StateWrite]]:
    left, at = _enter_entries(args)
    if left > limits.keys:
        raise ValueError(f"{left} keys at once are more than {limits.keys}")
    writes: list[StateWrite] = []
    budget = limits.parts
    while left:
        count, end = take_run(args, at, left)
        if count:
            entries = b"".join((b"\x91", array_header(count), args[at:end]))
            found, budget = read_entries(entries, count, budget, limits.parts)
            writes += found
            left -= count
            yield STEP
        else:
            inspection = Inspection(budget)
            write, end = yield from _read_entry(args, at, inspection, TOO_MANY.format(limits.parts))
            if decode and not write.fault:
                # What fails here, the server finds out as well.
                with suppress(Exception):
                    write.value = yield from unpack_steps(memoryview(write.packed))
            budget = max(inspection.left_parts, 0)
            writes.append(write)
            left -= 1
        at = end
    if at != len(args):
        raise ValueError("bytes are left over")
    return writes


def _enter_entries(args: memoryview) -> tuple[int, int]:
    """How many entries there are, and where they begin."""
    kind, count, at = read_header(args, 0)
    if (kind, count) == ("array", 1):
        kind, count, at = read_header(args, at)
        if kind == "array":
            return count, at
    raise ValueError("one argument, an array of entries, was expected")


def _read_entry(
    data: memoryview, at: int, inspection: Inspection, too_many: str
) -> Generator[int, None, tuple[StateWrite, int]]:
    """One large entry, and where it ends."""
    found: dict[Any, Any] = {"value": _NIL}
    end = yield from _read_members(data, at, found, ("key",), ("value",))
    key, value = found.get("key"), found["value"]
    if not isinstance(key, str):
        raise TypeError("an entry has a str under 'key'")
    try:
        yield from walk(memoryview(value), 0, inspection)
    except PartsError:
        return StateWrite(key, _NIL, b"", too_many), end
    except Exception as error:  # noqa: BLE001 - as above
        return StateWrite(key, _NIL, b"", _reason(error)), end
    packed = bytes(value)
    # To take hidden members out is work on the whole value: others see it once the server has it.
    return StateWrite(key, packed, b"" if inspection.hides else packed), end


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
