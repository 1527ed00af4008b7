"""Goes through one large msgpack document in steps, each of little work whatever lies in it.

Whoever reads what a client sends has others to serve meanwhile, and a document of a few megabytes may take seconds to
decode. What is smaller than a step is decoded as a whole; what is larger is entered, or jumped over where it is one
text or one run of bytes, without a copy.
"""

import re
import struct
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, Final, Protocol

import msgpack

from jupyter_trame.protocol.arrays import ARRAY_TYPE, check_array
from jupyter_trame.protocol.packing import TEXT_ERRORS, map_header, unpack_extension
from jupyter_trame.protocol.readable import PartsError, check_extension, check_keys, skip_extension

__all__ = [
    "STEP",
    "Inspection",
    "Look",
    "Steps",
    "Tally",
    "array_header",
    "read_header",
    "take_run",
    "unpack_steps",
    "walk",
]

STEP: Final = 1 << 13
"""Bytes that are decoded at once."""

_LEAST: Final = STEP >> 3
"""What the smallest step counts."""

_COPIED: Final = 1 << 18
"""Bytes of one text or one run of bytes that are copied at once."""

_DEEPEST = 1000
"""Arrays and maps within each other; msgpack's own bound is 1024."""
_ARRAY, _MAP, _OTHER = "array", "map", "other"

# First byte to: kind, format of the number that follows, bytes that follow that number.
_SIZED: dict[int, tuple[str, struct.Struct, int]] = {
    0xC4: (_OTHER, struct.Struct(">B"), 0),
    0xC5: (_OTHER, struct.Struct(">H"), 0),
    0xC6: (_OTHER, struct.Struct(">I"), 0),
    0xC7: (_OTHER, struct.Struct(">B"), 1),
    0xC8: (_OTHER, struct.Struct(">H"), 1),
    0xC9: (_OTHER, struct.Struct(">I"), 1),
    0xD9: (_OTHER, struct.Struct(">B"), 0),
    0xDA: (_OTHER, struct.Struct(">H"), 0),
    0xDB: (_OTHER, struct.Struct(">I"), 0),
    0xDC: (_ARRAY, struct.Struct(">H"), 0),
    0xDD: (_ARRAY, struct.Struct(">I"), 0),
    0xDE: (_MAP, struct.Struct(">H"), 0),
    0xDF: (_MAP, struct.Struct(">I"), 0),
}
_RUNS_16 = frozenset((0xC5, 0xC8, 0xDA))
_RUNS_32 = frozenset((0xC6, 0xC9, 0xDB))
_TIMESTAMP = 0xFF
_TEXTS = frozenset((0xD9, 0xDA, 0xDB))
_EXTENSIONS = frozenset((0xC7, 0xC8, 0xC9))

# Keys of a map, and texts among them that may be what JavaScript calls a number.
_NUMBERS, _LIKE_NUMBERS = 1, 2
_LIKE_NUMBER = re.compile(r"(?:^|\0)-?(?:[0-9][0-9.e+-]*|inf(?:inity)?|nan)(?:\0|$)", re.IGNORECASE)

Steps = Generator[int, None, int]
"""Gives way after each step, and tells how much work that was, in bytes that are decoded in that time: `STEP` at most.
Returns where the document ends. Raises `ValueError` and what msgpack raises.
"""


class Look(Protocol):
    """What `walk` shows, piece by piece."""

    def run(self, document: bytes, *, pairs: bool) -> None:
        """Members of one array or map, as a document of their own, as deep as they are; `pairs`: with their keys."""

    def entered(self, *, is_map: bool) -> None:
        """An array or map begins whose members follow."""

    def left(self) -> None:
        """It ends."""

    def single(self, data: memoryview, head: int) -> None:
        """A text, bytes or an extension by itself, whose content is the last of `data`."""


def read_header(data: memoryview, at: int) -> tuple[str, int, int]:
    """Kind (``array``, ``map``, ``other``), number of members or bytes, and where these begin, of what is at `at`.

    Of what has no header, numbers for example, there are 0 bytes. Raises `ValueError`, also for more than can follow.
    """
    if at >= len(data):
        raise ValueError("the document is cut short")
    first = data[at]
    if first in _SIZED:
        kind, form, more = _SIZED[first]
        start = at + 1 + form.size + more
        if start > len(data):
            raise ValueError("the document is cut short")
        count = int(form.unpack_from(data, at + 1)[0])
    else:
        start, count = at + 1, 0
        kind = _MAP if 0x80 <= first < 0x90 else _ARRAY if 0x90 <= first < 0xA0 else _OTHER
        if kind != _OTHER:
            count = first & 0x0F
        elif 0xA0 <= first < 0xC0:
            count = first & 0x1F
    if count * (2 if kind == _MAP else 1) > len(data) - start:
        raise ValueError("the document is cut short")
    return kind, count, start


