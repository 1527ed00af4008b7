"""The kernels of one jupyter-server, as far as the trame servers in them go."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyter_trame.errors import LinkError
from jupyter_trame.transports import stream
from jupyter_trame.transports.rendezvous import Record, clear_stale, read_record, record_path, remove_record

__all__ = ["Kernels", "RunningServer"]


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at this moment."""

    kernel_id: str
    slug: str
    title: str
    name: str


class Kernels:
    """Looks kernels and their records up. Everything runs on the thread of jupyter-server's loop."""

    def __init__(self, manager: MappingKernelManager) -> None:
        self._manager = manager

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id in self._manager

    def record_path(self, kernel_id: str) -> Path | None:
        """Where the kernel's record lies, if it has one; None without such a kernel on this machine."""
        if kernel_id not in self._manager:
            return None
        # Empty for the kernels of a gateway: they run elsewhere.
        connection_file = str(getattr(self._manager.get_kernel(kernel_id), "connection_file", ""))
        return record_path(connection_file) if connection_file else None

    def record(self, kernel_id: str) -> Record | None:
        """What the kernel says of its servers. It may be stale: nobody has been asked."""
        path = self.record_path(kernel_id)
        return None if path is None else read_record(path)

    async def running(self) -> list[RunningServer]:
        """The servers of all kernels that answer."""
        listed = await asyncio.gather(*map(self._running_in, list(self._manager.list_kernel_ids())))
        return [server for servers in listed for server in servers]

    async def _running_in(self, kernel_id: str) -> Iterable[RunningServer]:
        record = self.record(kernel_id)
        if record is None or not record.servers:
            return ()
        try:
            (await stream.connect(record.address)).close()
        except LinkError:
            return ()
        return [RunningServer(kernel_id, entry.slug, entry.title, entry.name) for entry in record.servers]

    def forget(self, path: Path, pid: int) -> None:
        """Remove what the process `pid` left when it was killed: its kernel is gone, nobody else will."""
        record = read_record(path)
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
