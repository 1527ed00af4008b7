"""What runs beside the clients' calls and sends to all of them, or to one: threads, and coroutines."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from functools import partial
from typing import Any, Protocol, TypeAlias

from jupyter_trame.errors import ServerError, TrameError
from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from jupyter_trame.igor.igor_client import IgorClient
from jupyter_trame.igor.json_frames import (
    ClientId,
    close_message,
    error_message,
    error_text,
    process_message,
)

__all__ = ["IgorProcess", "Process", "ProcessHost", "ProcessOutput", "Processes", "UnknownClientError"]

Process: TypeAlias = "threading.Thread | Callable[..., Coroutine[Any, Any, object]]"
"""A thread that was not started, or a coroutine function ``process(output, *, scope, sessions)``."""


class UnknownClientError(TrameError, LookupError):
    """No client of that id is connected."""

    def __init__(self, client_id: object) -> None:
        super().__init__(client_id)
        self.client_id = client_id

    def __str__(self) -> str:
        return f"no client {self.client_id!r} is connected"


class ProcessHost(Protocol):
    """Who hears the processes of a server."""

    @property
    def clients(self) -> dict[ClientId, IgorClient]:
        """Who is connected. Any thread reads it."""

    @property
    def mailbox(self) -> Mailbox:
        """The way to the loop on which clients are sent to."""


class IgorProcess(threading.Thread):
    """A thread for `IgorServer.add_process`, which sets these attributes before it starts."""

    process_id: str | None = None
    output: ProcessOutput | None = None
    scope: dict[Any, Any] | None = None
    sessions: dict[ClientId, Any] | None = None


class ProcessOutput:
    """What a process sends. Any thread; coroutines may use it as well."""

    def __init__(self, process_id: str, audience: ProcessHost, on_finished: Callable[[str], object]) -> None:
        self.process_id = process_id
        self.stopping = threading.Event()
        """Set when the server stops: a process that looks at it ends in time."""
        self.on_message_received: Callable[..., object] | None = None
        """Not called; programs may set it."""
        self._audience = audience
        self._on_finished = on_finished
        self._closed = False
        self._lock = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closed

    def send(self, action: str, data: object = None, client_id: ClientId | None = None) -> None:
        """Send `data` under `action` to the client `client_id`, without one to all.

        Waits while much of what threads sent has not left. A client that is too slow is closed; it holds up nobody.
        Raises `ClosedError`, `UnknownClientError`, `NotJsonError` for a value that JSON has no form for, and
        `FloodError` in a coroutine that sends without end and awaits nothing; then nobody got it.
        """
        self._check()
        self._put(process_message(self.process_id, action, data), client_id)

    def send_error(self, error: object, client_id: ClientId | None = None) -> None:
        """Send ``str(error)`` as an error; see `send`."""
        self._check()
        self._put(error_message(self.process_id, str(error)), client_id)

    def finish(self) -> None:
        """Tell everybody that the process is over. Raises `ClosedError` when that was done before."""
        with self._lock:
            self._check()
            self._closed = True
        self._put(close_message(self.process_id), None)
        self._on_finished(self.process_id)

    def end(self, error: BaseException | None) -> None:
        """What the server does when the process has returned or raised: as `finish`, harmless when that was called."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        try:
            if error is not None:
                self._put(error_message(self.process_id, error_text(error)), None)
            self._put(close_message(self.process_id), None)
        except ClosedError:  # the server has stopped
            pass
        self._on_finished(self.process_id)

    def stop(self) -> None:
        """The server stops: what is sent from now on raises."""
        self._closed = True
        self.stopping.set()

    def _check(self) -> None:
        if self._closed:
            why = "the server has stopped" if self.stopping.is_set() else "it has finished"
            raise ClosedError(f"the output of process {self.process_id!r} is closed: {why}")

    def _put(self, frame: str, client_id: ClientId | None) -> None:
        audience = self._audience
        if client_id is None:
            clients = audience.clients
        elif (client := audience.clients.get(client_id)) is not None:
            clients = {client_id: client}
        else:
            raise UnknownClientError(client_id)
        if audience.mailbox.here and not self._closed:
            for client in clients.values():
                client.check_flood()
        audience.mailbox.post(partial(_send_all, clients, frame), len(frame))


