"""Hosts, sockets and files that a server listens on."""

import errno
import socket
import stat
from pathlib import Path

import pytest
import trio

from jupyter_trame.trio.websockets.listening import UnixListener, listen_on_host, listen_on_socket
from tests.trio.support import on_trio


@on_trio
async def test_all_addresses_of_a_host_have_one_port() -> None:
    listeners = await listen_on_host(None, 0)
    assert len({listener.socket.getsockname()[1] for listener in listeners}) == 1
    for listener in listeners:
        await listener.aclose()


@on_trio
async def test_addresses_that_never_have_one_port_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it gives up or is cancelled: nothing listens."""
    opened: list[trio.SocketListener] = []
    scope = trio.CancelScope()

    async def open_listeners(port: int, *, host: str | None) -> list[trio.SocketListener]:
        await trio.lowlevel.checkpoint()
        if port:
            raise OSError(errno.EADDRINUSE, "another program has it")
        both = [listener for _ in range(2) for listener in await real(0, host=host)]
        opened.extend(both)
        if cancelling:
            scope.cancel()
        return both

    real, cancelling = trio.open_tcp_listeners, False
    monkeypatch.setattr(trio, "open_tcp_listeners", open_listeners)
    with pytest.raises(OSError, match="no port was free on all addresses of"):
        await listen_on_host("127.0.0.1", 0)
    cancelling = True
    with scope:
        await listen_on_host("127.0.0.1", 0)
    assert scope.cancelled_caught
    assert len(opened) > 2
    assert [listener.socket.fileno() for listener in opened] == [-1] * len(opened)


@on_trio
async def test_a_bound_socket() -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    [listener] = listen_on_socket(sock)
    async with listener, await trio.open_tcp_stream(*listener.socket.getsockname()):
        await (await listener.accept()).aclose()


@on_trio
async def test_a_file_is_for_its_owner_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    place = UnixListener(str(path))
    [listener] = place.listen()
    async with listener:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    place.remove()
    place.remove()
    assert not path.exists()


@on_trio
async def test_what_a_dead_server_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    [dead] = UnixListener(str(path)).listen()
    await dead.aclose()
    place = UnixListener(str(path))
    [listener] = place.listen()
    async with listener, await trio.open_unix_socket(str(path)):
        pass
    place.remove()


@on_trio
async def test_what_is_no_dead_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(OSError, match="in use"):
        UnixListener(str(path)).listen()
    assert path.read_text() == "mine"


@on_trio
async def test_the_file_of_a_successor_stays(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    place = UnixListener(str(path))
    [listener] = place.listen()
    await listener.aclose()
    path.unlink()
    path.write_text("another's")
    place.remove()
    assert path.exists()


@on_trio
async def test_who_listens_and_does_not_accept_is_no_dead_server(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    waiting = []
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(path))
        busy.listen(1)
        try:
            while True:
                waiting.append(socket.socket(socket.AF_UNIX))
                waiting[-1].setblocking(False)
                waiting[-1].connect(str(path))
        except BlockingIOError:
            pass  # no more of them fit
        with pytest.raises(OSError, match="in use"):
            UnixListener(str(path)).listen()
        for one in waiting:
            one.close()
    assert path.exists()


@on_trio
async def test_a_port_that_is_free_on_one_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a host has addresses of both families, which not every machine has."""
    asked: list[int] = []
    open_listeners = trio.open_tcp_listeners

    async def open_two(port: int, *, host: str | None) -> list[trio.SocketListener]:
        asked.append(port)
        if len(asked) == 2:
            raise OSError(errno.EADDRINUSE, "taken")
        return [
            *await open_listeners(port, host="127.0.0.1"),
            *await open_listeners(port, host="127.0.0.2"),
        ]

    monkeypatch.setattr(trio, "open_tcp_listeners", open_two)
    listeners = await listen_on_host(None, 0)
    assert len({listener.socket.getsockname()[1] for listener in listeners}) == 1
    assert asked[0] == asked[2] == 0 != asked[1]
    for listener in listeners:
        await listener.aclose()
