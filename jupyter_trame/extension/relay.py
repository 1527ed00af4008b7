"""One server of one kernel, as its clients see it: a replica on this process's loop and the link to the kernel."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from jupyter_trame._version import __version__
from jupyter_trame.doctor.report import Environment
from jupyter_trame.doctor.versions import skew, version_findings
from jupyter_trame.errors import LinkError
from jupyter_trame.extension.files import RelayFiles
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.pressure import Gauge
from jupyter_trame.extension.viewers import Viewer, ViewerChange, Viewers
from jupyter_trame.names import ASKED_BY_PAGES
from jupyter_trame.protocol import Limits, LinkOp, Replica
from jupyter_trame.protocol.link import (
    Call,
    ClientOpened,
    File,
    PageFiles,
    Ping,
    Pong,
    Snapshot,
    Stopped,
    Write,
)
from jupyter_trame.protocol.package_version import read_package
from jupyter_trame.system.ownership import NotOursError
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.link_pings import LinkPings
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.rendezvous import Record, ServerEntry
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.transports.tornado import ClientSocket
from jupyter_trame.types import Epoch

__all__ = ["Relay", "RelayOptions"]

_KERNEL_GONE = "the kernel was shut down"


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """How a relay behaves; times in seconds."""

    limits: Limits = field(default_factory=Limits)
    """Its `grace` is also how long a relay without clients keeps its link."""
    first_delay: float = 0.05
    """How long after a broken link the record is looked at again, while somebody watches."""
    largest_delay: float = 1.0
    """Where the growth of that delay ends."""


class _Life(NamedTuple):
    """One start of a server, as a record and a snapshot tell it; a server that is started again keeps its epoch."""

    pid: int
    epoch: Epoch
    started: float


class Relay:
    """Created for the first client; `on_idle` asks its owner to `close` it when nobody came back in time.

    It looks for the kernel's record whenever it has no link: at once when a client or the kernel gives a reason to,
    else with growing delays, and only while clients are there.
    """

    def __init__(
        self,
        kernel_id: str,
        slug: str,
        kernels: Kernels,
        *,
        options: RelayOptions,
        on_idle: Callable[["Relay"], None],
        on_viewer: Callable[["Relay", ViewerChange, Viewer], object] = lambda *_: None,
        logger: logging.Logger,
    ) -> None:
        """On the thread of the running loop. `on_viewer` is told of who comes and goes."""
        self.kernel_id = kernel_id
        self.slug = slug
        self.unreachable = ""
        """Why it is not known whether the server runs, as far as the last look tells."""
        self.gone = False
        """Whether the kernel is gone; its clients still see the last picture."""
        self._kernels = kernels
        self._options = options
        self._on_idle = on_idle
        self._log = logger
        self._loop = asyncio.get_running_loop()
        replica = Replica(limits=options.limits, package=__version__)
        self.pump = ReplicaPump(replica, self._loop, logger=logger)
        self.pings = LinkPings(self._send)
        """How long the way to the kernel is, see `package`."""
        self._gauge = Gauge(self.pump.pending, self._send_if_linked, self._loop)
        self.pump.on_idle = self._gauge.look
        self.files = RelayFiles(self._send)
        """What pages of the server may load."""
        self._id = token_hex(8)
        self.viewers = Viewers(partial(on_viewer, self))
        self.pump.on_clients = lambda _: self.viewers.look()
        self._idle: asyncio.TimerHandle | None = None
        self._link: StreamLink | None = None
        self._wake = asyncio.Event()
        self._delay = options.first_delay
        self._joined: _Life | None = None
        self._ended: _Life | None = None
        self._record_path: Path | None = None
        self._tried = asyncio.Event()
        self._watch_idle()
        self._task = self._loop.create_task(self._keep_linked())

    async def found(self) -> bool:
        """Whether the server answers, or did and may come back. Waits for the first look only."""
        await self._tried.wait()
        return self._joined is not None and not self.gone

    @property
    def linked(self) -> bool:
        """Whether there is a link at this moment."""
        return self._link is not None and not self._link.closed

    @property
    def package(self) -> str:
        """The version of jupyter_trame that the kernel has, as far as is known; empty for one that does not say so."""
        return read_package(self.pump.replica.info.get("package"))

    @property
    def limits(self) -> Limits:
        """Of its clients."""
        return self._options.limits

    @property
    def clients(self) -> int:
        """Open connections."""
        return self.viewers.connected

    def serve(self, socket: ClientSocket, *, identity: str, user: str) -> None:
        """Make the open `socket` a client; `left` follows when it closes.

        `identity` is who may resume its session, `user` what jupyter-server calls its user.
        """
        self.viewers.opened(socket, user)
        self._watch_idle()
        self._kernels.view_opened(self.kernel_id)
        socket.serve(self.pump, identity=identity, trusted=True)
        self.look()

    def left(self, socket: ClientSocket) -> None:
        """A client's connection ended."""
        self._kernels.view_closed(self.kernel_id)
        self.viewers.closed(socket)
        self._watch_idle()

    def look(self) -> None:
        """Look for the kernel's record at once if there is no link."""
        self._delay = self._options.first_delay
        self._wake.set()

    async def close(self, reason: str = "Server shutdown") -> None:
        """End the link and all connections."""
        if self._idle is not None:
            self._idle.cancel()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._tried.set()
        self.pump.close(1001, reason)

    def _watch_idle(self) -> None:
        """Ask to be closed when nobody comes back in time."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self.clients == 0:
            grace = 0.0 if self.gone else self._options.limits.grace
            self._idle = self._loop.call_later(grace, self._on_idle, self)

    # -- the link

    async def _keep_linked(self) -> None:
        """Have a link whenever there can be one, until the kernel is gone or the relay is closed."""
        while True:
            self._wake.clear()
            try:
                closed = await self._join()
            except LinkError as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001 - whatever a record holds, the next one may be better
                self._log.exception("the link to kernel %s could not be made", self.kernel_id)
                reason = f"the link could not be made: {error}"
            else:
                self._tried.set()
                try:
                    reason = f"the connection to the kernel ended: {await closed}"
                finally:
                    self._drop_link()
            if self.kernel_id not in self._kernels:
                self._kernel_gone()
                return
            if self._ended is None:
                self.pump.link_lost(reason)
            self._tried.set()
            await self._pause()

    async def _pause(self) -> None:
        """Until somebody calls `look`; not for ever while clients wait."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._delay if self.clients else None):
                await self._wake.wait()
        self._delay = min(self._delay * 1.5, self._options.largest_delay)

    async def _join(self) -> "asyncio.Future[str]":
        """Link to the server; the result is why the link ended. Raises `LinkError` with a sentence for the user."""
        record, entry = await self._find()
        life = _Life(record.pid, entry.epoch, entry.started)
        if life == self._ended:
            raise LinkError("the server stopped")
        try:
            connect = partial(self._kernels.connect, self.kernel_id)
            sock = await join(record, self.slug, self._id, package=__version__, connect=connect)
        except NotOursError as error:
            self._kernels.report(str(error))
            raise LinkError("the kernel's process does not answer") from error
        except LinkError as error:
            self._log.debug("kernel %s: %s", self.kernel_id, error)
            raise LinkError(_silence(record.package)) from error
        closed: asyncio.Future[str] = self._loop.create_future()

        def on_closed(reason: str) -> None:
            if not closed.done():
                closed.set_result(reason)

        self._link = StreamLink(sock, self._loop, on_ops=self._on_ops, on_closed=on_closed)
        self._joined = life
        self.pump.link_attached(self._send_up)
        return closed

    async def _find(self) -> tuple[Record, ServerEntry]:
        self._record_path = self._kernels.record_path(self.kernel_id)
        try:
            record = await self._kernels.look_up(self.kernel_id)
        except LinkError as error:
            self.unreachable = str(error)
            raise
        self.unreachable = ""
        entry = None if record is None else record.find(self.slug)
        if record is None or entry is None:
            if self._kernels.at_work(self.kernel_id):
                raise LinkError("the app is not there yet; the kernel is at work and may be starting it")
            raise LinkError("the app does not run in the kernel; run its cell again")
        return record, entry

    def _on_ops(self, ops: list[LinkOp]) -> None:
        for op in ops:
            match op:
                case Snapshot():
                    self._delay = self._options.first_delay
                    self._ended = None
                    pid = self._joined.pid if self._joined else 0
                    self._joined = _Life(pid, op.epoch, op.info.get("started", 0.0))
                case PageFiles():
                    self.files.announced(op)
                case File():
                    self.files.answered(op)
                case Ping() | Pong():
                    self.pings.receive(op)
        self.pump.receive_link(*ops)
        self._gauge.look()
        if isinstance(ops[-1], Stopped) and self._link is not None:
            self._ended = self._joined
            self._link.close("the server stopped")

    def _send_up(self, op: LinkOp) -> None:
        """What clients say."""
        if isinstance(op, ClientOpened | Write | Call) and not _by_itself(op):
            self._kernels.activity.noted(self.kernel_id)
        if self._link is not None:
            self._link.send(op)

    def _send(self, op: LinkOp) -> None:
        """Raises `LinkError` without a link."""
        if not self.linked or self._link is None:
            raise LinkError("the kernel does not answer")
        self._link.send(op)

    def _send_if_linked(self, op: LinkOp) -> None:
        if self._link is not None:
            self._link.send(op)

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        self._gauge.reset()
        self.files.link_lost("the connection to the kernel ended")
        if link is not None:
            link.close("the relay ended")

    def _kernel_gone(self) -> None:
        self.gone = True
        self._tried.set()
        if self._record_path is not None and self._joined is not None:
            self._kernels.forget(self._record_path, self._joined.pid)
        self.pump.receive_link(Stopped(1001, _KERNEL_GONE))
        if self.clients == 0:
            self._watch_idle()


def _by_itself(op: LinkOp) -> bool:
    """Whether a page says that without its user."""
    return isinstance(op, Call) and op.request is not None and op.request.method in ASKED_BY_PAGES


def _silence(package: str) -> str:
    """What it means that the kernel does not begin a link, whose record names its version of jupyter_trame."""
    if skew(package or __version__, __version__) not in {"major", "minor"}:
        return "the kernel's process does not answer"
    pair = [Environment("Jupyter server", __version__), Environment("kernel", package)]
    (finding,) = version_findings(pair)
    return f"the kernel's process does not answer: {finding.what}; {finding.command} ({finding.where})"
