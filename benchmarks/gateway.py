"""An app on a kernel behind a Kernel Gateway, against a bare echo comm of the same kernel over the same gateway."""

import json
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from benchmarks.jupyter import HEADERS, execute, socket_url, start_kernel
from benchmarks.measure import Sample, interleave, ratio, warm
from benchmarks.prober import message
from benchmarks.relay import ECHO
from benchmarks.viewer import Viewer
from tests.e2e.gateways import kernel_gateway
from tests.e2e.servers import JupyterServer, jupyter_server

__all__ = ["far", "messages", "round_trips"]

ROUND_TRIPS = 60
ROUNDS = 7
PUSHES = 50

COMM = """
from comm import get_comm_manager
def opened(channel, _):
    channel.on_msg(lambda message: channel.send(message["content"]["data"]))
get_comm_manager().register_target("echo", opened)
"""
COUNT = """
from ipykernel.comm import Comm
sent = 0
def counted(self, *args, publish=Comm.publish_msg, **kwargs):
    global sent
    sent += 1
    return publish(self, *args, **kwargs)
Comm.publish_msg = counted
"""
PUSH = f"""
import time
before = sent
for step in range({PUSHES}):
    with server.state:
        server.state.y = f"push {{step}}"
    time.sleep(0.01)
"""


@contextmanager
def far(flavour: str = "server") -> Iterator[tuple[JupyterServer, str]]:
    """A Jupyter server, and the address of the gateway on which its kernels are, each with folders of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            kernel_gateway(home / "gateway") as address,
            jupyter_server(home / "server", flavour=flavour, gateway=address) as running,
        ):
            yield running, address
            running.shut_kernels_down()


class _Comm:
    """A client of the kernel's own messages, through the Jupyter server."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._id = uuid.uuid4().hex
        self._send("comm_open", {"comm_id": self._id, "target_name": "echo", "data": {}})

    def trip(self, value: int) -> float:
        """Seconds from sending `value` to having it back."""
        begin = time.perf_counter()
        self._send("comm_msg", {"comm_id": self._id, "data": {"value": value}})
        while True:
            message = json.loads(self._socket.recv())
            if message["msg_type"] == "comm_msg" and message["content"]["data"] == {"value": value}:
                return time.perf_counter() - begin

    def _send(self, kind: str, content: object) -> None:
        self._socket.send(json.dumps(message(kind, "shell", content)))


def round_trips() -> dict[str, Sample]:
    """A write to the answer of its listener, and the bare comm, in turn."""
    with far() as (running, _):
        # One kernel each: what one sends goes through the sockets of the other's clients.
        kernel, bare = start_kernel(running), start_kernel(running)
        execute(running, kernel, ECHO)
        execute(running, bare, COMM)
        channels = socket_url(running, f"api/kernels/{bare}/channels")
        with (
            connect(channels, additional_headers=HEADERS, max_size=None) as socket,
            Viewer(socket_url(running, f"trame/{kernel}/echo/ws"), HEADERS) as viewer,
        ):
            comm, counter = _Comm(socket), iter(range(1, 10**9))

            def app() -> list[float]:
                times = []
                for _ in range(ROUND_TRIPS):
                    value, begin = next(counter), time.perf_counter()
                    viewer.write("x", value)
                    viewer.wait("y", value)
                    times.append(time.perf_counter() - begin)
                return times

            cases = {
                "app": app,
                "bare": lambda: [comm.trip(next(counter)) for _ in range(ROUND_TRIPS)],
            }
            for case in cases.values():
                warm(case)
            return interleave(cases, ROUNDS)


def messages(viewers: int) -> int:
    """Comm messages that a kernel sends for the same pushes to that many viewers."""
    with far() as (running, _), ExitStack() as stack:
        kernel = start_kernel(running)
        execute(running, kernel, COUNT + ECHO)
        url = socket_url(running, f"trame/{kernel}/echo/ws")
        clients = [stack.enter_context(Viewer(url, HEADERS)) for _ in range(viewers)]
        execute(running, kernel, PUSH)
        for client in clients:
            client.wait("y", f"push {PUSHES - 1}")
        return int(execute(running, kernel, "print(sent - before)"))


if __name__ == "__main__":
    result = round_trips()
    for name, sample in result.items():
        print(f"{name}: p50 {sample.p50 * 1e3:.1f} ms, p95 {sample.p95 * 1e3:.1f} ms")
    print("app / bare: {:.2f} ({:.2f} .. {:.2f})".format(*ratio(result["app"], result["bare"])))
    print(f"messages to one viewer: {messages(1)}, to a hundred: {messages(100)}")
