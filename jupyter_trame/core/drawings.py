"""Pending figures and tables are made into what clients get before the lock of a store is held for their commit."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jupyter_trame.core.in_place import UNCHANGING
from jupyter_trame.showing.ahead import Ahead, make_ahead, slow_objects
from jupyter_trame.showing.forms import form_of, sent_form

__all__ = ["Drawings"]


class _Drawing:
    """What is made of the value of one key, from one time that it was set until the next."""

    __slots__ = ("ahead", "is_done")

    def __init__(self) -> None:
        self.ahead: Ahead = {}
        self.is_done = False


class Drawings:
    """The drawings of one store. Callers hold its lock, but for `make`."""

    __slots__ = ("is_withheld", "known")

    def __init__(self) -> None:
        self.known: dict[str, _Drawing] = {}
        """By key; most of the time there are none, and nobody need ask."""
        self.is_withheld: Callable[[str], bool] = _everything_is
        """Whether clients do not get the value of a key: nothing is made of it then."""

    def make(self, pending: Mapping[str, Any]) -> None:
        """Make what is to be sent of the `pending` values, as far as that was not done since they were set.

        It may take long. Any thread, without the lock.
        """
        if UNCHANGING.issuperset(map(type, list(pending.values()))):
            return
        for key, value in list(pending.items()):
            if type(value) in UNCHANGING or key in self.known or self.is_withheld(key):
                continue
            objects = slow_objects(value, _is_slow)
            if objects:
                self._draw(key, objects)

    def _draw(self, key: str, objects: Iterable[object]) -> None:
        # Known before it is drawn: who sets the key meanwhile, having drawn more, takes it away.
        drawing = self.known[key] = _Drawing()
        try:
            for one in objects:
                drawing.ahead[id(one)] = make_ahead(one, sent_form)
            drawing.is_done = True
        finally:
            if not drawing.is_done and self.known.get(key) is drawing:  # an interrupt
                del self.known[key]

    def outdate(self, key: str) -> None:
        """The value of `key` was set: what was made of it does not count."""
        self.known.pop(key, None)

    def unfinished(self) -> frozenset[str]:
        """The keys whose values are being drawn: they are committed by who draws them."""
        return frozenset(key for key, drawing in list(self.known.items()) if not drawing.is_done)

    def take(self, keys: Iterable[str]) -> Ahead:
        """What was made of the values of `keys`, which are committed now."""
        taken: Ahead = {}
        for key in keys:
            if (drawing := self.known.pop(key, None)) is not None:
                taken |= drawing.ahead
        return taken


def _everything_is(_key: str) -> bool:
    return True  # nobody sends it


def _is_slow(kind: type) -> bool:
    form = None if kind in UNCHANGING else form_of(kind)
    return form is not None and form.changes
