"""A real ipykernel, and replicas in the test process that reach its servers over the real Unix link."""

import asyncio
import os
import queue
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from jupyter_trame.protocol import Replica
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.rendezvous import Record, read_record, record_path
from jupyter_trame.transports.stream import StreamLink
from tests.support.kernels import kernel_transport
from tests.support.servers import Client

TIMEOUT = 30

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"

BUSY = """
import time
from pathlib import Path
(Path({folder!r}) / "started").touch()
while not (Path({folder!r}) / "go").exists():
    time.sleep(0.005)
"""
"""A cell that keeps the main thread until the test makes a file."""


class Cell:
    """What one execution gave."""

    def __init__(self) -> None:
        self.stream = ""
        self.data: list[dict[str, Any]] = []
        self.error: str | None = None
        self.idle = False
        self.replied = False

    def take(self, message: dict[str, Any]) -> None:
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                self.stream += content["text"]
            case "display_data" | "execute_result":
                self.data.append(content["data"])
            case "error":
                self.error = "\n".join(content["traceback"])
            case "status":
                self.idle = content["execution_state"] == "idle"


class Kernel:
    """One kernel process."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.cells: dict[str, Cell] = {}
        self.comm_messages: list[dict[str, Any]] = []
        self.published = 0
        """Messages that it sent to everybody, of any kind."""
        self.subshell: str | None = None
        """Where comm messages go; None: to the main shell."""

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    @property
    def record_path(self) -> Path:
        return record_path(self.manager.connection_file)

    @property
    def record(self) -> Record:
        record = read_record(self.record_path)
        assert record is not None
        return record

    def start(self, code: str) -> str:
        """Run `code`; the id of its cell. Does not wait."""
        message_id = self.client.execute(code)
        self.cells[message_id] = Cell()
        return message_id

    def run(self, code: str) -> Cell:
        """Run `code` to its end, which must be a good one."""
        cell = self.finish(self.start(code))
        assert cell.error is None, cell.error
        return cell

    def finish(self, message_id: str) -> Cell:
        """Read what the kernel says until the cell is done."""
        cell = self.cells[message_id]

        def done() -> bool:
            while not cell.replied:
                try:
                    reply = self.client.get_shell_msg(timeout=0.02)
                except queue.Empty:
                    return False
                answered = self.cells.get(reply["parent_header"].get("msg_id", ""))
                if answered is not None:
                    answered.replied = True
            return cell.idle

        self.until(done)
        return cell

    def until(self, condition: Callable[[], Any]) -> Any:
        """Read messages until `condition` is true."""
        deadline = time.monotonic() + TIMEOUT
        while not (found := condition()):
            assert time.monotonic() < deadline, f"timeout; {[vars(cell) for cell in self.cells.values()]}"
            for _ in self._iopub(0.02):
                pass
        return found

    def value(self, expression: str) -> Any:
        """`expression`, evaluated in the kernel."""
        cell = self.run(f"print('value:', repr({expression}))")
        found = re.search(r"value: (.*)", cell.stream)
        assert found is not None, cell.stream
        return eval(found[1])

    def send_comm(self, comm_id: str, data: Any, buffers: list[bytes]) -> None:
        """A comm message of the page."""
        session = self.client.session
        message = session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if self.subshell is not None:
            message["header"]["subshell_id"] = self.subshell
        session.send(self.client.shell_channel.socket, message, buffers=buffers)

    def create_subshell(self) -> str | None:
        """A new subshell; None where the kernel has none."""
        info = self.client.kernel_info(reply=True, timeout=TIMEOUT)
        if "kernel subshells" not in info["content"].get("supported_features", []):
            return None
        session = self.client.session
        session.send(self.client.control_channel.socket, session.msg("create_subshell_request"))
        return str(self.client.get_control_msg(timeout=TIMEOUT)["content"]["subshell_id"])

    def _iopub(self, timeout: float) -> Iterator[dict[str, Any]]:
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=timeout)
            except queue.Empty:
                return
            self.published += 1
            cell = self.cells.get(message["parent_header"].get("msg_id", ""))
            if cell is not None:
                cell.take(message)
            if message["msg_type"].startswith("comm_"):
                self.comm_messages.append(message)
            yield message


@contextmanager
def running_kernel(runtime: Path, **environment: str) -> Iterator[Kernel]:
    """A kernel whose connection file lies in `runtime`; `environment` is added to that of the tests."""
    runtime.chmod(0o700)
    file = runtime / "kernel-0123-test.json"
    transport = kernel_transport(runtime, file.stem)
    manager = KernelManager(kernel_name="python3", connection_file=str(file), transport=transport)
    manager.start_kernel(env={**os.environ, "PYTHONWARNINGS": "default", **environment})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def listening_ports(pid: int) -> set[str]:
    """TCP sockets on which the process `pid` listens."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)  # noqa: PTH115 - no path but ``socket:[n]``
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                ports.add(fields[1])
    return ports


class Viewer:
    """What jupyter-server does: a replica linked to a server of the kernel. Lives on the running loop."""

    def __init__(self, kernel: Kernel, slug: str) -> None:
        self.record = kernel.record
        self.slug = slug
        self.closed: str | None = None
        self.pump = ReplicaPump(Replica(), asyncio.get_running_loop())
        self._gone = asyncio.Event()

    async def link(self) -> None:
        sock = await join(self.record, self.slug, "r1")
        self.stream = StreamLink(
            sock,
            asyncio.get_running_loop(),
            on_ops=lambda ops: self.pump.receive_link(*ops),
            on_closed=self._on_closed,
        )
        self.pump.link_attached(self.stream.send)

    async def close(self) -> None:
        self.stream.close()
        await self.wait_closed()
        self.pump.close()

    async def wait_closed(self) -> str:
        async with asyncio.timeout(TIMEOUT):
            await self._gone.wait()
        return str(self.closed)

    def _on_closed(self, reason: str) -> None:
        self.closed = reason
        self.pump.link_lost(reason)
        self._gone.set()


class Views:
    """Clients of one kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.viewers: list[Viewer] = []

    async def __call__(self, slug: str = "app") -> Client:
        """A client of the server `slug`, over a link of its own."""
        viewer = Viewer(self._kernel, slug)
        self.viewers.append(viewer)
        await viewer.link()
        client = Client()
        client.port = viewer.pump.connect(client, trusted=True)
        client.session.connected()
        client._send()
        return await client.ready()

    async def close(self) -> None:
        for viewer in self.viewers:
            await viewer.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait for `condition`."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - most conditions here have no event of their own
            await asyncio.sleep(0.001)


def run(kernel: Kernel, scenario: Callable[[Views], Awaitable[None]]) -> None:
    """Run `scenario` on a loop of its own."""

    async def main() -> None:
        views = Views(kernel)
        try:
            await scenario(views)
        finally:
            await views.close()

    asyncio.run(main())
