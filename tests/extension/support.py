"""Both ends of the extension: a kernel process seen from outside, and a client on a real websocket."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from jupyter_trame._version import __version__
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.files.shared import describe, folders_of, look_up, read_part
from jupyter_trame.protocol import CallEvent, Event, LinkEnd, LinkOp, Primary, WriteEvent
from jupyter_trame.protocol.client_events import ClientEvent, StateChanged, StatusChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.handshake import NONCE_SIZE, Admission
from jupyter_trame.protocol.link import Fetch, File, PageFiles, Parcel, Ping, Pong, Pressure
from jupyter_trame.transports.control_words import ABSENT, CONTROL
from jupyter_trame.transports.listener import LinkListener
from jupyter_trame.transports.places import listen
from jupyter_trame.transports.rendezvous import (
    Record,
    ServerEntry,
    record_path,
    remove_record,
    write_record,
)
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.types import Epoch

SECRET = "record-secret"


async def until(condition: Callable[[], object]) -> None:
    """Wait for `condition`; the test run's time-out ends it otherwise."""
    while not condition():  # noqa: ASYNC110 - most conditions here have no event of their own
        await asyncio.sleep(0.002)


class KernelProcess:
    """What a kernel with trame servers is to the extension: a connection file, a record, a socket behind it.

    The servers are real ones below the user's code; they run on the test's loop.
    """

    def __init__(self, directory: Path, manager: Any) -> None:
        self.id = str(uuid4())
        self.connection_file = self.make_connection_file(directory)
        self.record_path = record_path(self.connection_file)
        self.pid = os.getpid()
        self.primaries: dict[str, Primary] = {}
        self.calls: list[CallEvent] = []
        self.writes: list[WriteEvent] = []
        self.joins: list[str] = []
        """The slugs that were asked for by replicas that know the secret."""
        self.page_files = PageFiles()
        """What all servers of the process serve."""
        self.hidden = False
        """Whether the extension is told of directories that it does not see."""
        self.fetches: list[Fetch] = []
        self.pressures: list[int] = []
        self.answer: list[Any] = [ABSENT]
        """What its control says to all it is asked."""
        self.package = __version__
        """What it says of its jupyter_trame."""
        self._links: set[StreamLink] = set()
        self._listener: LinkListener | None = None
        self._manager = manager
        self._lives = 0
        self._left: list[Path] = []
        self.description = SimpleNamespace(
            connection_file=str(self.connection_file),
            execution_state="idle",
            kernel_name="python3",
            last_activity=datetime.now(UTC),
        )
        """What jupyter-server knows of it."""
        self.announce()

    def make_connection_file(self, directory: Path) -> Path:
        file = directory / f"kernel-{self.id}.json"
        file.write_text("{}")
        return file

    def announce(self) -> None:
        """jupyter-server started it."""
        self._manager._kernels[self.id] = self.description
        self._manager._kernel_connections[self.id] = 0

    def run(self, name: str = "Demo", **state: Any) -> Primary:
        """Run the cell of the server `name`."""
        slug = name.lower()
        self._lives += 1
        primary = Primary(
            name=name,
            slug=slug,
            title=f"{name} <title>",
            epoch=Epoch(f"{self.pid}-{self._lives}"),
            on_event=lambda event: self._on_event(slug, event),
            on_unpackable=lambda error: None,
        )
        primary.info["package"] = self.package
        primary.commit(state)
        self.primaries[slug] = primary
        self._listen()
        self.write_record()
        return primary

    def serve(
        self,
        folders: dict[str, Any],
        page: Path | None = None,
        policy: PagePolicy | None = None,
        **headers: str,
    ) -> None:
        """Enable a module: what is announced from now on, and what `Fetch` finds."""
        self.page_files = describe(folders, page, headers, policy=policy or PagePolicy())
        for link in self._links:
            self._announce(link)

    def _announce(self, link: StreamLink) -> None:
        page_files = self.page_files
        if self.hidden:
            there = {p: folder._replace(device=folder.device + 1) for p, folder in page_files.folders.items()}
            page_files = replace(page_files, folders=there)
        link.send(page_files)

    def _fetch(self, link: StreamLink, op: Fetch) -> None:
        self.fetches.append(op)
        found = look_up(folders_of(self.page_files), op.path)
        data = b"" if found.path is None else read_part(found.path, op.offset, op.length)
        link.send(File(op.request, found.status, found.size, found.modified, data))

    def stop(self, slug: str) -> None:
        """`server.stop()`."""
        self.primaries.pop(slug).stop(1001, "Server shutdown")
        self.write_record()

    def cut(self) -> None:
        """Break the links; the process goes on."""
        for link in list(self._links):
            link.close("cut")

    def kill(self) -> None:
        """`kill -9`: record and socket file stay, nobody listens."""
        address = "" if self._listener is None else self._listener.address
        self._drop()
        self.pid += 1
        path = Path(address.removeprefix("unix:"))
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        self._left.append(path)

    def restart(self) -> None:
        """A clean restart by REST."""
        self._drop()
        remove_record(self.record_path)
        self.pid += 1

    def shut_down(self) -> None:
        """The kernel is deleted."""
        self._drop()
        self._manager._kernels.pop(self.id, None)
        for path in self._left:
            path.unlink(missing_ok=True)
            if path.parent != self.record_path.parent and path.parent.exists():
                path.parent.rmdir()
        self._left.clear()
        self._manager._kernel_connections.pop(self.id, None)

    def write_record(self, **changes: Any) -> None:
        entries = tuple(
            ServerEntry(slug, info["name"], info["title"], primary.epoch, info["started"])
            for slug, primary in self.primaries.items()
            if (info := primary.info)
        )
        address = self._listener.address if self._listener else "unix:/nowhere"
        values = {
            "pid": self.pid,
            "address": address,
            "secret": SECRET,
            "servers": entries,
            "package": self.package,
        } | changes
        write_record(self.record_path, Record(**values))  # type: ignore[arg-type]

    @property
    def links(self) -> int:
        return len(self._links)

    @property
    def connections(self) -> int:
        """Views, as jupyter-server counts them for its culler."""
        return int(self._manager._kernel_connections[self.id])

    def _drop(self) -> None:
        self.primaries.clear()
        self.cut()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = listen(self.record_path)
            self._listener.start(asyncio.get_running_loop(), self._on_socket)

    def _on_socket(self, sock: socket.socket) -> None:
        joined: tuple[Primary, LinkEnd] | None = None
        is_control = False
        admission = Admission(SECRET, os.urandom(NONCE_SIZE))

        def on_ops(ops: list[LinkOp]) -> None:
            nonlocal joined, is_control
            for op in ops:
                if is_control:
                    link.send(Parcel(self.answer))
                elif joined is None:
                    if (challenge := admission.receive(op)) is not None:
                        link.send(challenge)
                        continue
                    assert admission.slug is not None
                    if admission.slug == CONTROL:
                        is_control = True
                        continue
                    self.joins.append(admission.slug)
                    primary = self.primaries[admission.slug]
                    joined = (primary, primary.attach(link, remote=True))
                    self._announce(link)
                else:
                    self._on_op(link, joined, op)

        def on_closed(reason: str) -> None:
            self._links.discard(link)
            if joined is not None:
                joined[0].detach(joined[1])

        def on_drained() -> None:
            if joined is not None:
                joined[0].drained(joined[1])

        link = StreamLink(
            sock, asyncio.get_running_loop(), on_ops=on_ops, on_closed=on_closed, on_drained=on_drained
        )
        self._links.add(link)

    def _on_op(self, link: StreamLink, joined: tuple[Primary, LinkEnd], op: LinkOp) -> None:
        if isinstance(op, Fetch):
            self._fetch(link, op)
        elif isinstance(op, Pressure):
            self.pressures.append(op.waiting)
        elif isinstance(op, Ping):
            link.send(Pong(op.number))
        else:
            joined[0].receive(joined[1], op)

    def _on_event(self, slug: str, event: Event) -> None:
        primary = self.primaries.get(slug)
        if primary is None:
            return
        if isinstance(event, WriteEvent):
            self.writes.append(event)
            with primary.applying(event):
                primary.commit(event.values)
            primary.messages.reply(event, None)
        elif isinstance(event, CallEvent):
            self.calls.append(event)
            primary.messages.reply(event, [event.method, event.args])


