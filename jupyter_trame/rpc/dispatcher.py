"""What clients ask of a server: writes, triggers and other calls, run on the owner loop in their order."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Container
from functools import partial
from typing import Any, NoReturn

from jupyter_trame.core.triggers import GENERATED
from jupyter_trame.errors import (
    BusyError,
    MethodNotFoundError,
    NotWritableError,
    SerializationError,
    TrameError,
)
from jupyter_trame.execution.error_reports import ErrorReport, describe, trace_of
from jupyter_trame.names import (
    ERROR_TOPIC,
    FORCE_PUSH,
    ON_CLIENT_CONNECTED,
    ON_CLIENT_EXITED,
    ON_EXCEPTION,
    REACH,
    TRIGGER,
)
from jupyter_trame.protocol import CallEvent, Event, Limits, WriteEvent, is_client_writable
from jupyter_trame.protocol.link import ClientClosed, ClientOpened
from jupyter_trame.protocol.messages import UNPACKABLE_RESULT
from jupyter_trame.rpc.core_methods import UnknownTriggerError
from jupyter_trame.rpc.upload_folder import UploadError
from jupyter_trame.rpc.uploads import Uploads
from jupyter_trame.runtime.runtime import Runtime
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.types import ClientId

__all__ = ["Dispatcher"]

_logger = logging.getLogger(__name__)

_MOST_AWAITED = Limits().client_waiting
"""Bytes of the calls of one client that are awaited, beyond which it gets an error that says "busy"."""
_ONE_AWAITED = _MOST_AWAITED // 8
"""Bytes that one call counts at most: a large one, which runs for long, is to leave room for others."""
_AWAITED = "busy: too many calls of this client are under way; try again later"


class Dispatcher:
    """Answers the events of a primary.

    Calls run beside each other where they wait for something. Those of one client do not where they keep their order
    (`Manners.calls_in_order`): what it asks waits until the call before is answered.
    """

    def __init__(self, runtime: Runtime, uploads: Uploads) -> None:
        self._runtime = runtime
        self._uploads = uploads
        self._owner = runtime.owner
        self._user = runtime.user_code
        self._native: set[ClientId] = set()
        self._complaints = Complaints(_logger)
        self._waiting: dict[ClientId, deque[Event]] = {}
        """What clients asked while a call of theirs runs, where calls keep their order."""
        self._awaited: dict[ClientId, int] = {}
        """Bytes of the calls of each client that are awaited."""
        self._lock = threading.Lock()

    def on_event(self, event: Event) -> None:
        """An event of the primary. Any thread."""
        if isinstance(event, CallEvent):
            if event.method == REACH:
                self._runtime.primary.taken(event)
                self._runtime.primary.messages.reply(event, None)
                return
            if self._uploads.answers(event):
                self._uploads.run(partial(self._upload, event))
                return
            if self._is_concurrent(event):
                self._user.run_apart(partial(self._call, event))
                return
        self._owner.run(partial(self._take, event))

    def _upload(self, event: CallEvent) -> None:
        self._runtime.primary.taken(event)
        try:
            self._uploads.call(event)
        except UploadError as error:
            self._warn(event.client, error)
            self._runtime.primary.messages.reply_error(event, error.code, str(error))
        else:
            self._runtime.primary.messages.reply(event, None)

    def _is_concurrent(self, event: CallEvent) -> bool:
        if event.method != TRIGGER:
            return False
        name = event.args[0] if event.args else event.kwargs.get("name")
        return isinstance(name, str) and self._runtime.controller.trigger_is_concurrent(name)

    def _take(self, event: Event) -> None:
        waiting = self._waiting.get(event.client)
        if waiting is None or _is_question(event):
            self._handle(event)
        else:
            waiting.append(event)

    def _handle(self, event: Event) -> None:
        match event:
            case WriteEvent():
                self._write(event)
            case CallEvent():
                self._call(event)
            case ClientOpened():
                self._opened(event)
            case ClientClosed():
                self._closed(event)

    def _opened(self, event: ClientOpened) -> None:
        runtime = self._runtime
        if runtime.network_log is not None:
            runtime.network_log.initial_state(runtime.app.name, runtime.state.initial)
        if runtime.protocol is not None:
            runtime.protocol.client_connected({"type": "jupyter_trame"}, event.client)
        if event.native:  # stock clients report their life cycle themselves
            self._native.add(event.client)
            runtime.welcome(event.client)
            self._fire(ON_CLIENT_CONNECTED)

    def _closed(self, event: ClientClosed) -> None:
        if event.client in self._native:
            self._native.remove(event.client)
            self._fire(ON_CLIENT_EXITED)
        self._uploads.drop(event.client)
        if self._runtime.protocol is not None:
            self._runtime.protocol.client_closed(event.client)

    def _fire(self, event: str) -> None:
        self._runtime.fire(event)
        self._runtime.flush()

    def _warn(self, client: ClientId, what: object) -> None:
        """Log what a client did wrong: in part its words, and as often as it likes."""
        self._complaints.warn("client %s: %s", client, what)

    # -- writes

    def _write(self, event: WriteEvent) -> None:
        runtime = self._runtime
        for key in self._uploads.resolve_write(event):
            self._warn(event.client, f"the file for {key!r:.200} was not taken: its upload is gone")
        known: Container[str] = runtime.state
        refused = (
            []
            if runtime.manners.clients_write_everything
            else [
                key for key in event.values if runtime.is_withheld(key) or not is_client_writable(key, known)
            ]
        )
        for key in refused:
            del event.values[key]
        if runtime.network_log is not None:
            runtime.network_log.state_from_client(event.values)
        with runtime.primary.applying(event):
            if not refused:
                runtime.primary.messages.acknowledge(event)
            try:
                self._as_client(event.client, partial(self._apply, event))
            except BaseException as error:  # noqa: BLE001 - e.g. a value whose comparison raises; the next write goes on
                self._user.caught(f"a write of {', '.join(event.values)}", error)
            if refused:
                self._refuse(event, _not_writable(refused[0], known))

    def _apply(self, event: WriteEvent) -> None:
        self._runtime.state.update(event.values)
        self._runtime.state.flush()

    def _refuse(self, event: WriteEvent, error: NotWritableError) -> None:
        """The settlement of the write gives the author the server's value back; this tells it why."""
        self._warn(event.client, error)
        if event.request_id is not None:
            self._runtime.primary.messages.reply_error(event, error.code, str(error))
        else:
            data = ErrorReport("write", str(error), "").as_data(with_trace=False)
            self._runtime.primary.messages.publish(ERROR_TOPIC, data, client=event.client)

    # -- calls

    def _call(self, event: CallEvent) -> None:
        """Call what `event` names and answer it with what comes of it; each request gets exactly one answer."""
        self._runtime.primary.taken(event)
        if self._awaited.get(event.client, 0) >= _MOST_AWAITED and not _is_question(event):
            self._runtime.primary.messages.reply_error(event, BusyError.code, _AWAITED)
            return
        try:
            event = self._uploads.resolve_call(event)
        except UploadError as error:
            self._runtime.primary.messages.reply_error(event, error.code, str(error))
            return
        except Exception as error:  # noqa: BLE001 - a defect of ours; each request gets its answer
            self._answer(event, error=self._user.caught("a file", error))
            return
        self._runtime.network.enter()
        goes_on = False
        try:
            goes_on = self._run(event)
        finally:
            if not goes_on:
                self._runtime.network.exit()

    def _run(self, event: CallEvent) -> bool:
        """Call what `event` names. True: a task goes on with it, and `_ended` follows; otherwise it is answered."""
        found = self._find_or_refuse(event)
        if found is None:
            return False
        where, call = found
        try:
            with self._runtime.network.inside():
                result = self._as_client(event.client, partial(self._user.invoke, where, call))
        except BaseException as error:
            self._answer(event, error=error)
            if not isinstance(error, Exception):
                raise
            return False
        if not inspect.isawaitable(result):
            self._answer(event, result)
            return False
        # What was changed so far is shown while the rest is awaited.
        self._runtime.flush()
        self._count_awaited(event, 1)
        ordered = self._runtime.manners.calls_in_order and self._owner.owns_thread()
        if ordered:
            self._waiting[event.client] = deque()
        self._owner.create_task(
            self._finish(event, where, result), on_end=partial(self._ended, event, ordered)
        )
        return True

    def _find_or_refuse(self, event: CallEvent) -> tuple[str, Callable[[], Any]] | None:
        """See `_find`; None when `event` was answered, since there is nothing to call."""
        try:
            return self._find(event)
        except MethodNotFoundError as error:
            self._warn(event.client, error)
            known = isinstance(error, UnknownTriggerError)
            message, data = (str(error), None) if known else ("Unregistered method called", event.method)
            self._runtime.primary.messages.reply_error(event, error.code, message, data)
        except BaseException as error:  # noqa: BLE001 - e.g. a trigger whose attributes raise; each request gets its answer
            self._answer(event, error=self._user.caught(f"method {event.method}", error))
        return None

    def _find(self, event: CallEvent) -> tuple[str, Callable[[], Any]]:
        """How messages call what `event` asks for, and the call. Raises `MethodNotFoundError`."""
        runtime = self._runtime
        protocol = runtime.protocol
        if protocol is None:
            raise MethodNotFoundError(event.method)
        if event.method == TRIGGER:
            try:
                name, args, kwargs = _trigger_arguments(*event.args, **event.kwargs)
            except TypeError as error:
                return f"method {TRIGGER}", partial(_raise, error)
            if runtime.network_log is not None:
                runtime.network_log.event_from_client(str(name), args, kwargs)
            function = protocol.find_trigger(name)
            if function is None:
                return "trigger", lambda: None
            return _said_of_trigger(str(name), function), lambda: function(*args, **kwargs)
        registered = protocol.getRPCMethod(event.method)
        if registered is None:
            raise MethodNotFoundError(event.method)
        if runtime.network_log is not None:
            runtime.network_log.event_from_client(event.method, event.args, event.kwargs)
        owner, method = registered
        return f"method {event.method}", lambda: method(owner, *event.args, **event.kwargs)

    async def _finish(self, event: CallEvent, where: str, awaitable: Awaitable[Any]) -> None:
        runtime = self._runtime
        if runtime.protocol is not None:
            runtime.protocol.current.set(event.client)
        try:
            with runtime.network.inside():
                result = await self._user.wait(where, awaitable)
        except BaseException as error:
            self._answer(event, error=error)
            if not isinstance(error, Exception):
                raise
        else:
            self._answer(event, result)

    def _ended(self, event: CallEvent, ordered: bool) -> None:
        """The task of a call is over, also when it was cancelled before it began."""
        self._count_awaited(event, -1)
        self._runtime.network.exit()
        if ordered:
            self._work_off(event.client)

    def _count_awaited(self, event: CallEvent, sign: int) -> None:
        with self._lock:
            size = self._awaited.pop(event.client, 0) + sign * min(event.cost, _ONE_AWAITED)
            if size > 0:
                self._awaited[event.client] = size

    def _answer(self, event: CallEvent, result: Any = None, *, error: BaseException | None = None) -> None:
        """Push what the call changed, then answer it."""
        self._runtime.flush()
        if error is None:
            self._reply(event, result)
        else:
            self._fail(event, error)

    def _reply(self, event: CallEvent, result: Any) -> None:
        """Answer `event`.

        Most triggers are called by handlers of events, which drop what comes back: that it is a figure or an actor is
        no error of the app. Who waits for the result gets one. A task has its own life, and counts as None.
        """
        messages = self._runtime.primary.messages
        if isinstance(result, list):  # of functions and tasks of a controller
            result = [None if asyncio.isfuture(item) else item for item in result]
        if event.method != TRIGGER:
            messages.reply(event, result)
            return
        try:
            messages.try_reply(event, result)
        except SerializationError as error:
            self._warn(event.client, error)
            messages.reply_error(event, error.code, UNPACKABLE_RESULT, TRIGGER)

    def _fail(self, event: CallEvent, error: BaseException) -> None:
        runtime = self._runtime
        data: dict[str, Any] = {"method": event.method, "exception": describe(error)}
        if runtime.sends_tracebacks:
            data["trace"] = trace_of(error)
        runtime.primary.messages.reply_error(event, TrameError.code, "Exception raised", data)
        if not isinstance(error, Exception):
            return
        if runtime.protocol is not None:
            runtime.protocol.log_emitter.emit("exception", error)
        if runtime.fire(ON_EXCEPTION, error):
            runtime.flush()

    def _work_off(self, client: ClientId) -> None:
        """Go on with what `client` asked meanwhile, until one of its calls has to be awaited again.

        Of a server that has ended nobody asks any more, clients only leave.
        """
        waiting = self._waiting.pop(client, None)
        while waiting:
            if client in self._waiting:
                self._waiting[client].extendleft(reversed(waiting))
                return
            event = waiting.popleft()
            if self._runtime.stage or isinstance(event, ClientClosed):
                self._handle(event)

    def _as_client(self, client: ClientId, call: Callable[[], Any]) -> Any:
        protocol = self._runtime.protocol
        return call() if protocol is None else protocol.run_as(client, call)


