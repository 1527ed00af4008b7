import asyncio
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.link import Pressure
from jupyter_trame.system import ownership
from jupyter_trame.transports import listener as listener_module
from jupyter_trame.transports.listener import LinkListener, connect
from tests.transports.ends import End, make_end
from tests.transports.support import until

pytestmark = pytest.mark.asyncio


@pytest.fixture
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jt") as name:
        yield Path(name)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
async def test_listener_and_connect(kind: str, directory: Path) -> None:
    loop = asyncio.get_running_loop()
    listener = LinkListener(f"unix:{directory}/s" if kind == "unix" else "tcp:127.0.0.1:0")
    accepted: list[End] = []
    listener.start(loop, lambda sock: accepted.append(make_end(sock, loop)))
    sock = await connect(listener.address)
    end = make_end(sock, loop)
    end.link.send(Pressure(7))
    await until(lambda: accepted and accepted[0].ops)
    assert accepted[0].ops == [Pressure(7)]
    if kind == "tcp":
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert accepted[0].link._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    else:
        assert stat.S_IMODE(os.stat(directory / "s").st_mode) == 0o600  # noqa: PTH116
    listener.close()
    listener.close()
    for one in (end, *accepted):
        one.link.close()
    await until(lambda: end.reasons and accepted[0].reasons)
    assert not os.listdir(directory)  # noqa: PTH208 - the pathlib form counts as blocking


async def test_listener_takes_the_place_of_a_stale_socket(directory: Path) -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(f"{directory}/s")
    stale.close()
    with pytest.raises(LinkError, match="nobody listens"):
        await connect(f"unix:{directory}/s")
    listener = LinkListener(f"unix:{directory}/s")
    (await connect(listener.address)).close()
    listener.close()


async def test_other_user_is_refused(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listener = LinkListener(f"unix:{directory}/s")
    accepted: list[socket.socket] = []
    listener.start(asyncio.get_running_loop(), accepted.append)
    monkeypatch.setattr(ownership, "user_id", lambda: 1 << 20)
    with pytest.raises(LinkError, match="another user listens"):
        await connect(listener.address)
    await until(lambda: "another user was refused" in caplog.text)
    assert not accepted
    listener.close()


async def test_a_peer_of_which_the_system_does_not_say_whose_it_is_is_refused(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = LinkListener(f"unix:{directory}/s")
    accepted: list[socket.socket] = []
    listener.start(asyncio.get_running_loop(), accepted.append)
    with monkeypatch.context() as patch:

        def unknown(_: socket.socket) -> bool:
            raise LinkError("the system names its users in form 7, which is not known here")

        patch.setattr(listener_module, "is_own_peer", unknown)
        reader, writer = await asyncio.open_unix_connection(f"{directory}/s")
        assert await reader.read() == b""
        writer.close()
    (await connect(listener.address)).close()
    await until(lambda: accepted)
    accepted[0].close()
    listener.close()


@pytest.mark.parametrize(
    "address", ["", "unix:", "tcp:", "http://x", "tcp:example.org:80", "tcp:127.0.0.1:x", "tcp:0.0.0.0:1"]
)
async def test_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(LinkError, match="address"):
        await connect(address)


@pytest.mark.parametrize("address", ["unix:/nowhere/at/all", "tcp:127.0.0.1:1"])
async def test_nobody_listens(address: str) -> None:
    with pytest.raises(LinkError, match="nobody listens"):
        await connect(address)


class Full:
    """A listening socket that has no descriptor left while it `is_full`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.is_full = True
        self.asked = 0

    def accept(self) -> Any:
        self.asked += 1
        if self.is_full:
            raise OSError(24, "Too many open files")
        return self._sock.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


async def test_without_descriptors_it_accepts_later_and_leaves_the_loop_alone(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    accepted: list[socket.socket] = []
    opened: list[socket.socket] = []

    async def listen(name: str, accept_again: float) -> tuple[LinkListener, Full]:
        listener = LinkListener(f"unix:{directory}/{name}", accept_again=accept_again)
        full = Full(listener._sock)
        listener._sock = full  # type: ignore[assignment]
        listener.start(asyncio.get_running_loop(), accepted.append)
        opened.append(await connect(listener.address))
        await until(lambda: full.asked)
        return listener, full

    waiting, full = await listen("waiting", accept_again=3600)
    for _ in range(100):
        await asyncio.sleep(0)
    assert full.asked == 1
    assert caplog.text.count("cannot be accepted") == 1
    later, full = await listen("later", accept_again=0.01)
    await until(lambda: full.asked > 1)
    full.is_full = False
    await until(lambda: accepted)
    for listener in (waiting, later):
        listener.close()
    for one in (*opened, *accepted):
        one.close()
