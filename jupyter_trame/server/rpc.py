"""What clients ask of a server: writes, triggers and other calls, run on the owner loop in their order."""

from __future__ import annotations

import difflib
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_trame.errors import MethodNotFoundError, NotWritableError, TrameError
from jupyter_trame.protocol import CallEvent, Event, WriteEvent, is_client_writable
from jupyter_trame.protocol.envelope import ERROR_TOPIC
from jupyter_trame.protocol.link import ClientClosed, ClientOpened
from jupyter_trame.server.errors import ErrorReport, Throttle
from jupyter_trame.types import ClientId

if TYPE_CHECKING:
    from jupyter_trame.server.runtime import Runtime

__all__ = ["Dispatcher", "UnknownTriggerError"]

_logger = logging.getLogger(__name__)


class UnknownTriggerError(MethodNotFoundError):
    """A client called a trigger that nobody registered."""

    def __init__(self, name: object, nearest: str | None) -> None:
        super().__init__(name)
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"; the nearest is {self.nearest!r}" if self.nearest else ""
        return f"no trigger {self.method!r} is registered{hint}"


class Dispatcher:
    """Answers the events of a primary."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._owner = runtime.owner
        self._user = runtime.user_code
        self._native: set[ClientId] = set()
        self._client_errors = Throttle(rate=2, burst=20)
        self._methods: dict[str, Callable[[CallEvent], None]] = {
            "trame.trigger": self._trigger,
            "trame.lifecycle.update": self._life_cycle,
            "trame.error.client": self._client_error,
            "trame.force.push": self._force_push,
            "application.exit": self._exit,
            "application.exit.later": self._exit_later,
        }

    def on_event(self, event: Event) -> None:
        """An event of the primary. Any thread."""
        self._owner.submit(partial(self._handle, event))

    def _handle(self, event: Event) -> None:
        match event:
            case WriteEvent():
                self._write(event)
            case CallEvent():
                self._call(event)
            case ClientOpened():
                if event.native:  # stock clients report their life cycle themselves
                    self._native.add(event.client)
                    self._fire("client_connected")
            case ClientClosed():
                if event.client in self._native:
                    self._native.remove(event.client)
                    self._fire("client_exited")

    # -- writes

    def _write(self, event: WriteEvent) -> None:
        runtime = self._runtime
        refused = [key for key in event.values if not is_client_writable(key)] if runtime.strict else []
        for key in refused:
            del event.values[key]
        with runtime.primary.applying(event):
            try:
                runtime.state.update(event.values)
                runtime.state.flush()
            except Exception as error:  # noqa: BLE001 - e.g. a value whose comparison raises; the next write goes on
                self._user.report(f"a write of {', '.join(event.values)}", error)
            if refused:
                self._refuse(event, NotWritableError(refused[0]))
            elif event.request_id is not None:
                runtime.primary.reply(event, None)

    def _refuse(self, event: WriteEvent, error: NotWritableError) -> None:
        """The settlement of the write gives the author the server's value back; this tells it why."""
        _logger.warning("client %s: %s", event.client, error)
        if event.request_id is not None:
            self._runtime.primary.reply_error(event, error.code, str(error))
        else:
            data = ErrorReport("write", str(error), "").as_data(with_trace=False)
            self._runtime.primary.publish(ERROR_TOPIC, data, client=event.client)

    # -- calls

    def _call(self, event: CallEvent) -> None:
        method = self._methods.get(event.method)
        if method is not None:
            try:
                method(event)
            except TrameError as error:
                _logger.warning("client %s: %s", event.client, error)
                self._runtime.primary.reply_error(event, error.code, str(error))
            return
        protocol = self._runtime.protocol
        registered = protocol.getRPCMethod(event.method) if protocol is not None else None
        if registered is None:
            self._runtime.primary.reply_error(
                event, MethodNotFoundError.code, "Unregistered method called", event.method
            )
            return
        owner, function = registered
        self._answer(event, f"method {event.method}", partial(function, owner), event.args, event.kwargs)

    def _trigger(self, event: CallEvent) -> None:
        name, args, kwargs = [*event.args, None, None, None][:3]
        function = self._runtime.controller.trigger_fn(name)
        if function is None:
            raise self._unknown_trigger(name)
        where = f"trigger {name} ({getattr(function, '__qualname__', type(function).__qualname__)})"
        args = args if isinstance(args, list) else []
        kwargs = kwargs if isinstance(kwargs, dict) else {}
        self._answer(event, where, function, args, kwargs)

    def _unknown_trigger(self, name: object) -> UnknownTriggerError:
        known = [
            known
            for known in self._runtime.controller._triggers._functions
            if not known.startswith("trigger__")
        ]
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        return UnknownTriggerError(name, near[0] if near else None)

    def _answer(
        self,
        event: CallEvent,
        where: str,
        function: Callable[..., Any],
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> None:
        """Call `function` and answer `event` with what comes of it; each request gets exactly one answer."""
        call = partial(self._user.invoke, where, function, *args, **kwargs)
        protocol = self._runtime.protocol
        try:
            result = call() if protocol is None else protocol.run_as(event.client, call)
        except Exception as error:  # noqa: BLE001 - `invoke` has reported it; the client is to know too
            self._runtime.flush()
            self._fail(event, error)
            return
        self._runtime.flush()
        if inspect.isawaitable(result):
            self._owner.create_task(self._answer_later(event, where, result))
        else:
            self._runtime.primary.reply(event, result)

    async def _answer_later(self, event: CallEvent, where: str, awaitable: Awaitable[Any]) -> None:
        try:
            result = await self._user.wait(where, awaitable)
        except BaseException as error:
            self._runtime.flush()
            self._fail(event, error)
            if not isinstance(error, Exception):
                raise
        else:
            self._runtime.flush()
            self._runtime.primary.reply(event, result)

    def _fail(self, event: CallEvent, error: BaseException) -> None:
        data: dict[str, Any] = {"method": event.method, "exception": repr(error)}
        if self._runtime.shows_traces:
            data["trace"] = "".join(traceback.format_exception(error))
        self._runtime.primary.reply_error(event, TrameError.code, "Exception raised", data)

    def _life_cycle(self, event: CallEvent) -> None:
        if event.args:
            self._fire(str(event.args[0]))
        self._runtime.primary.reply(event, None)

    def _fire(self, name: str) -> None:
        self._runtime.fire(f"on_{name}")
        self._runtime.flush()

    def _client_error(self, event: CallEvent) -> None:
        """An exception in a client: a template, a script. It is user code too."""
        message = str(event.args[0]) if event.args else ""
        self._runtime.primary.reply(event, None)
        if not self._client_errors.allow():
            return
        if self._runtime.fire("on_error", message):
            self._runtime.flush()
        _logger.error("in a client: %s", message)
        self._user.add(ErrorReport("client", message, "", from_client=True))

    def _force_push(self, event: CallEvent) -> None:
        self._runtime.primary.push(str(key) for key in event.args)
        self._runtime.primary.reply(event, None)

    def _exit(self, event: CallEvent) -> None:
        self._runtime.primary.reply(event, None)
        self._owner.submit(self._runtime.stop)

    def _exit_later(self, event: CallEvent) -> None:
        delay = event.args[0] if event.args and isinstance(event.args[0], int | float) else 60
        self._runtime.primary.reply(event, None)
        self._owner.call_later(max(delay, 0), self._runtime.stop)