def array_header(size: int) -> bytes:
    """Head of a msgpack array of `size` members."""
    return bytes((0x90 | size,)) if size < 16 else struct.pack(">BI", 0xDD, size)


def take_run(data: memoryview, at: int, most: int, *, pairs: bool = False) -> tuple[int, int]:
    """How many values from `at` on are a step, `most` at most and none where one is more, and where they end.

    At least half of those that fit, since to ask for each of them would take longer than to decode it. `pairs`: an
    even number.
    """
    piece = data[at : at + STEP]
    count = min(most, len(piece))
    while count:
        if pairs:
            count -= count % 2
        reader = msgpack.Unpacker(max_buffer_size=2 * STEP, read_size=STEP, ext_hook=msgpack.ExtType)
        head = array_header(count)
        reader.feed(head)
        reader.feed(piece)
        try:
            reader.skip()
        except msgpack.OutOfData:
            count //= 2
        else:
            return count, at + reader.tell() - len(head)
    return 0, at


def walk(data: memoryview, at: int, look: Look | None = None) -> Steps:
    """Go through the value at `at`; `look` sees all of it."""
    outer: list[tuple[int, bool]] = []
    left, is_map = 1, False
    while True:
        while left == 0:
            if not outer:
                return at
            left, is_map = outer.pop()
            if look is not None:
                look.left()
        pairs = is_map and left % 2 == 0  # what comes next is a key
        count, end = take_run(data, at, 1 if is_map and not pairs else left, pairs=pairs)
        if pairs and not count:
            count, end = take_run(data, at, 1)
        if count:
            if look is not None:
                look.run(_document(data[at:end], count, len(outer), pairs=pairs), pairs=pairs)
            work = max(end - at, _LEAST)
            left, at = left - count, end
            yield work
            continue
        kind, size, start = _read_large(data, at, is_key=pairs)
        left -= 1
        if kind == _OTHER:
            if look is not None:
                look.single(data[start - 1 : start + size], data[at])
            at = start + size
        else:
            if len(outer) >= _DEEPEST:
                raise ValueError("arrays and maps are too deep within each other")
            outer.append((left, is_map))
            left, is_map, at = size * 2 if kind == _MAP else size, kind == _MAP, start
            if look is not None:
                look.entered(is_map=is_map)
        yield _LEAST


