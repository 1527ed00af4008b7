"""Actions as triggers of a trame app: one dictionary serves clients of Igor and the app's own views."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, Protocol

from jupyter_trame.errors import NotWritableError, ServerError
from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.igor.actions import Action
from jupyter_trame.igor.sessions import IgorSessions
from jupyter_trame.protocol import is_client_writable

__all__ = ["AppTriggers", "TrameApp", "ViewOutput"]


class TrameApp(Protocol):
    """What is used of a `Server`."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> Any: ...
    def trigger(self, name: str, concurrent: bool = False) -> Callable[[Any], Any]: ...


class ViewOutput:
    """The `output` of a handler that a view calls. Its values are the trigger's result, in order."""

    client = None
    """A view is no client of Igor."""

    def __init__(self, name: str, state: AbstractContextManager[Any] | None, key: str | None) -> None:
        """With `key` each value is also set in `state` as it comes.

        Raises `NotWritableError` for a key that clients may not write, and `TypeError` for one that is no text: who
        calls names it.
        """
        if key is not None:
            if not isinstance(key, str):
                raise TypeError(f"`into` is the name of a key, a str, not {type(key).__name__}")
            if not is_client_writable(key):
                raise NotWritableError(key)
        self.stream_id = name
        self.values: list[Any] = []
        self.error: str | None = None
        self._state = state
        self._key = key
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closed

    def send(self, data: object = None) -> None:
        """As of a `Stream`. Any thread."""
        self._check()
        self.values.append(data)
        if self._state is not None and self._key is not None:
            with self._state as state:
                state[self._key] = data

    def send_error(self, error: object) -> None:
        """The call of the view fails with this, when the handler is over."""
        self._check()
        self.error = str(error)

    def close(self) -> None:
        """As of a `Stream`."""
        self._check()
        self._closed = True

    async def drain(self) -> None:
        """Nothing waits here."""

    def result(self) -> list[Any]:
        """What the view gets. Raises `ServerError` with the error that the handler sent."""
        self._closed = True
        if self.error is not None:
            raise ServerError(self.error)
        return self.values

    def _check(self) -> None:
        if self._closed:
            raise ClosedError(f"the output of {self.stream_id!r} is closed")


class AppTriggers:
    """Registers each action as the trigger ``igor.<server>.<action>``, called as ``(data, into)``, both optional.

    Its result is the list of what was sent; `into` names a key of the state that is set to each value as it comes.
    Functions run on a thread, so views are answered also while a cell runs; coroutines on the app's loop. All views
    share one session, ``app <name>``, which no client can take.
    """

    def __init__(self, app: TrameApp, name: str, sessions: IgorSessions[Any], scope: dict[Any, Any]) -> None:
        """`name` is the Igor server's."""
        self._app = app
        self._name = name
        self._sessions = sessions
        self._scope = scope
        self._session_id = f"app {app.name}"
        sessions.reserve(self._session_id)

    def add(self, name: str, action: Action) -> None:
        """The action `name` is a trigger from now on."""
        full = f"igor.{self._name}.{name}"
        self._app.trigger(full, concurrent=not action.is_async)(self._call(full, action))

    def _call(self, name: str, action: Action) -> Callable[..., list[Any] | Coroutine[Any, Any, list[Any]]]:
        def call(data: Any = None, into: str | None = None) -> list[Any] | Coroutine[Any, Any, list[Any]]:
            output = ViewOutput(name, self._app.state, into)
            result = action.handler(output, data, **self._context(action))
            # That of a function, too: a lambda gives what the coroutine function in it gives.
            return _result_of(output, result) if inspect.isawaitable(result) else output.result()

        return call

    def _context(self, action: Action) -> dict[str, object]:
        session = self._sessions.data.setdefault(self._session_id, {})
        return action.arguments(session, self._scope)


async def _result_of(output: ViewOutput, handler: Awaitable[Any]) -> list[Any]:
    await handler
    return output.result()
