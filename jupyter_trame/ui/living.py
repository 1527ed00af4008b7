"""What of an interface lives beside its template, by name: one that is built again ends what it had before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from weakref import ref

from trame_client.widgets.core import HTML_CTX

from jupyter_trame.names import RESERVED_PREFIX
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of

__all__ = ["Living", "LivingPlace", "begin_again", "claim", "end_others"]


class Living(Protocol):
    """It runs until it is ended."""

    def end(self) -> None:
        """Do no more. The owner's thread."""


class LivingPlace:
    """Where a living part stands: the server of the interface, and a name for its keys that is nobody else's.

    The name is reserved, since what these keys have is shown by every view: no client writes them.
    """

    def __init__(self, server: Server, key: str, keep: Callable[[Living], None]) -> None:
        self.server = server
        self.key = key
        self.keep = keep
        """Ends what is given to it when another interface has a part of this name, or stands in its place."""


def claim(kind: str, name: str) -> LivingPlace:
    """The place of a part in the interface that is being built; an older one of the same name ends.

    Parts of one interface that have the same name are numbered. Raises ValueError where no interface is open.
    """
    if not HTML_CTX.element_stack:
        raise ValueError(
            f"write this line below `with ui.app(...):`: ui.{kind} is made outside of an interface"
        )
    root, server = HTML_CTX.element_stack[0], HTML_CTX.element_stack[-1].server
    parts = runtime_of(server).parts
    # A reserved name is the same for all children of a server, so the child's own one stands in it.
    first = key = RESERVED_PREFIX + server.translator.translate_key(f"{kind}__{name}")
    number = 1
    while _is_of(parts.get(key), root):
        number += 1
        key = f"{first}_{number}"
    _end(parts.pop(key, None))
    known = parts[key] = _Part(ref(root))
    return LivingPlace(server, key, partial(setattr, known, "living"))


def begin_again(server: Server, template: str, root: object) -> None:
    """The interface `template` of `server`, which stands in `root`, is built anew: parts take the places of those of
    the same names that it has.
    """
    for part in runtime_of(server).parts.values():
        if _is_of(part, root):
            part.root, part.interface = None, (server, template)


def end_others(server: Server, template: str, root: object) -> None:
    """The interface `template` of `server` is what stands in `root`: parts that it had before end."""
    parts, interface = runtime_of(server).parts, (server, template)
    for key, part in list(parts.items()):
        if _is_of(part, root):
            part.interface = interface
        elif part.interface == interface:
            _end(parts.pop(key))


@dataclass(eq=False)
class _Part:
    root: ref[Any] | None
    """The outermost element of the interface that it is in; None once that is built anew."""
    living: Living | None = None
    interface: tuple[Server, str] | None = None
    """The server and the template, once that is complete."""


def _end(part: _Part | None) -> None:
    if part is not None and part.living is not None:
        part.living.end()


def _is_of(part: _Part | None, root: object) -> bool:
    return part is not None and part.root is not None and part.root() is root
