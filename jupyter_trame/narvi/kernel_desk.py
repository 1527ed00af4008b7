"""What the code of a kernel has registered at its Jupyter server, which links to here and is told, and asks back."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from jupyter_trame.errors import LinkError, ServerError, TrameError
from jupyter_trame.kernel.output import Output
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import LinkOp, Parcel
from jupyter_trame.services import words
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.resources import Resources
from jupyter_trame.services.service_registry import NameTakenError
from jupyter_trame.system.log_limits import Complaints

__all__ = ["Desk"]

_logger = logging.getLogger("jupyter_trame.narvi")

_PART = 1 << 20
"""Bytes of a part of a file."""
_ERRORS: dict[str, type[Exception]] = {
    "NameTakenError": NameTakenError,
    "TypeError": TypeError,
    "ValueError": ValueError,
}
_WAIT = 90.0
"""Seconds that the Jupyter server has for what it is asked, which may start a kernel."""


class Desk:
    """A `LinkService`; a kernel has one, whatever the number of its `NarviServer`s.

    Public methods may be called on any thread but the I/O thread, on which the rest runs.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._output: Output | None = None
        self._here = threading.Event()
        """Set once a Jupyter server has greeted."""
        self._entries: dict[tuple[str, ...], tuple[str, dict[str, Any]]] = {}
        self._services: dict[tuple[str, str], RegisteredService] = {}
        self._resources: dict[tuple[str, str], Resources] = {}
        self._numbers = itertools.count(1)
        self._asked: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._complaints = Complaints(_logger)
        self.frames = True
        """Whether pages of the Jupyter server may show others of its own in frames."""
        self.was_waited_for = False
        """Whether somebody has waited for the Jupyter server to come."""

    def wait_for_server(self, patience: float) -> bool:
        """Whether the Jupyter server has linked to this kernel, within `patience` seconds."""
        return self._here.wait(patience)

    def register(self, key: tuple[str, ...], kind: str, entry: dict[str, Any]) -> None:
        """Have `entry` registered, now or when the Jupyter server comes. Raises what that answers."""
        with self._lock:
            before = self._entries.get(key)
            self._entries[key] = (kind, entry)
            linked = self._output is not None
        if not linked:
            return
        try:
            self.ask("register", kind, entry)
        except (TrameError, TypeError, ValueError):
            with self._lock:
                if before is None:
                    del self._entries[key]
                else:
                    self._entries[key] = before
            raise

    def knows(self, service: RegisteredService) -> None:
        """The Jupyter server may ask whether `service` has a service id."""
        self._services[service.key] = service

    def serves(self, workspace: str, app_name: str, resources: Resources) -> None:
        """The Jupyter server may ask for files of an app."""
        self._resources[workspace, app_name] = resources

    def withdraw(self, keys: list[tuple[str, ...]]) -> bool:
        """These entries are a server's that was closed; whether a Jupyter server is to be told."""
        with self._lock:
            for key in keys:
                self._entries.pop(key, None)
            return self._output is not None

    def ask(self, what: str, *arguments: Any) -> Any:
        """What the Jupyter server answers. Raises what it says; `ServerError` where there is none, or no answer."""
        number = next(self._numbers)
        answer: Future[Any] = Future()
        with self._lock:
            output = self._output
            if output is None:
                raise ServerError(
                    "no Jupyter server has linked to this kernel: it needs jupyter-trame, and the kernel to be one of "
                    "its own. One that runs its kernels elsewhere looks when somebody opens a page of trame/narvi/"
                )
            self._asked[number] = answer
        try:
            output.send(Parcel([words.ASK, number, what, *arguments]))
            return answer.result(_WAIT)
        except TimeoutError:
            raise ServerError(f"the Jupyter server did not answer within {_WAIT:g} seconds: {what}") from None
        finally:
            self._asked.pop(number, None)

    # -- LinkService

    def add(self, output: Output) -> None:
        """See `LinkService`."""
        with self._lock:
            before, self._output = self._output, output
            entries = [list(entry) for entry in self._entries.values()]
        if before is not None:
            before.close("another Jupyter server has come")
        output.send(Parcel([words.HELLO, entries]))

    def remove(self, output: Output) -> None:
        """See `LinkService`."""
        with self._lock:
            if self._output is not output:
                return
            self._output = None
            asked, self._asked = self._asked, {}
        self._here.clear()
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(ServerError("the Jupyter server is gone"))

    def drained(self, output: Output) -> None:
        """See `LinkService`."""

    def receive(self, output: Output, op: LinkOp) -> None:
        """See `LinkService`."""
        if not isinstance(op, Parcel):
            raise LinkError(f"the Jupyter server says parcels here, not {type(op).__name__}")
        try:
            self._take(output, op)
        except (LookupError, TypeError, ValueError) as error:
            self._complaints.warn("a word of the Jupyter server is not understood: %s", foreign(error))

    def _take(self, output: Output, parcel: Parcel) -> None:
        header = parcel.header
        match header[0]:
            case words.HELLO:
                self.frames = bool(header[1]["frames"])
                self._here.set()
            case words.ANSWER | words.FAILED:
                answer = self._asked.get(header[1])
                if answer is None or answer.done():
                    return
                if header[0] == words.ANSWER:
                    answer.set_result(header[2] if len(header) > 2 else None)
                else:
                    answer.set_exception(_ERRORS.get(header[2], ServerError)(header[3]))
            case words.ASK:
                task = self._loop.create_task(self._answer(output, header[1], header[2], header[3:]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case kind:
                raise ValueError(f"{foreign(kind)} is no word for a server of services")

    async def _answer(self, output: Output, number: int, what: str, arguments: list[Any]) -> None:
        known: dict[str, Callable[..., Parcel]] = {"validate": self._validate, "file": self._file}
        try:
            do = known.get(what)
            if do is None:
                raise ValueError(f"{foreign(what)} is no question for a server of services")
            # Beside the I/O thread: it is code of the user, or a disk that is slow.
            answer = await self._loop.run_in_executor(None, do, *arguments)
        except Exception as error:
            _logger.exception("what the Jupyter server asked for failed")
            answer = Parcel([words.FAILED, number, type(error).__name__, foreign(error)])
        else:
            answer.header[:0] = [words.ANSWER, number]
        output.send(answer)

    def _validate(self, workspace: str, name: str, service_id: str) -> Parcel:
        service = self._services.get((workspace, name))
        return Parcel([service is not None and service.validate_service_id(service_id, _logger)])

    def _file(self, workspace: str, app_name: str, path: str, offset: int) -> Parcel:
        resources = self._resources.get((workspace, app_name))
        found = None if resources is None else resources.find(path)
        if found is None:
            return Parcel([])
        with Path(found).open("rb") as file:
            file.seek(offset)
            data = file.read(_PART)
        status = Path(found).stat()
        return Parcel([status.st_size, status.st_mtime_ns], data)