class ExternalKernel(KernelProcess):
    """One that somebody else started: jupyter-server finds its connection file, and gives it another id."""

    def make_connection_file(self, directory: Path) -> Path:
        directory.mkdir(exist_ok=True, mode=0o700)
        file = directory / f"{self.id}.json"
        file.write_text(
            json.dumps({"kernel_name": "python3", "key": "k", "transport": "tcp", "ip": "127.0.0.1"})
        )
        return file

    def announce(self) -> None:
        """Nobody does."""

    def shut_down(self) -> None:
        self.connection_file.unlink(missing_ok=True)
        super().shut_down()


class Browser:
    """A client of ours on an open websocket; reads it until it closes."""

    def __init__(self, ws: WebSocketClientConnection, session: ClientSession | None = None) -> None:
        self.ws = ws
        self.session = session or ClientSession()
        self.state: dict[str, Any] = {}
        self.events: list[ClientEvent] = []
        self.frames = 0
        self.closed = False
        self._task = asyncio.get_running_loop().create_task(self._read())
        self.session.connected()
        self.flush()

    @property
    def statuses(self) -> list[str]:
        return [event.state for event in self.events if isinstance(event, StatusChanged)]

    @property
    def last_status(self) -> tuple[str, str]:
        for event in reversed(self.events):
            if isinstance(event, StatusChanged):
                return event.state, event.message
        return "", ""

    @property
    def close(self) -> tuple[int | None, str | None]:
        """Code and reason that the server gave."""
        return self.ws.close_code, self.ws.close_reason

    def write(self, **changes: Any) -> None:
        self.session.write(changes)
        self.flush()

    def call(self, method: str, *args: Any) -> str:
        request = self.session.call(method, args)
        self.flush()
        return request

    def flush(self) -> None:
        for frame in self.session.take_output():
            self.send(frame)

    def send(self, frame: bytes) -> None:
        """Any bytes, as one binary frame."""
        with contextlib.suppress(WebSocketClosedError):
            self.ws.write_message(frame, binary=True)

    async def leave(self, code: int = 1000) -> None:
        """Close, and wait until the server has answered."""
        self.ws.close(code, "bye")
        await self._task

    async def _read(self) -> None:
        while (frame := await self.ws.read_message()) is not None:
            assert isinstance(frame, bytes)
            self.frames += 1
            for event in self.session.receive(frame):
                self.events.append(event)
                if isinstance(event, StateChanged):
                    self.state.update(event.changes)
            self.flush()
        self.closed = True
        self.session.disconnected()
