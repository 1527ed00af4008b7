"""What users give where a list of texts is wanted: one text alone would count as its letters."""

from collections.abc import Iterable

__all__ = ["check_texts"]


def check_texts(what: str, given: object) -> tuple[str, ...]:
    """`given`, if it is a list or the like of texts. Raises `TypeError`, with a sentence that calls it `what`."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(f"{what} is a list of texts, not {given!r}")
    texts = tuple(given)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{what} is a list of texts, and holds {text!r}")
    return texts
