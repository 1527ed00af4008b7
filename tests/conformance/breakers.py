"""Connections of somebody who keeps no rule, and the child processes that have to bear them: `test_breakers`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

from jupyter_trame.protocol.chunking import HEADER
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.packing import pack
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.rendezvous import read_record
from tests.transports.support import masked

__all__ = [
    "MEGABYTE",
    "PATIENCE",
    "PROGRAMS",
    "SECRET",
    "Target",
    "Watcher",
    "break_link_rules",
    "break_rules",
    "hello",
    "is_served",
    "running",
]

ROOT = Path(__file__).parents[2]
SECRET = "the-secret"
MEGABYTE = 1 << 20
PATIENCE = 60
"""Seconds after which a server that does not answer is taken for hung."""
SEND_PATIENCE = 5
LEFT_OPEN = 30
"""Connections that stay open in silence at the same time."""

STAND_ALONE = """
import json, sys
from jupyter_trame.server import Server
backend, secret = sys.argv[1:]
sys.argv[1:] = ["--authKey", secret]
server = Server("app")
server.state.x = 1
server.controller.add("on_server_ready")(
    lambda **_: print(json.dumps({"port": server.port}), flush=True)
)
server.start(port=0, timeout=0, backend=backend, open_browser=False, show_connection_info=False)
"""

EXTENSION = """
import json, pathlib, sys
from jupyter_server.serverapp import ServerApp
from tests.extension.support import KernelProcess
app = ServerApp()
app.initialize(["--ip=127.0.0.1", "--port=0", "--no-browser", "--allow-root", "--IdentityProvider.token=" + sys.argv[2],
                "--ServerApp.jpserver_extensions={'jupyter_trame': True}", "--log-level=CRITICAL"])
def run():
    kernel = KernelProcess(pathlib.Path(app.runtime_dir), app.kernel_manager)
    kernel.run(x=1)
    print(json.dumps({"port": app.port, "kernel": kernel.id}), flush=True)
async def nothing():
    pass
app.cleanup_kernels = nothing  # it has no process
app.io_loop.add_callback(run)
app.start()
"""

LINK = """
import asyncio, json, pathlib, sys
from jupyter_trame.kernel import links as module
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.protocol import Primary
from jupyter_trame.transports.rendezvous import read_record, record_path
from jupyter_trame.transports.listener import LinkListener
module.listen = lambda *_: LinkListener("tcp:127.0.0.1:0")
loop = asyncio.new_event_loop()
file = pathlib.Path(sys.argv[2]) / "kernel-k.json"
links = module.KernelLinks(KernelEnvironment(None, loop, 0, file), InterruptGuard(None, loop))
primary = Primary(name="app", slug="app", title="App", epoch="e", on_event=lambda _: None,
                  on_unpackable=lambda _: None)
primary.commit({"x": 1})
links.publish("app", primary)
address = read_record(record_path(file)).address
print(json.dumps({"port": int(address.rpartition(":")[2]), "record": str(record_path(file))}), flush=True)
loop.run_forever()
"""

PROGRAMS = {"tornado": STAND_ALONE, "aiohttp": STAND_ALONE, "extension": EXTENSION, "link": LINK}


@dataclass
class Target:
    """A server in a child process."""

    kind: str
    process: psutil.Process
    port: int
    path: str = "/ws"
    page: str = f"/index.html?secret={SECRET}"
    record: str = ""
    left_open: list[socket.socket] = field(default_factory=list)

    def connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        sock.settimeout(SEND_PATIENCE)
        return sock

    @property
    def upgrade(self) -> bytes:
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()


@contextmanager
def running(kind: str, folder: Path, *, descriptors: int | None = None) -> Iterator[Target]:
    """The server in a process of its own, which has to end with SIGTERM at the end of the block.

    `descriptors`: how many files and sockets it may have open.
    """
    program = PROGRAMS[kind]
    if descriptors is not None:
        program = (
            f"import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({descriptors},) * 2)\n{program}"
        )
    argument = str(folder) if kind == "link" else SECRET
    folder.chmod(0o700)
    folders = {
        name: str(folder) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-c", program, kind, argument],
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
            env={"PATH": "", "HOME": str(folder), "PYTHONPATH": str(ROOT), **folders},
        )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line.startswith(b"{"), (folder / "log").read_text()
        said = json.loads(line)
        target = Target(kind, psutil.Process(child.pid), said["port"], record=said.get("record", ""))
        if kind == "extension":
            target.path = f"/trame/{said['kernel']}/demo/ws?token={SECRET}"
            target.page = f"/trame/{said['kernel']}/demo/?token={SECRET}"
        yield target
        for sock in target.left_open:
            sock.close()
        child.send_signal(signal.SIGTERM)
        child.wait(PATIENCE)
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


class Watcher:
    """Asks for a page over and over, and notes the memory of the process, while the block runs."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.answers = 0
        self.failures: list[str] = []
        self.first = self.peak = 0

    def __enter__(self) -> Self:
        self._ask()
        self.first = self.peak = self._memory()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    @property
    def growth(self) -> int:
        """Bytes."""
        return self.peak - self.first

    def _memory(self) -> int:
        return int(self._target.process.memory_info().rss)

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            self._ask()
            self.peak = max(self.peak, self._memory())

    def _ask(self) -> None:
        target = self._target
        try:
            if target.kind == "link":
                record = read_record(Path(target.record))
                assert record is not None
                asyncio.run(join(record, "app", "watcher")).close()
            else:
                url = f"http://127.0.0.1:{target.port}{target.page}"
                with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                    assert answer.status == 200
        except Exception as error:
            self.failures.append(repr(error))
        self.answers += 1


