"""Short messages over the views of an app."""

from __future__ import annotations

from jupyter_trame.server import Server
from jupyter_trame.ui.caller import calling_client, calling_server

__all__ = ["toast"]

_TOPIC = "trame.ui.toast"
_KINDS = ("info", "ok", "warning", "error")


def toast(text: str, *, kind: str = "info", seconds: float = 4.0, server: Server | None = None) -> None:
    """Show `text` over a corner of the view whose user has caused the running callback; of all views without one.

    `kind` is "info", "ok", "warning" or "error". It goes after `seconds`, unless somebody points at it; with 0 it stays
    until it is closed. `server` is the one whose callback runs, unless another is given; outside of callbacks, in a
    cell or a thread, it has to be. Views that open later do not see it.

    Any thread. Raises ValueError where no server is known, and for another `kind`.
    """
    if kind not in _KINDS:
        raise ValueError(f"the kind of a toast is one of {', '.join(_KINDS)}, not {kind!r}")
    target = calling_server() if server is None else server
    if target is None:
        raise ValueError("outside of a callback a toast is given its server: ui.toast(text, server=app)")
    protocol = target.protocol
    if protocol is not None:
        content = {"text": str(text), "kind": kind, "seconds": seconds}
        protocol.publish(_TOPIC, content, client_id=calling_client(target))