def _is_question(event: Event) -> bool:
    """Whether a view only asks whether the loop turns: the answer is not to wait for a slow call of the client."""
    return isinstance(event, CallEvent) and event.method == FORCE_PUSH and not event.args and not event.kwargs


def _said_of_trigger(name: str, function: Callable[..., Any]) -> str:
    """What messages call `function`; a generated `name` would tell nobody anything."""
    said = getattr(function, "__qualname__", type(function).__qualname__)
    return said if name.startswith(GENERATED) else f"trigger {name} ({said})"


def _not_writable(key: str, known: Container[str]) -> NotWritableError:
    waits = key not in known and is_client_writable(key, (key,))
    return NotWritableError(key, "the app has given it a value" if waits else "")


def _raise(error: Exception) -> NoReturn:
    raise error


def _trigger_arguments(
    name: object, args: list[Any] | None = None, kwargs: dict[str, Any] | None = None
) -> tuple[object, list[Any], dict[str, Any]]:
    """What a ``trame.trigger`` gives, by position or by keyword. Raises `TypeError` for anything else."""
    if not isinstance(args, list | None):
        raise TypeError(f"the arguments of a trigger are an array, not {type(args).__name__}")
    if not isinstance(kwargs, dict | None):
        raise TypeError(f"the keyword arguments of a trigger are a map, not {type(kwargs).__name__}")
    return name, args or [], kwargs or {}