def hello(secret: str = SECRET) -> list[bytes]:
    """What a right client says first, as payloads of frames."""
    session = ClientSession(secret)
    session.connected()
    return list(session.take_output())


def is_served(target: Target) -> bool:
    """Whether a right client is let in, and gets the state, where others broke the rules."""
    with target.connect() as sock:
        sock.settimeout(PATIENCE)
        sock.sendall(target.upgrade)
        got = b""
        for payload in hello():
            sock.sendall(masked(payload, b"abcd"))
        while b"clientID" not in got:
            data = sock.recv(1 << 16)
            if not data:
                return False
            got += data
        return got.startswith(b"HTTP/1.1 101")


# -- what is sent


def _chunk(chance: random.Random) -> bytes:
    """A chunk whose header may be true."""
    total = chance.choice([0, 1, 13, 1000, MEGABYTE, 1 << 30, (1 << 32) - 1])
    offset = chance.choice([0, 0, 1, chance.randrange(1 << 32)])
    return HEADER.pack(chance.randrange(4), offset, total) + chance.randbytes(chance.choice([0, 1, 13, 999]))


def _request(chance: random.Random) -> bytes:
    """A request in one chunk, with something wrong in it."""
    values = [None, -1, "", "x", [], [1], {}, {"a": 1}, b"x" * 100, 1 << 60, [{"key": "x", "value": 2}], True]
    methods = ["wslink.hello", "trame.state.get", "trame.state.update", "trame.trigger", "", 7, "x" * 1000]
    request = {
        "wslink": chance.choice(["1.0", 1]),
        "id": chance.choice(["rpc:c:1", "system:c:1", "", 7, None]),
        "method": chance.choice(methods),
        "args": chance.choice(values),
        "kwargs": chance.choice(values),
        "jt": chance.choice(values),
    }
    for key in chance.sample(list(request), chance.choice([0, 0, 1, 2])):
        del request[key]
    payload = pack(request)
    return HEADER.pack(chance.randrange(9), 0, len(payload)) + payload


def _violation(chance: random.Random) -> bytes:
    """Bytes that no client of RFC 6455 sends."""
    mask = chance.randbytes(4)
    return chance.choice(
        [
            b"\x83\x80" + mask,
            b"\xf2\x80" + mask,
            b"\x82\x05hello",
            b"\x09\x80" + mask,
            b"\x89\xfe\x01\x00" + mask + bytes(256),
            b"\x80\x81" + mask + b"x",
            b"\x82\xff" + b"\xff" * 8 + mask,
            masked(b"x", mask, opcode=8),
            masked((1005).to_bytes(2), mask, opcode=8),
            masked(b"\x03\xe8\xff", mask, opcode=8),
            masked(b"\xff\xfe", mask, opcode=1),
            masked(b"x", mask, final=False) * 2,
            chance.randbytes(chance.choice([1, 10, 5000])),
        ]
    )


