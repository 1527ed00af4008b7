"""The kernel is killed: clients are told, nothing is said to be well that is not, and its next life takes over."""

import asyncio
import os
import signal
import time

import pytest

from jupyter_trame.client import ConnectionStatus
from jupyter_trame.errors import RemoteError
from tests.e2e.servers import JupyterServer
from tests.faults.conftest import MakePlace
from tests.faults.load import Viewer, until
from tests.faults.processes import kernels
from tests.faults.test_half_open import APP


def test_a_killed_kernel(steady_server: JupyterServer, make_place: MakePlace) -> None:
    found = make_place(steady_server, APP)

    async def main() -> None:
        one = Viewer(found.url)
        await one.start()
        call = asyncio.create_task(one.client.call_trigger("wait"))
        await until(lambda: found.run("print(*heard)").split() == ["in", "call"], "the call")
        pid = found.kernel_pid
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        await until(lambda: not one.client.connected, "the client to be told", 10)
        print(f"told {(time.monotonic() - killed) * 1000:.0f} ms after the kernel was killed")
        assert one.client.connected is ConnectionStatus.CONNECTING
        with pytest.raises(RemoteError, match="may have run"):
            await call
        with pytest.raises(ConnectionError, match="status: CONNECTING"):
            await one.client.call_trigger("wait")
        with one.client.state as state:
            state.n = 7
        # jupyter-server starts another one by itself.
        await until(lambda: kernels(found.server.pid) - {pid}, "the next kernel")
        await asyncio.to_thread(found.run, APP)
        await until(lambda: one.client.connected, "the next life of the app")
        assert one.client.state.n == 0
        (lost,) = one.client.errors
        assert "what was written to 'n' is lost" in lost.message
        assert found.kernel_pid != pid
        assert found.run("print(*heard)").split() == ["in"]
        await one.stop()

    asyncio.run(main())