def _document(members: memoryview, count: int, depth: int, *, pairs: bool) -> bytes:
    if depth == 0:
        return bytes(members)
    around = b"\x91" * (depth - 1)
    if not pairs:
        return b"".join((around, array_header(count), members))
    if count == 1:  # a key whose value follows by itself
        return b"".join((around, b"\x81", members, b"\xc0"))
    return b"".join((around, map_header(count // 2), members))


def _read_large(data: memoryview, at: int, *, is_key: bool) -> tuple[str, int, int]:
    """`read_header` of what is more than a step."""
    kind, size, start = read_header(data, at)
    if kind == _OTHER and data[at] not in _SIZED:
        raise ValueError("the document is cut short")
    if is_key and data[at] not in _TEXTS:
        raise ValueError("a map's key must be text or a number: convert it with str()")
    return kind, size, start


def unpack_steps(data: memoryview) -> Generator[int, None, Any]:
    """`packing.unpack` of one document, with any keys, in steps. Gives way and raises as `walk`."""
    reader = msgpack.Unpacker(
        max_buffer_size=len(data) + STEP,
        ext_hook=unpack_extension,
        strict_map_key=False,
        unicode_errors=TEXT_ERRORS,
        # Their defaults are for streams: a document bounds itself.
        max_str_len=len(data),
        max_bin_len=len(data),
        max_array_len=len(data),
        max_map_len=len(data),
        max_ext_len=len(data),
    )
    at = 0
    while at < len(data):
        end = max(at + STEP, min(_end_of_run(data, reader.tell(), at), at + _COPIED))
        reader.feed(data[at:end])
        at = end
        with suppress(msgpack.OutOfData):
            return reader.unpack()  # it goes on where the last step ended
        yield STEP
    raise ValueError("the document is cut short")


def _end_of_run(data: memoryview, start: int, at: int) -> int:
    """Where the one text or run of bytes ends whose bytes from `start` to `at` were fed; 0 if it is not a long one."""
    if at - start < STEP:
        return 0
    # Nothing else takes so much without an end, and the header is right in front of it. That of a shorter one comes
    # first, so that no bytes before it are taken for the header of a longer one.
    if start >= 3 and data[start - 3] in _RUNS_16:
        return start + int.from_bytes(data[start - 2 : start])
    if start >= 5 and data[start - 5] in _RUNS_32:
        return start + int.from_bytes(data[start - 4 : start])
    return 0


class Tally:
    """Counts the arrays and maps that are walked through. Raises `PartsError` for more than `parts`."""

    def __init__(self, parts: int) -> None:
        self.left_parts = parts
        """How many more there may be."""
        self._depth = 0

    def run(self, document: bytes, *, pairs: bool) -> None:  # noqa: ARG002 - as `Look`
        """See `Look`."""
        self._unpack(document, self._part, skip_extension)

    def entered(self, *, is_map: bool) -> None:  # noqa: ARG002 - as `Look`
        """See `Look`."""
        self._count(1)
        self._depth += 1

    def left(self) -> None:
        """See `Look`."""
        self._depth -= 1

    def single(self, data: memoryview, head: int) -> None:
        """See `Look`."""

    def _unpack(
        self,
        document: bytes,
        on_map: Callable[[dict[Any, Any]], None],
        on_extension: Callable[[int, bytes], None],
    ) -> None:
        # What is only there to be as deep as the members are was counted when it was entered.
        self._count(-self._depth)
        msgpack.unpackb(
            document,
            object_hook=on_map,
            list_hook=self._part,
            ext_hook=on_extension,
            strict_map_key=False,
            unicode_errors=TEXT_ERRORS,
        )

    def _part(self, _found: object) -> None:
        self._count(1)

    def _count(self, more: int) -> None:
        self.left_parts -= more
        if self.left_parts < 0:
            raise PartsError


class Inspection(Tally):
    """Looks also whether every client can read it, as `readable.check_readable` does. Raises `ValueError` with the
    reason.
    """

    def __init__(self, parts: int) -> None:
        super().__init__(parts)
        self.hides = False
        """Whether members may be hidden from other clients."""
        self._keys: list[int] = []
        """For each array and map that was entered, `_NUMBERS` and `_LIKE_NUMBERS` for such keys."""
        self._outermost: dict[Any, Any] = {}

    def run(self, document: bytes, *, pairs: bool) -> None:
        """See `Look`."""
        self.hides = self.hides or b"_filter" in document
        self._unpack(document, self._map, check_extension)
        if pairs:
            self._note_keys(self._outermost)

    def entered(self, *, is_map: bool) -> None:
        """See `Look`."""
        super().entered(is_map=is_map)
        self._keys.append(0)

    def left(self) -> None:
        """See `Look`."""
        super().left()
        self._keys.pop()

    def single(self, data: memoryview, head: int) -> None:
        """See `Look`."""
        if head in _EXTENSIONS and data[0] == ARRAY_TYPE:
            check_array(data[1:])
        elif head in _EXTENSIONS and data[0] == _TIMESTAMP:
            raise ValueError("a timestamp has at most 12 bytes")

    def _map(self, found: dict[Any, Any]) -> None:
        self._count(1)
        self._outermost = found  # the inner ones come before it
        check_keys(found)

    def _note_keys(self, found: dict[Any, Any]) -> None:
        """``1`` and ``"1"`` are one key in JavaScript; in a map of many steps they would not be seen together."""
        texts = [key for key in found if isinstance(key, str)]
        if len(texts) < len(found):
            self._keys[-1] |= _NUMBERS
        if _LIKE_NUMBER.search("\0".join(texts)):
            self._keys[-1] |= _LIKE_NUMBERS
        if self._keys[-1] == _NUMBERS | _LIKE_NUMBERS:
            raise ValueError(
                "a large map has as keys both numbers and texts of numbers: convert them with str()"
            )
