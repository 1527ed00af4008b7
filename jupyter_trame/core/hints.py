"""Keys that look like a mistake are told of, each once: slips of the keyboard, names that mean something else."""

from collections.abc import Callable, Collection, Iterable

from jupyter_trame.core.spelling import nearest

__all__ = ["OF_TEMPLATES", "Hints", "missing_key"]

MAX_NAMES = 50
"""So many names are looked at: who asks for more that do not exist does so on purpose."""

OF_TEMPLATES = frozenset(
    "trame utils window trigger set get setAll flushState registerDecorator tts Infinity undefined NaN isFinite isNaN "  # noqa: SIM905 - a list would have a line each
    "parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent Math Number Date Array Object "
    "Boolean String RegExp Map Set JSON Intl BigInt console Error Symbol".split()
)
"""What expressions of a page mean by these names is no state key; as in ``js/src/view/render/scope.ts``."""

MAX_KNOWN = 2000
"""Among more keys than this no name is searched for."""


class Hints:
    """Tells of keys that do not exist while one with nearly the same name does. Any thread."""

    __slots__ = ("_advise", "_attributes", "_seen")

    def __init__(
        self, advise: Callable[[str, str], object], attributes: Collection[str] = frozenset()
    ) -> None:
        """`advise(where, message)` tells the user; a state has `attributes`, which are no keys."""
        self._advise = advise
        self._attributes = attributes
        self._seen: set[str] = set()

    def is_new(self, key: str) -> bool:
        """May `read` or `listened` have anything to say of `key`? Cheap, unlike the list of known keys."""
        return key not in self._seen and len(self._seen) < MAX_NAMES and key[:1] != "_"

    def read(self, key: str, known: Collection[str]) -> None:
        """`key` was read, and is not in `known`."""
        self._hint(key, known, f"{key!r} was read, which nobody has set")

    def listened(self, key: str, known: Collection[str], listener: str) -> None:
        """What people call `listener` waits for `key`, which is not in `known`."""
        self._hint(key, known, f"{listener} waits for {key!r}, which nobody has set")

    def named(self, keys: Iterable[str]) -> None:
        """Some of `keys` are new."""
        for key in keys:
            if key in self._attributes:
                what = f"state.{key} is a method of the state"
            elif key in OF_TEMPLATES:
                what = f"in a template {key} is something else"
            else:
                continue
            self._advise("state", f"give {key!r} another name, such as {key}_value: {what}")

    def _hint(self, key: str, known: Collection[str], message: str) -> None:
        if not self.is_new(key) or len(known) > MAX_KNOWN:
            return
        self._seen.add(key)
        near = nearest(key, known)
        if near is not None:
            self._advise("state", f"is {near!r} meant? {message}")


def missing_key(key: str, known: Collection[str], user: str) -> tuple[str, bool]:
    """What is to be said of `key`, which `user` names and nobody has set, and whether another one may be meant."""
    near = nearest(key, known) if len(known) <= MAX_KNOWN else None
    if near is not None:
        return f"is {near!r} meant? {user} names {key!r}, which nobody has set", True
    return f"set state.{key} first, to None if it has no value yet: {user} names it, and nobody has", False
