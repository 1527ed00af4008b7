"""A real kernel as one that runs elsewhere: reached over its messages alone."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernel_channels import open_channel
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.relay import Relay, RelayOptions
from jupyter_trame.extension.remote_kernel import RemoteKernel
from jupyter_trame.protocol.link import Commit, LinkOp
from tests.extension.support import until

APP = """
from jupyter_trame import Server
server = Server("far")
server.state.update({"x": 0, "y": 0, "data": b""})
@server.state.change("x")
def follow(x, **_):
    server.state.y = x + 1
server.start()
"""


@contextlib.asynccontextmanager
async def kernel_elsewhere() -> AsyncIterator[AsyncKernelManager]:
    manager = AsyncKernelManager(kernel_name="python3")  # by tcp, as kernels elsewhere are
    await manager.start_kernel()
    try:
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.stop_channels()
        yield manager
    finally:
        await manager.shutdown_kernel(now=True)


class Manager:
    """jupyter-server's, with one kernel that some provisioner started."""

    def __init__(self, manager: AsyncKernelManager) -> None:
        self._kernel = SimpleNamespace(
            provisioner=object(), client=manager.client, connection_file="", execution_state="idle"
        )

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id == "k"

    def get_kernel(self, kernel_id: str) -> Any:
        return self._kernel

    def list_kernel_ids(self) -> list[str]:
        return ["k"]

    def notify_connect(self, kernel_id: str) -> None: ...

    def notify_disconnect(self, kernel_id: str) -> None: ...


async def run(remote: RemoteKernel, code: str) -> Mapping[str, Any]:
    content = await remote.execute(code)
    assert content["status"] == "ok", content
    return content


async def test_an_app_there_has_a_relay_here(relay_options: RelayOptions, logger: logging.Logger) -> None:
    async with kernel_elsewhere() as manager:
        kernels = Kernels(Manager(manager))  # type: ignore[arg-type]
        assert await kernels.running() == []
        remote = kernels.remote("k")
        assert remote is not None
        await run(remote, APP)
        assert [(each.slug, each.way, each.added) for each in await kernels.running()] == [
            ("far", "buffers", 0)
        ]
        relay = Relay("k", "far", kernels, options=relay_options, on_idle=lambda _: None, logger=logger)
        assert await relay.found()
        await until(lambda: relay.linked)
        await until(lambda: relay.pump.replica.epoch)
        commits: list[Commit] = []
        receive = relay.pump.receive_link

        def listen(*ops: LinkOp) -> None:
            commits.extend(op for op in ops if isinstance(op, Commit))
            receive(*ops)

        relay.pump.receive_link = listen  # type: ignore[method-assign]
        await run(remote, "with server.state:\n    server.state.data = bytes(3_000_001)")
        await until(lambda: any(len(value or b"") > 3_000_000 for op in commits for _, value in op.values))
        remote.restarted()
        await until(lambda: not relay.linked)
        await until(lambda: relay.linked or relay.look())  # as one with clients does by itself
        await relay.close()
        await kernels.close()


async def test_a_cell_that_runs_holds_nothing_back() -> None:
    async with kernel_elsewhere() as manager:
        remote = RemoteKernel(partial(open_channel, manager, "k"))
        await run(remote, APP)
        await run(remote, "import threading\ngo = threading.Event()")
        cell = asyncio.ensure_future(run(remote, "print(go.wait(60))"))
        await asyncio.sleep(0)
        record = await remote.look()
        assert record is not None
        assert [entry.slug for entry in record.servers] == ["far"]
        sock = await remote.connect()
        sock.close()
        assert not cell.done()
        cell.cancel()
        await manager.interrupt_kernel()
        await remote.close()


async def test_servers_that_come_and_go_are_told() -> None:
    changes: list[int] = []
    async with kernel_elsewhere() as manager:
        remote = RemoteKernel(partial(open_channel, manager, "k"), on_changed=lambda: changes.append(1))
        assert await remote.look() is None
        with pytest.raises(LinkError, match="no app runs in the kernel"):
            await remote.connect()
        await run(remote, APP)
        assert await remote.look() is not None
        await run(remote, "import asyncio; _ = server.stop()")
        await until(lambda: len(changes) == 2)
        assert await remote.look() is None
        await remote.close()
        await remote.close()


async def test_what_nobody_uses_is_closed() -> None:
    async with kernel_elsewhere() as manager:
        remote = RemoteKernel(partial(open_channel, manager, "k"), linger=0.1)
        await remote.look()
        connection = remote._connection
        assert connection is not None
        await until(lambda: connection.closed)
        assert await remote.look() is None, "it connects again"
        await remote.close()


async def test_an_error_that_nobody_waits_for_is_no_complaint() -> None:
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def fail_later(*_: Any) -> Any:
        return await answer

    remote = RemoteKernel(fail_later)
    looking = asyncio.ensure_future(remote.look())
    await until(lambda: remote._opening is not None)
    looking.cancel()
    await asyncio.wait([looking])
    assert remote._opening is not None
    answer.set_exception(LinkError("the gateway of this kernel does not answer"))
    await asyncio.wait([remote._opening])
    remote._opening = None
    gc.collect()
    assert complaints == []
    await remote.close()


async def test_code_that_runs_long_keeps_the_connection() -> None:
    async with kernel_elsewhere() as manager:
        remote = RemoteKernel(partial(open_channel, manager, "k"), linger=0.05)
        await run(remote, "import time\ntime.sleep(1)")
        await remote.close()


async def test_who_leaves_leaves_nothing_in_the_kernel() -> None:
    count = """
import comm
manager = get_ipython().kernel.shell_channel_thread.manager
held = [len(comm.get_comm_manager().comms), len(manager.list_subshell())]
"""
    async with kernel_elsewhere() as manager:
        stays = RemoteKernel(partial(open_channel, manager, "k"))
        await run(stays, APP)
        assert await stays.look() is not None
        await run(stays, count + "before = held")
        for _ in range(10):
            guest = RemoteKernel(partial(open_channel, manager, "k"))
            sock = await guest.connect()
            sock.close()
            await guest.close()
        # Behind the question of the next guest, whose control channel is the same, the last subshell is gone as well.
        last = RemoteKernel(partial(open_channel, manager, "k"))
        assert await last.look() is not None
        await run(stays, count + "assert held == [before[0] + 1, before[1] + 1], (before, held)")
        await last.close()
        await stays.close()