def _frames(chance: random.Random) -> bytes:
    """The bytes of what is said on one websocket."""
    mask, said = chance.randbytes(4), b""
    if chance.random() < 0.6:
        secret = SECRET if chance.random() < 0.8 else "wrong"
        said += b"".join(masked(payload, mask) for payload in hello(secret))
    for _ in range(chance.randrange(10)):
        said += chance.choice(
            [
                lambda: masked(_chunk(chance), mask),
                lambda: masked(_chunk(chance), mask),
                lambda: masked(_request(chance), mask),
                lambda: masked(_request(chance), mask),
                lambda: masked(chance.randbytes(chance.randrange(12)), mask),
                lambda: _violation(chance),
                lambda: masked(b"ping", mask, opcode=9) * chance.choice([1, 100]),
                lambda: masked(b"text", mask, opcode=1),
                lambda: masked(bytes(chance.choice([600, 5000, 300_000])), mask),
                lambda: (
                    masked(bytes(1000), mask, final=False) + masked(bytes(1000), mask, opcode=0, final=False)
                ),
                lambda: masked((1000).to_bytes(2), mask, opcode=8),
            ]
        )()
    return said


def _handshake(chance: random.Random, target: Target) -> bytes:
    """A request for the websocket, mostly a right one."""
    right = target.upgrade
    if chance.random() < 0.75:
        return right
    lines = right.split(b"\r\n")
    return chance.choice(
        [
            lambda: right[: chance.randrange(len(right))],
            lambda: b"\r\n".join(line for line in lines if chance.random() < 0.7) + b"\r\n\r\n",
            lambda: right.replace(b"13", chance.choice([b"0", b"99", b"x"])),
            lambda: right.replace(b"AAAA", b"\xff\xfe\0A"),
            lambda: right.replace(b"GET", chance.choice([b"POST", b"PUT", b"\0\0\0", b"get"])),
            lambda: right.replace(b"\r\n\r\n", b"\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
            lambda: right.replace(b"\r\n\r\n", b"\r\nContent-Length: 99999\r\n\r\n"),
            lambda: right.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            lambda: right.replace(b"\r\n", b"\n"),
            lambda: right * chance.choice([2, 20]),
            lambda: f"GET {target.page} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 50,
            lambda: chance.randbytes(chance.choice([1, 100, 70_000])),
            lambda: b"\x16\x03\x01" + chance.randbytes(500),
        ]
    )()


def break_rules(target: Target, chance: random.Random) -> None:
    """One connection that ends in any way, or stays."""
    _play(target, chance, _handshake(chance, target), _frames(chance))


def break_link_rules(target: Target, chance: random.Random) -> None:
    """The same to a kernel's link."""
    header = pack(
        chance.choice([[1, 1, "r", "s/app"], [1], [99], "x", [4, "c", 1, None, []], [6, 1, "", 0, 0]])
    )
    right = struct.pack("<II", len(header) + 4, len(header)) + header
    said = chance.choice(
        [
            lambda: right,
            lambda: right[: chance.randrange(len(right))],
            lambda: struct.pack("<II", chance.randrange(1 << 32), chance.randrange(1 << 32)) + bytes(2000),
            lambda: chance.randbytes(chance.choice([1, 8, 100, 100_000])),
            lambda: right * 500,
        ]
    )()
    _play(target, chance, b"", said)


def _play(target: Target, chance: random.Random, first: bytes, rest: bytes) -> None:
    sock = target.connect()
    try:
        sock.sendall(first)
        if chance.random() < 0.7:  # others do not wait for the answer
            sock.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                sock.recv(1 << 16)
            sock.settimeout(SEND_PATIENCE)
        if chance.random() < 0.2:
            rest = rest[: chance.randrange(len(rest) + 1)]
        while rest:
            size = chance.choice([1, 7, 1000, 1 << 16, 1 << 20])
            sock.sendall(rest[:size])
            rest = rest[size:]
        _finish(target, chance, sock)
    except OSError:
        sock.close()


def _finish(target: Target, chance: random.Random, sock: socket.socket) -> None:
    def reset() -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    def half() -> None:
        sock.shutdown(socket.SHUT_WR)
        stay()

    def stay() -> None:
        target.left_open.append(sock)
        if len(target.left_open) > LEFT_OPEN:
            target.left_open.pop(chance.randrange(LEFT_OPEN)).close()

    ends: list[Callable[[], Any]] = [sock.close, reset, half, stay]
    chance.choice(ends)()
