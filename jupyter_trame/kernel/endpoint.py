"""One address of a kernel: the links and pages that use it, over all lives of its server."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from jupyter_trame._version import __version__
from jupyter_trame.kernel.attendance import Attendance
from jupyter_trame.kernel.files import AssetDesk, Post, ServedFiles
from jupyter_trame.kernel.next_life import NOT_RUNNING
from jupyter_trame.kernel.output import Output
from jupyter_trame.protocol import Limits, LinkEnd, LinkOp, Primary, Replica
from jupyter_trame.protocol.kept import TICKS
from jupyter_trame.protocol.link import Fetch, File, PageFiles, Ping, Pong, Pressure, Seen, Vacant
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.base import ClientPort
from jupyter_trame.transports.comm import CommTransport
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.message_hello import PROBE
from jupyter_trame.transports.pace import MessageRate, PacedTransport
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import ClientId, Epoch, Packed

__all__ = ["KernelEndpoint"]

_logger = logging.getLogger(__name__)


class KernelEndpoint:
    """Connects the lives of one server with its links and pages; a kernel has one for each slug.

    It lives on the I/O thread, and so do all calls but `pending`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rate: MessageRate,
        desk: AssetDesk,
        attendance: Attendance,
        limits: Limits,
    ) -> None:
        self.primary: Primary | None = None
        """The server that runs here now."""
        self._loop = loop
        self._rate = rate
        self._desk = desk
        self._attendance = attendance
        self._limits = limits
        self._complaints = Complaints(_logger)
        self._on_drained: Callable[[], object] = _nothing
        self._files: ServedFiles | None = None
        self._page_files = PageFiles()
        self._pressure: dict[Output, int] = {}
        self._links: dict[Output, LinkEnd | None] = {}
        self._lives: dict[Output, Epoch] = {}
        """Whose snapshot each link was given last."""
        self._unseen: dict[Output, Epoch] = {}
        """Links whose replica may not know that life yet: what it says is meant for the one before."""
        self._pump: ReplicaPump | None = None
        self._inner: InProcessLink | None = None
        self._comms: dict[str, CommTransport] = {}
        self._clients: dict[PacedTransport, float] = {}
        """When each connection over a comm began, in seconds since 1970; ended ones may be among them."""
        self._ticking: asyncio.TimerHandle | None = None
        self._vacant: Vacant | None = None
        """What clients were told last, while no server runs."""

    def attach(
        self,
        primary: Primary,
        files: ServedFiles | None = None,
        on_drained: Callable[[], object] | None = None,
    ) -> None:
        """`primary` runs here from now on; whoever is connected gets its state, and hears of its `files`.

        `on_drained()` is called when `pending` may have become less.
        """
        self.primary, self._files, self._on_drained = primary, files, on_drained or _nothing
        self._vacant = None
        self._tick(primary)
        self._page_files = PageFiles() if files is None else files.page_files()
        for output in list(self._links):
            self._join(output, primary)
        if self._inner is not None:
            self._inner.attach(primary)

    def detach(self, *, ended: bool) -> None:
        """The server ended for good (and has said so), or waits for the next one of its name."""
        primary, self.primary = self.primary, None
        self._files, self._on_drained = None, _nothing
        if self._ticking is not None:
            self._ticking.cancel()
        for output, end in list(self._links.items()):
            if primary is not None and end is not None:
                primary.detach(end)
                if ended:
                    self._give_up_later(primary, end)
            self._links[output] = None
        if self._inner is not None:
            self._inner.detach()
        if ended:
            # Replicas look at the record again, and come back when a server is there.
            for output in list(self._links):
                output.close(NOT_RUNNING)

    def _tick(self, primary: Primary) -> None:
        """Have `primary` keep messages for the grace time, for as long as it runs here."""
        if self.primary is primary:
            primary.tick()
            self._ticking = self._loop.call_later(primary.limits.grace / TICKS, self._tick, primary)

    def vacate(self, reason: str) -> None:
        """No server runs here for now: clients hear why, and get the state of the next one in place."""
        self._vacant = Vacant(reason)
        for output in list(self._links):
            output.send(self._vacant)
        if self._pump is not None:
            self._pump.receive_link(self._vacant)

    def close(self, reason: str) -> None:
        """Everything ends."""
        self.detach(ended=False)
        for output in list(self._links):
            output.close(reason)
        if self._pump is not None:
            self._pump.close()

    # -- links

    def add(self, output: Output) -> None:
        """A replica joined; where no server runs it waits for one."""
        if self.primary is None:
            self._links[output] = None
            if self._vacant is not None:
                output.send(self._vacant)
        else:
            self._join(output, self.primary)
            self.refresh_page_files()

    def remove(self, output: Output) -> None:
        """The link of a replica is gone. Its clients are, too, unless they are back within the grace time."""
        end = self._links.pop(output, None)
        self._lives.pop(output, None)
        self._unseen.pop(output, None)
        self._pressure.pop(output, None)
        primary = self.primary
        if primary is not None and end is not None:
            primary.detach(end)
            self._give_up_later(primary, end)
        self._drained()

    def _give_up_later(self, primary: Primary, end: LinkEnd) -> None:
        """Clients that are not back within the grace time, over a link of the same server, have left it."""
        self._loop.call_later(primary.limits.grace, primary.abandon, end)

    def receive(self, output: Output, op: LinkOp) -> None:
        """An operation of a replica. Between two lives, and until the replica has seen the next one, it is dropped:
        clients start over with that.
        """
        end = self._links.get(output)
        match op:
            case Seen():
                if self._unseen.get(output) == op.epoch:
                    del self._unseen[output]
            case Fetch():
                self._fetch(output, op)
            case Pressure():
                self._pressure[output] = op.waiting
                self._drained()
            case Ping() | Pong():
                output.pings.receive(op)
            case _ if self.primary is not None and end is not None and output not in self._unseen:
                self.primary.receive(end, op)

    def drained(self, output: Output) -> None:
        """The link takes operations again, or has sent all of them."""
        end = self._links.get(output)
        if self.primary is not None and end is not None:
            self.primary.drained(end)
        self._drained()

    def _drained(self) -> None:
        self._on_drained()

    def pending(self) -> int:
        """Messages that wait for the clients farthest behind. Any thread."""
        links = list(self._links.items())
        waiting = [
            output.waiting + (0 if end is None else end.waiting) + self._pressure.get(output, 0)
            for output, end in links
        ]
        return max(waiting, default=0) + (0 if self._pump is None else self._pump.pending())

    def _join(self, output: Output, primary: Primary) -> None:
        if self._lives.get(output, primary.epoch) != primary.epoch:
            self._unseen[output] = primary.epoch
        self._lives[output] = primary.epoch
        self._links[output] = primary.attach(output, remote=True)
        output.send(self._page_files)

    @property
    def replicas(self) -> Sequence[Output]:
        """The links that are there."""
        return list(self._links)

    @property
    def comms(self) -> Sequence[CommTransport]:
        """The connections of pages that talk over their widget's comm."""
        return [transport for transport in self._comms.values() if not transport.closed]

    @property
    def viewers(self) -> Sequence[tuple[ClientId, float]]:
        """Who is connected over a comm and was let in, and since when, the first one first."""
        sessions = (
            (transport.port.channel.session, since)
            for transport, since in self._clients.items()
            if transport.port is not None and not transport.closed
        )
        return [(session.client_id, since) for session, since in sessions if session is not None]

    # -- files

    def refresh_page_files(self) -> None:
        """The server may have other folders or headers than before: look on another thread, and tell."""
        if self._files is not None:
            looking = self._loop.run_in_executor(None, self._files.page_files)
            looking.add_done_callback(self._looked)

    def _looked(self, done: asyncio.Future[PageFiles]) -> None:
        if not done.cancelled() and done.exception() is None and self._files is not None:
            self._announce(done.result())

    def _announce(self, page_files: PageFiles) -> None:
        if page_files != self._page_files:
            self._page_files = page_files
            for output, end in self._links.items():
                if end is not None:
                    output.send(page_files)

    def _fetch(self, output: Output, op: Fetch) -> None:
        """Read on another thread; a replica asks for what it does not know, so that it may be told of it first."""
        files = self._files
        if files is None:
            output.send(File(op.request, 404))
            return

        def read() -> tuple[PageFiles, File]:
            page_files = files.page_files()
            return page_files, files.answer(op, page_files)

        self._loop.run_in_executor(None, read).add_done_callback(partial(self._fetched, output, op))

    def _fetched(self, output: Output, op: Fetch, done: asyncio.Future[tuple[PageFiles, File]]) -> None:
        if done.cancelled():
            return
        if (error := done.exception()) is not None:
            self._complaints.warn("the file %s could not be read", op.path, level=logging.ERROR, error=error)
            output.send(File(op.request, 404))
            return
        page_files, answer = done.result()
        if self._files is not None:
            self._announce(page_files)
        output.send(answer)

    # -- pages that talk over their widget's comm

    def page_message(
        self,
        post: Post,
        content: Mapping[str, Any],
        buffers: Sequence[Packed],
    ) -> None:
        """A custom message of a page (PROTOCOL.md, section 4)."""
        view = str(content["view"])
        transport = self._comms.get(view)
        if transport is not None and transport.closed:
            transport = None
        match content.get("jt"):
            case "open":
                self._open(view, post, content)
            case "probe" if transport is not None:
                # The answer has a buffer only if one arrived: it would end the connection of a page where none does.
                post(
                    {"jt": "probe", "view": view},
                    [PROBE] if [bytes(each) for each in buffers] == [PROBE] else (),
                )
            case "asset":
                self._desk.ask(self._files, post, content)
            case "frames" if transport is not None:
                self._attendance.heard(transport)
                transport.receive(content, buffers)
            case "beat" if transport is not None:
                self._attendance.heard(transport)
            case "frames" | "beat":
                # A page that slept, or whose kernel is another one by now: it starts over.
                post({"jt": "close", "view": view, "code": 1006, "reason": "the connection is not open"}, ())
            case "close" if transport is not None:
                transport.gone()

    def _open(self, view: str, post: Post, content: Mapping[str, Any]) -> None:
        post({"jt": "opened", "view": view}, ())
        old = self._comms.get(view)
        if old is not None and not old.closed and old.fresh:
            return  # a page that heard nothing asks again
        if old is not None:
            old.gone()
        self._comms = {name: transport for name, transport in self._comms.items() if not transport.closed}
        beats, as_text = content.get("beats") is True, content.get("as_text") is True
        beat = (self._limits.comm_beat, self._limits.comm_watch) if beats else None
        transport = CommTransport(view, post, self._loop, self._rate, as_text=as_text, beat=beat)
        self._comms[view] = transport
        transport.port = self.connect(transport)

    def connect(self, transport: PacedTransport) -> ClientPort:
        """A client that sends to the kernel itself. Who may do so may execute code in it: there is nothing to ask."""
        self._clients = {each: since for each, since in self._clients.items() if not each.closed}
        self._clients[transport] = time.time()
        if self._pump is None:
            self._pump = ReplicaPump(Replica(limits=self._limits, package=__version__), self._loop)
            self._pump.on_idle = self._drained
            self._inner = InProcessLink(self._pump, self._loop)
            if self.primary is not None:
                self._inner.attach(self.primary)
        return self._pump.connect(transport, trusted=True)


def _nothing() -> None:
    """Nobody wants to know."""
