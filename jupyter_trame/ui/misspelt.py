"""Parameters that name no key are told of when all keys are known, and not on the first press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_trame.core.arguments import arguments_of
from jupyter_trame.core.spelling import nearest
from jupyter_trame.names import ON_SERVER_READY
from jupyter_trame.runtime.runtime import RUNNING
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of

__all__ = ["hint_at_misspelt"]


def hint_at_misspelt(server: Server, fn: Callable[..., Any], user: str, *own: str) -> None:
    """Advise of parameters of `fn`, which messages call `user`, that are nearly the name of a key and no key.

    That is when `server` starts, or where it runs already once the code that builds the interface has given its thread
    back: keys may be set below. Parameters named `own` are no keys. The owner's thread.
    """
    runtime = runtime_of(server)

    def look() -> None:
        server.controller[ON_SERVER_READY].discard(look)
        state = server.state
        known = [name for name in dir(state) if state.has(name)]
        for key in sorted(arguments_of(fn).required - set(own) - set(known)):
            near = nearest(key, known)
            if near is not None:
                runtime.user_code.advise(
                    user, f"is {near!r} meant? {user} takes {key!r}, which nobody has set"
                )

    server.controller.add(ON_SERVER_READY)(look)
    if runtime.stage == RUNNING:
        runtime.owner.call_later(0, look)
