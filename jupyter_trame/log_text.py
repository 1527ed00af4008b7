"""What somebody else wrote, or caused, put into a log or a report: short, and on one line."""

import unicodedata

__all__ = ["MESSAGE_LENGTH", "TRACE_LENGTH", "foreign", "shortened"]

MESSAGE_LENGTH = 4000
"""Characters of a message of an error that logs and reports have."""
TRACE_LENGTH = 40_000
"""The same of a traceback."""
_LENGTH = 200

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories that end a line, move the cursor, turn the direction of text or cannot be encoded."""


def foreign(text: object, length: int = _LENGTH, *, lines: bool = False) -> str:
    """`text` without what forges lines or colours: such characters as escapes, and at most `length` characters of it.

    `lines`: the ends of lines stay, each next line is indented.
    """
    given = text if isinstance(text, str) else str(text)
    cut = given[:length]
    if not cut.isprintable():
        cut = "".join(_shown(char, lines=lines) for char in cut)
    return cut + _rest(given, length)


def shortened(text: str, length: int) -> str:
    """At most `length` characters of `text`, as they are, and how many it has beyond."""
    return text[:length] + _rest(text, length)


def _rest(text: str, length: int) -> str:
    left = len(text) - length
    return f"… ({left} characters more)" if left > 0 else ""


def _shown(char: str, *, lines: bool) -> str:
    if char == "\n" and lines:
        return "\n    "
    if unicodedata.category(char) in _UNSEEN:
        return char.encode("unicode_escape").decode("ascii")
    return char
