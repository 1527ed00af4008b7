"""Names that look like a slip of the keyboard are named in the log, each once."""

import logging
from collections.abc import Collection

from jupyter_trame.core.spelling import nearest

__all__ = ["Hints"]

_logger = logging.getLogger("jupyter_trame.state")

MAX_NAMES = 50
"""So many names are looked at: who asks for more that do not exist does so on purpose."""

MAX_KNOWN = 2000
"""Among more keys than this no name is searched for."""


class Hints:
    """Tells of keys that do not exist while one with nearly the same name does. Any thread."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def is_new(self, key: str) -> bool:
        """May `read` or `listened` have anything to say of `key`? Cheap, unlike the list of known keys."""
        return key not in self._seen and len(self._seen) < MAX_NAMES and key[:1] != "_"

    def read(self, key: str, known: Collection[str]) -> None:
        """`key` was read, and is not in `known`."""
        self._hint(key, known, "%r was read, which was never set: is %r meant?")

    def listened(self, key: str, known: Collection[str]) -> None:
        """A change listener waits for `key`, which is not in `known`."""
        self._hint(key, known, "a change listener waits for %r, which was never set: is %r meant?")

    def _hint(self, key: str, known: Collection[str], message: str) -> None:
        if not self.is_new(key) or len(known) > MAX_KNOWN:
            return
        self._seen.add(key)
        near = nearest(key, known)
        if near is not None:
            _logger.warning(message, key, near)
