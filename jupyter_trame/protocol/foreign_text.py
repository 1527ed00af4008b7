"""What somebody else wrote, put into a log or a report: short, and on one line."""

import unicodedata

__all__ = ["foreign"]

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
    left = len(given) - length
    return f"{cut}… ({left} characters more)" if left > 0 else cut


def _shown(char: str, *, lines: bool) -> str:
    if char == "\n" and lines:
        return "\n    "
    if unicodedata.category(char) in _UNSEEN:
        return char.encode("unicode_escape").decode("ascii")
    return char
