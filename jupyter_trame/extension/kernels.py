"""The kernels of one jupyter-server, as far as the trame servers in them go."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.activity import Activity
from jupyter_trame.extension.kernel_channels import is_remote, open_channel
from jupyter_trame.extension.remote_kernel import RemoteKernel, Way
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.system.ownership import NotOursError
from jupyter_trame.transports.joining import answers
from jupyter_trame.transports.listener import connect
from jupyter_trame.transports.rendezvous import (
    Record,
    clear_stale,
    kernel_name,
    read_record,
    record_path,
    remove_record,
    service_record_path,
)

__all__ = ["Kernels", "RunningServer"]

_PATIENCE = 4.5
"""Seconds after which a kernel that does not answer is left out of a list."""
_SILENT = "it does not answer; it is busy or its gateway is slow: interrupt it or shut it down"
_REPORTS = 256
"""Sentences that are remembered, so that the log has each once."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at this moment."""

    kernel_id: str
    slug: str
    title: str
    name: str
    way: Way = "socket"
    """How its bytes travel between the kernel and this process."""
    added: int = 0
    """Bytes that base64 has added so far, to those of all servers of the kernel."""
    started: float = 0.0
    """As in `ServerEntry`."""


class Kernels:
    """Looks kernels and their records up. Everything runs on the thread of jupyter-server's loop."""

    def __init__(
        self,
        manager: MappingKernelManager,
        logger: logging.Logger | None = None,
        *,
        activity: Activity | None = None,
    ) -> None:
        """`activity`: who is told of what users do."""
        self._manager = manager
        self.activity = activity or Activity(manager)
        self._complaints = Complaints(logger or logging.getLogger(__name__))
        self._reported: set[str] = set()
        self._remote: dict[str, RemoteKernel] = {}
        self._ending: set[asyncio.Future[None]] = set()
        """Farewells of those that are gone."""
        self.on_changed: Callable[[str], object] = lambda _: None
        """Called when a kernel elsewhere says that other servers run there than before."""

    def __contains__(self, kernel_id: str) -> bool:
        file = self._external.get(kernel_id)
        if file is not None and not file.exists():
            self._manager.list_kernel_ids()  # forgets the kernels whose files are gone
        return kernel_id in self._manager

    def resolve(self, name: str) -> str | None:
        """The id of the kernel `name`, which is that id, or what a kernel calls itself that somebody else started.

        jupyter-server gives such a kernel (`allow_external_kernels`) an id that the kernel does not know; what both
        know is its connection file.
        """
        if name in self:
            return name
        if getattr(self._manager, "external_connection_dir", None) is None:
            return None
        self._manager.list_kernel_ids()  # finds the kernels whose files are new
        return next((id_ for id_, file in self._external.items() if kernel_name(file) == name), None)

    @property
    def _external(self) -> Mapping[str, Path]:
        """The connection files of kernels that somebody else started, by id."""
        return getattr(self._manager, "kernel_id_to_connection_file", {})

    def at_work(self, kernel_id: str) -> bool:
        """Whether the kernel runs a cell, as far as its messages tell."""
        if kernel_id not in self._manager:
            return False
        return getattr(self._manager.get_kernel(kernel_id), "execution_state", "") == "busy"

    def record_path(self, kernel_id: str) -> Path | None:
        """Where the kernel's record lies, if it has one; None without such a kernel on this machine."""
        connection_file = self._connection_file(kernel_id)
        return None if connection_file is None else record_path(connection_file)

    def _connection_file(self, kernel_id: str) -> Path | None:
        if kernel_id not in self._manager:
            return None
        # Empty for the kernels of a gateway: they run elsewhere.
        own = str(getattr(self._manager.get_kernel(kernel_id), "connection_file", ""))
        connection_file = self._external.get(kernel_id) or own
        return Path(connection_file) if connection_file else None

    def service_record(self, kernel_id: str, service: str, name: str) -> Record | None:
        """The same of a server `name` that speaks another wire, as ``igor``; None for what is no name as well."""
        connection_file = self._connection_file(kernel_id)
        if connection_file is None:
            return None
        try:
            return self.read(service_record_path(connection_file, service, name))
        except ValueError:
            return None

    def remote(self, kernel_id: str) -> RemoteKernel | None:
        """The kernel, if it runs elsewhere; None for those of this machine, and without such a kernel."""
        if kernel_id not in self._manager:
            self._let_go(kernel_id)
            return None
        kernel = self._remote.get(kernel_id)
        if kernel is None and is_remote(manager := self._manager.get_kernel(kernel_id)):
            kernel = self._remote[kernel_id] = RemoteKernel(
                partial(open_channel, manager, kernel_id), on_changed=lambda: self.on_changed(kernel_id)
            )
        return kernel

    async def look_up(self, kernel_id: str) -> Record | None:
        """What the kernel says of its servers; one of this machine is not asked, so that it may be stale.

        Raises `LinkError` when a kernel elsewhere cannot be asked.
        """
        remote = self.remote(kernel_id)
        if remote is not None:
            return await remote.look()
        path = self.record_path(kernel_id)
        if path is None and kernel_id in self._manager:
            raise LinkError("the kernel does not run on this machine")
        return None if path is None else self.read(path)

    async def connect(self, kernel_id: str, address: str) -> socket.socket:
        """A socket to the servers of the kernel, whose record has `address`. Raises `LinkError`."""
        remote = self.remote(kernel_id)
        return await connect(address) if remote is None else await remote.connect()

    def restarted(self, kernel_id: str) -> None:
        """The kernel's process is another one, or none."""
        if kernel_id not in self._manager:
            self.activity.forget(kernel_id)
        remote = (
            self._remote.get(kernel_id) if kernel_id in self._manager else self._remote.pop(kernel_id, None)
        )
        if remote is not None:
            remote.restarted()

    def _let_go(self, kernel_id: str) -> None:
        """The kernel is not this Jupyter server's any more: of one that ended by itself nobody is told."""
        remote = self._remote.pop(kernel_id, None)
        if remote is not None:
            ending = asyncio.ensure_future(remote.close())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End the connections to kernels elsewhere."""
        kernels, self._remote = self._remote, {}
        await asyncio.gather(*(kernel.close() for kernel in kernels.values()), *self._ending)

    def read(self, path: Path) -> Record | None:
        """The record at `path`; one that is not our user's is as none, and the log says so once."""
        return read_record(path, self.report)

    def report(self, sentence: str) -> None:
        """Warn of somebody else where a kernel of ours should be; once, however often it is looked at."""
        if sentence not in self._reported:
            if len(self._reported) >= _REPORTS:
                self._reported.clear()
            self._reported.add(sentence)
            self._complaints.warn("as if no app ran there: %s", sentence)

    async def running(self) -> list[RunningServer]:
        """The servers of all kernels that answer in time, which is 4.5 s."""
        for kernel_id in [each for each in self._remote if each not in self._manager]:
            self._let_go(kernel_id)
        listed = await asyncio.gather(*map(self._running_in, list(self._manager.list_kernel_ids())))
        return [server for servers in listed for server in servers]

    async def _running_in(self, kernel_id: str) -> Iterable[RunningServer]:
        try:
            return await self.running_in(kernel_id)
        except LinkError:
            return ()

    async def running_in(self, kernel_id: str) -> Iterable[RunningServer]:
        """The servers of one kernel. Raises `LinkError` where it cannot be asked; cancelling is safe."""
        try:
            async with asyncio.timeout(_PATIENCE):
                record = await self.look_up(kernel_id)
                if record is None or not record.servers:
                    return ()
                if not await answers(record, connect=partial(self.connect, kernel_id)):
                    return ()
        except NotOursError as error:
            self.report(str(error))
            return ()
        except TimeoutError:
            raise LinkError(_SILENT) from None
        remote = self.remote(kernel_id)
        way: Way = "socket" if remote is None else remote.way
        added = 0 if remote is None else remote.added
        return [
            RunningServer(kernel_id, entry.slug, entry.title, entry.name, way, added, entry.started)
            for entry in record.servers
        ]

    def forget(self, path: Path, pid: int) -> None:
        """Remove what the process `pid` left when it was killed: its kernel is gone, nobody else will."""
        record = self.read(path)
        if record is not None and record.pid == pid:
            clear_stale(record)
            remove_record(path)

    def view_opened(self, kernel_id: str) -> None:
        """A view counts as a connection of the kernel: one that is looked at is not culled."""
        if kernel_id in self._manager:
            self._manager.notify_connect(kernel_id)  # type: ignore[no-untyped-call]

    def view_closed(self, kernel_id: str) -> None:
        """The opposite of `view_opened`."""
        if kernel_id in self._manager:
            self._manager.notify_disconnect(kernel_id)  # type: ignore[no-untyped-call]
