"""HTTP headers that a program adds to a handshake, or answers with."""

import re
from collections.abc import Mapping
from typing import Any

from jupyter_trame.trio.websockets.exceptions import HeadersLike

__all__ = ["header_pairs", "response_pairs"]

_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OF_THE_HANDSHAKE = frozenset(
    {"connection", "sec-websocket-accept", "sec-websocket-key", "sec-websocket-version", "upgrade"}
)


def header_pairs(headers: HeadersLike | None) -> list[tuple[str, str]]:
    """`headers` as pairs that can be added to a handshake.

    Raises as `response_pairs` does, and ValueError for the headers that make the handshake.
    """
    pairs = response_pairs(headers)
    for name, _ in pairs:
        if name.lower() in _OF_THE_HANDSHAKE:
            raise ValueError(f"the header {name} makes the handshake: a program cannot set it")
    return pairs


def response_pairs(headers: HeadersLike | None) -> list[tuple[str, str]]:
    """`headers` as pairs that HTTP allows.

    Raises TypeError for what is no header, and ValueError for characters that no header may have, a line break above
    all.
    """
    pairs: list[Any] = list(headers.items() if isinstance(headers, Mapping) else headers or ())
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise TypeError(f"a header is a pair of strings, a name and a value, not {pair!r}")
        name, value = pair
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"a header cannot have the name {name!r}")
        if _VALUE.fullmatch(value) is None:
            raise ValueError(f"the header {name} cannot have the value {value!r}")
    return pairs
