"""The file server as a thread."""

import socket
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.igor import run_file_server


def test_its_life(tmp_path: Path) -> None:
    server = run_file_server(0, tmp_path)
    assert server.daemon
    assert server.url == f"http://localhost:{server.port}/"
    with pytest.raises(OSError, match="address already in use"):
        run_file_server(server.port, tmp_path)
    server.kill()
    server.kill()
    assert not server.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


@pytest.mark.parametrize(
    "wrong", [{"port": "8080"}, {"max_size": -1}, {"origins": "http://localhost:4200"}, {"writable": "no"}]
)
def test_mistakes(wrong: dict[str, Any], tmp_path: Path) -> None:
    [name] = wrong
    with pytest.raises((TypeError, ValueError), match=f"^{name} is "):
        run_file_server(**{"port": 0, "root_directory": tmp_path, **wrong})


def test_the_end_cuts_an_upload(tmp_path: Path) -> None:
    server = run_file_server(0, tmp_path, writable=True)
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        head = "POST /new HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\nContent-Length: 10\r\n"
        sock.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 100")
        assert len(list(tmp_path.iterdir())) == 1, "it has begun"
        server.kill()
    assert not list(tmp_path.iterdir())