def _send_all(clients: dict[ClientId, IgorClient], frame: str) -> None:
    for client in list(clients.values()):
        client.send(frame)


class Processes:
    """The processes of a server, and their start. `add` may be called on any thread, the rest on the loop's."""

    def __init__(self, scope: dict[Any, Any], sessions: dict[ClientId, Any], logger: logging.Logger) -> None:
        self._logger = logger
        self.entries: dict[str, dict[str, Any]] = {}
        """Id -> ``{"thread": what was added, "output": its output, None before the start}``."""
        self._scope = scope
        self._sessions = sessions
        self._audience: ProcessHost | None = None
        self._context = copy_context()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()

    def add(self, process_id: str, process: Process) -> Callable[[], None] | None:
        """Keep `process`; what starts it, None where that happens with the server.

        Raises `ServerError` and `TypeError`.
        """
        if not callable(getattr(process, "start", None)) and not callable(process):
            raise TypeError(
                f"process {process_id!r} is a thread or a coroutine function, not {type(process).__name__}"
            )
        if isinstance(process, threading.Thread) and process.ident is not None:
            raise ServerError(
                f"the thread of process {process_id!r} was started already: the server starts it"
            )
        with self._lock:
            if process_id in self.entries:
                raise ServerError(f"there is a process {process_id!r} already")
            self.entries[process_id] = {"thread": process, "output": None}
        return None if self._audience is None else partial(self._start, process_id)

    def start_all(self, audience: ProcessHost, context: Context) -> None:
        """The server is up; what processes print goes where `context` says."""
        self._context = context
        self._audience = audience
        for process_id in list(self.entries):
            self._start(process_id)

    def stop_all(self) -> list[asyncio.Task[None]]:
        """The server stops; the tasks that are to be cancelled. Threads end when they send, or look at `stopping`."""
        self._audience = None
        for entry in list(self.entries.values()):
            if entry["output"] is not None:
                entry["output"].stop()
        self.entries.clear()
        return list(self._tasks)

    def _start(self, process_id: str) -> None:
        audience, entry = self._audience, self.entries.get(process_id)
        if audience is None or entry is None or entry["output"] is not None:
            return
        process = entry["thread"]
        output = entry["output"] = ProcessOutput(process_id, audience, self._forget)
        if callable(getattr(process, "start", None)):
            self._start_thread(process, output)
            return
        task = asyncio.get_running_loop().create_task(
            self._run(process, output),
            name=f"process {output.process_id}",
            context=self._context.copy(),
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _start_thread(self, thread: Any, output: ProcessOutput) -> None:
        thread.process_id = output.process_id
        thread.output = output
        thread.scope = self._scope
        thread.sessions = self._sessions
        if isinstance(thread, threading.Thread):
            thread.daemon = True
            run = partial(self._context.copy().run, thread.run)
            thread.run = partial(_guard, run, output, self._report)  # type: ignore[method-assign]
        thread.start()

    async def _run(self, process: Callable[..., Coroutine[Any, Any, object]], output: ProcessOutput) -> None:
        try:
            result: object = process(output, scope=self._scope, sessions=self._sessions)
            if not inspect.isawaitable(result):
                raise TypeError("it gave nothing to await: a process is a coroutine function, or a thread")
            await result
        except asyncio.CancelledError:
            output.end(None)
            raise
        except SystemExit:  # as of a thread
            output.end(None)
        except BaseException as error:  # noqa: BLE001 - an interrupt would end the loop of the server
            self._report(output, error)
        else:
            output.end(None)

    def _report(self, output: ProcessOutput, error: BaseException) -> None:
        """`error` ended the process. That its output was closed is no news where the server has stopped."""
        if not (isinstance(error, ClosedError) and output.stopping.is_set()):
            self._logger.error("process %r failed", output.process_id, exc_info=error)
        output.end(error)

    def _forget(self, process_id: str) -> None:
        self.entries.pop(process_id, None)


def _guard(
    run: Callable[[], object], output: ProcessOutput, report: Callable[[ProcessOutput, BaseException], None]
) -> None:
    """What a thread runs in place of its `run`."""
    try:
        run()
    except SystemExit:  # which ends a thread, and no more
        output.end(None)
    except BaseException as error:  # noqa: BLE001 - clients hear of it, whatever it is
        report(output, error)
    else:
        output.end(None)
