"""The links of a kernel's servers: one listening socket, its record, and the replicas of pages without a websocket.

An endpoint is an address, not a server: it outlives the lives of its server, so that clients stay connected when a
cell runs again and get the new state in place.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_trame._version import __version__
from jupyter_trame.errors import LinkError
from jupyter_trame.kernel.attendance import Attendance
from jupyter_trame.kernel.control import Control, find_life
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.files import AssetDesk, Post, ServedFiles
from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.kernel.io_thread import IoThread
from jupyter_trame.kernel.message_links import MessageLinks
from jupyter_trame.kernel.next_life import NextLife
from jupyter_trame.kernel.output import LinkService, Output
from jupyter_trame.kernel.stock_comm import StockComm
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.handshake import NONCE_SIZE, Admission
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.base import ClientPort
from jupyter_trame.transports.control_words import CONTROL
from jupyter_trame.transports.listener import LinkListener
from jupyter_trame.transports.pace import MessageRate, PacedTransport
from jupyter_trame.transports.patience import Countdown
from jupyter_trame.transports.places import listen
from jupyter_trame.transports.rendezvous import (
    MESSAGES,
    Record,
    ServerEntry,
    record_path,
    remove_record,
    write_record,
)
from jupyter_trame.transports.stream import FRAME_LIMIT, HANDSHAKE_LIMIT, StreamLink
from jupyter_trame.types import Packed

if TYPE_CHECKING:
    from jupyter_trame.kernel.endpoint import KernelEndpoint
    from jupyter_trame.kernel.link_facts import LinkFacts
    from jupyter_trame.protocol.link import LinkOp
    from jupyter_trame.protocol.primary import Primary

__all__ = ["KernelLinks"]

T = TypeVar("T")

_logger = logging.getLogger(__name__)

_PATH = 1000
"""Characters of a path that a warning shows."""


class KernelLinks:
    """Listens for replicas, and makes those of pages without a websocket; a kernel has one.

    Public methods may be called on any thread; the rest runs on the I/O thread.
    """

    def __init__(
        self, environment: KernelEnvironment, interrupts: InterruptGuard, *, limits: Limits | None = None
    ) -> None:
        self.kernel_id = environment.kernel_id
        self.behind_gateway = environment.behind_gateway
        self._environment = environment
        file = environment.connection_file
        self._record_path = None if file is None else record_path(file)
        self._interrupts = interrupts
        self._secret = secrets.token_hex(16)
        self._io = IoThread()
        self._limits = limits or Limits()
        self._rate = MessageRate(self._io.loop)
        self._attendance = Attendance(
            self._io.loop, self._limits, ask=self._ask_main, at_work=lambda: environment.at_work
        )
        self._desk = AssetDesk(self._io.loop, self._rate)
        self._stock = StockComm(self._io.loop, self._rate, self._connect_stock)
        self._messages = MessageLinks(
            self._io.loop, record=self._record, on_socket=self._on_socket, at_work=lambda: environment.at_work
        )
        self._endpoints: dict[str, KernelEndpoint] = {}
        self._control = Control(self._io.loop, environment.loop, find_life, self._endpoints)
        self._services: dict[str, LinkService] = {}
        self._awaited: dict[str, NextLife] = {}
        """Servers that took the place of others and are not up."""
        self._listener: LinkListener | None = None
        self._notes: list[str] = []
        """What the cell that starts a server should say of where the kernel listens."""
        self._trouble: str | None = None
        """Why Jupyter's server cannot find this kernel; a sentence for the user."""
        self._warned = False
        self._logged: str | None = None
        """The trouble that the log has."""
        self._complaints = Complaints(_logger)
        self._strangers: dict[StreamLink, Countdown] = {}
        """Links that have not proved the secret, oldest first."""

    def publish(
        self,
        slug: str,
        primary: Primary,
        files: ServedFiles | None = None,
        on_drained: Callable[[], object] = lambda: None,
    ) -> None:
        """Let clients reach `primary` and `files` under `slug`. When this returns the record is there.

        Where the socket or the record cannot be made, pages reach the server over comms, and a `RuntimeWarning` says
        so, once; another one says where the kernel listens if that is a port. `on_drained()` is called on the I/O
        thread when `pending` may have become less.
        """
        self._run(lambda: self._publish(slug, primary, files, on_drained))
        if self._environment.speaks_jupyter:
            self._stock.register()
        self._say_where()

    def offer(self, slug: str, service: LinkService) -> None:
        """Let Jupyter servers link to `service`, whose `slug` has a dot. As `publish` for the rest."""
        self._run(lambda: self._offer(slug, service))
        self._say_where()

    def withdraw_service(self, slug: str) -> None:
        """It is offered no more; its links are its own to end. Harmless where there is none."""
        self._run(lambda: self._withdraw_service(slug))

    def call_soon(self, call: Callable[[], object]) -> None:
        """Run `call` on the I/O thread, soon. Harmless after `close`."""
        self._io.submit(call)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Of the I/O thread."""
        return self._io.loop

    def _say_where(self) -> None:
        if self._environment.speaks_jupyter:
            self._messages.register()
        # As warnings, which the cell shows: nobody sees what a kernel logs.
        while self._notes:
            warnings.warn(self._notes.pop(), RuntimeWarning, stacklevel=3)
        if self._trouble is not None and not self._warned:
            self._warned = True
            warnings.warn(self._trouble, RuntimeWarning, stacklevel=3)

    def withdraw(self, slug: str, primary: Primary, *, replaced: bool) -> None:
        """`primary` ended. `replaced`: its clients wait for the next one of that slug."""
        self._run(lambda: self._withdraw(slug, primary, replaced=replaced))

    def refresh_record(self) -> None:
        """A title changed; soon, the record has the new one."""
        self._io.submit(self._refresh_record)

    def refresh_page_files(self, slug: str) -> None:
        """The folders or headers of `slug` changed; soon, all replicas know."""
        if (endpoint := self._endpoints.get(slug)) is not None:
            self._io.submit(endpoint.refresh_page_files)

    def pending(self, slug: str) -> int:
        """Messages that wait for clients of `slug`."""
        endpoint = self._endpoints.get(slug)
        return 0 if endpoint is None else endpoint.pending()

    def facts(self, slug: str) -> LinkFacts:
        """How clients reach `slug` at this moment."""
        from jupyter_trame.kernel.link_facts import take_facts

        return self._run(
            lambda: take_facts(self._endpoints.get(slug), self._listener, self._trouble, self._limits)
        )

    def page_message(
        self, slug: str, post: Post, content: Mapping[str, Any], buffers: Sequence[Packed]
    ) -> None:
        """A custom message of a page that shows `slug`; answers go to `post`."""
        self._io.submit(lambda: self._endpoint(slug).page_message(post, content, buffers))

    def close(self) -> None:
        """Withdraw the record and end all links and the thread. Once, not on the I/O thread."""
        self._stock.unregister()
        self._messages.unregister()
        self._run(self._close)
        self._io.close()

    def _run(self, call: Callable[[], T]) -> T:
        # An interrupt while the cell waits must not leave half of the work to whoever comes next.
        return self._interrupts.shield(lambda: self._io.run(call))

    # -- on the I/O thread

    def _publish(
        self, slug: str, primary: Primary, files: ServedFiles | None, on_drained: Callable[[], object]
    ) -> None:
        self._listen()
        self._stop_waiting(slug)
        self._endpoint(slug).attach(primary, files, on_drained)
        self._announce()

    def _offer(self, slug: str, service: LinkService) -> None:
        self._listen()
        self._services[slug] = service
        self._announce()

    def _withdraw_service(self, slug: str) -> None:
        if self._services.pop(slug, None) is not None:
            self._announce()

    def _withdraw(self, slug: str, primary: Primary, *, replaced: bool) -> None:
        endpoint = self._endpoints.get(slug)
        if endpoint is None or endpoint.primary is not primary:
            return
        endpoint.detach(ended=not replaced)
        self._stop_waiting(slug)
        if not replaced:
            self._announce()
            return

        def gave_up() -> None:
            del self._awaited[slug]
            self._announce()

        self._awaited[slug] = NextLife(
            self._io.loop, at_work=lambda: self._environment.at_work, tell=endpoint.vacate, gave_up=gave_up
        )

    def _stop_waiting(self, slug: str) -> None:
        if (awaited := self._awaited.pop(slug, None)) is not None:
            awaited.stop()

    def _endpoint(self, slug: str) -> KernelEndpoint:
        endpoint = self._endpoints.get(slug)
        if endpoint is None:
            # With the first server: a kernel that has a service alone loads no replica.
            from jupyter_trame.kernel.endpoint import KernelEndpoint

            endpoint = self._endpoints[slug] = KernelEndpoint(
                self._io.loop, self._rate, self._desk, self._attendance, self._limits
            )
        return endpoint

    def _ask_main(self, answer: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # its loop is closed: the process ends
            self._environment.loop.call_soon_threadsafe(self._interrupts.shield, answer)

    def _connect_stock(self, name: str, transport: PacedTransport) -> ClientPort | None:
        for endpoint in self._endpoints.values():
            if endpoint.primary is not None and endpoint.primary.info["name"] == name:
                return endpoint.connect(transport)
        return None

    def _record(self) -> Record | None:
        """What this kernel tells of itself; None where nothing runs."""
        entries = tuple(
            ServerEntry(slug, info["name"], info["title"], endpoint.primary.epoch, info["started"])
            for slug, endpoint in self._endpoints.items()
            if endpoint.primary is not None and (info := endpoint.primary.info)
        )
        address = MESSAGES if self._listener is None else self._listener.address
        services = tuple(self._services)
        if not entries and not services:
            return None
        return Record(os.getpid(), address, self._secret, entries, services, __version__)

    def _announce(self) -> None:
        """Tell whoever looks for servers, beside the connection file and over messages."""
        self._messages.tell()
        path, record = self._record_path, self._record()
        if path is None or self._listener is None:
            return
        if record is None:
            remove_record(path)
            return
        try:
            write_record(path, record)
        except OSError as error:
            reason = error.strerror or error
            self._have_trouble(f"the record {foreign(path, _PATH)} cannot be written: {foreign(reason)}")
        else:
            self._trouble = None

    def _listen(self) -> None:
        if self._listener is None and self._record_path is not None:
            try:
                self._listener = listen(self._record_path, self._notes.append)
            except OSError as error:
                self._have_trouble(f"there is no place to listen at: {error.strerror}")
                return
            self._listener.start(self._io.loop, self._on_socket)

    def _have_trouble(self, what: str) -> None:
        self._trouble = (
            f"Jupyter's server cannot find the apps of this kernel: {what}. They are shown in the notebook, where "
            "pages use the kernel's own messages (a comm), and have no page of their own. A runtime directory that has "
            "room and that nobody else writes helps: set JUPYTER_RUNTIME_DIR, or run the cell again once this one has."
        )

    def _refresh_record(self) -> None:
        self._announce()
        if self._trouble != self._logged:
            self._logged = self._trouble
            if self._trouble is not None:
                _logger.warning("%s", self._trouble)

    def _on_socket(self, sock: socket.socket) -> None:
        """Somebody connected, as far as we can tell of our user: they must know the secret."""
        admission = Admission(self._secret, secrets.token_bytes(NONCE_SIZE))
        endpoint: KernelEndpoint | LinkService | None = None

        def on_ops(ops: list[LinkOp]) -> None:
            nonlocal endpoint
            for op in ops:
                if link.closed:  # the operation before this one did it
                    return
                if endpoint is None:
                    if (challenge := admission.receive(op)) is not None:
                        link.send(challenge)
                        continue
                    endpoint = self._find(admission.slug)
                    output.package = admission.package
                    self._forget(link)
                    link.accept_frames_of(FRAME_LIMIT)
                    endpoint.add(output)
                else:
                    endpoint.receive(output, op)

        def on_closed(reason: str) -> None:
            self._forget(link)
            _logger.debug("a link ended: %s", foreign(reason))
            if endpoint is not None:
                endpoint.remove(output)

        def on_drained() -> None:
            if endpoint is not None:
                endpoint.drained(output)

        link = StreamLink(
            sock,
            self._io.loop,
            on_ops=on_ops,
            on_closed=on_closed,
            on_drained=on_drained,
            frame_limit=HANDSHAKE_LIMIT,
            complaints=self._complaints,
        )
        output = Output(link, self._interrupts)
        self._watch(link)

    def _watch(self, link: StreamLink) -> None:
        """Give `link` up when nothing proves in time that it is a replica's; when there are many, the oldest."""
        wait = self._limits.hello_wait
        self._strangers[link] = Countdown(
            self._io.loop, wait, lambda: link.close(f"no secret was proved within {wait:g} s")
        )
        if len(self._strangers) > self._limits.unjoined_links:
            oldest = next(iter(self._strangers))
            self._forget(oldest)
            oldest.close("others connect, and no secret was proved")

    def _forget(self, link: StreamLink) -> None:
        if (countdown := self._strangers.pop(link, None)) is not None:
            countdown.stop()

    def _find(self, slug: str | None) -> KernelEndpoint | LinkService:
        """Raises `LinkError`, which ends the link."""
        endpoint = self._endpoints.get(slug or "") or {CONTROL: self._control, **self._services}.get(
            slug or ""
        )
        if endpoint is None:
            raise LinkError(f"no server {slug!r} runs in this kernel")
        return endpoint

    def _close(self) -> None:
        if self._record_path is not None and self._listener is not None:
            remove_record(self._record_path)
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for slug in list(self._awaited):
            self._stop_waiting(slug)
        self._messages.close()
        self._attendance.close()
        self._rate.close()
        self._desk.close()
        for link in list(self._strangers):
            link.close("the kernel ends")
        for endpoint in self._endpoints.values():
            with contextlib.suppress(Exception):
                endpoint.close("the kernel ends")
        self._endpoints.clear()
        self._services.clear()
