"""What packages import from wslink: the mark of an RPC method, timers, and the base of protocol classes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jupyter_trame.execution.asynchronous import create_task, get_event_loop

__all__ = ["LinkProtocol", "register", "schedule_callback", "schedule_coroutine"]

F = TypeVar("F", bound=Callable[..., Any])

_URI = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def register(uri: str) -> Callable[[F], F]:
    """Decorator: clients call the method by `uri`, words of a-z, 0-9 and ``_`` with dots between.

    Raises `ValueError` for another one, `TypeError` when what it decorates cannot be called.
    """
    if not _URI.fullmatch(uri):
        raise ValueError(
            f"invalid URI {uri!r}: it is made of lower-case words with dots between, as in 'my.method'"
        )

    def mark(function: F) -> F:
        if not callable(function):
            raise TypeError(f"register({uri!r}) decorates functions, not {type(function).__name__}")
        marks: list[dict[str, str]] = function.__dict__.setdefault("_wslinkuris", [])
        marks.append({"uri": uri})
        return function

    return mark


def schedule_callback(delay: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
    """Call ``callback(*args)`` on the loop of this thread in `delay` seconds, unless the result is cancelled."""
    return get_event_loop().call_later(delay, callback, *args)


def schedule_coroutine(
    delay: float,
    coroutine: Callable[..., Coroutine[Any, Any, Any]],
    *args: Any,
    done_callback: Callable[[asyncio.Task[Any]], object] | None = None,
) -> asyncio.TimerHandle:
    """Run ``coroutine(*args)`` in `delay` seconds, unless the result is cancelled by then.

    ``done_callback(task)`` is called at its end; its exception is logged.
    """

    def start() -> None:
        task = create_task(coroutine(*args))
        if done_callback is not None:
            task.add_done_callback(done_callback)

    return schedule_callback(delay, start)


class LinkProtocol:
    """Base of classes whose methods, marked by `register`, clients call.

    A class need not call ``super().__init__()``; the server fills the members in when it starts.
    """

    coreServer: Any = None  # noqa: N815 - wslink's name
    """The server's protocol, from ``registerLinkProtocol`` on."""

    def init(
        self,
        publish: Callable[..., None],
        addAttachment: Callable[[Any], Any],  # noqa: N803 - wslink's name
        stopServer: Callable[[], object],  # noqa: N803 - wslink's name
    ) -> None:
        """Called by the server at each start."""
        vars(self).update(publish=publish, addAttachment=addAttachment, stopServer=stopServer)

    def publish(
        self, topic: str, data: Any, client_id: str | None = None, skip_last_active_client: bool = False
    ) -> None:
        """Send `data` to the clients; nothing before the server has started."""

    def addAttachment(self, payload: Any) -> Any:  # noqa: ARG002, N802 - wslink's name
        """`payload`, as it may stand in published data and results; None before the server has started."""
        return None

    def stopServer(self) -> None:  # noqa: N802 - wslink's name
        """End the server; nothing before it has started."""

    def getSharedObject(self, key: str) -> Any:  # noqa: N802 - wslink's name
        """What was set under `key` for all protocol objects, or None."""
        return None if self.coreServer is None else self.coreServer.getSharedObject(key)

    def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802 - wslink's name
        """A client connected."""

    def onClose(self, client_id: str) -> None:  # noqa: N802 - wslink's name
        """A client is gone."""
