"""Igor, rows 11 and 12 in a program: exits, and files over HTTP that stay below their root."""

import asyncio
import contextlib
import errno
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.igor import IgorServer, run_file_server
from jupyter_trame.igor.file_handler import ShelfHandler
from jupyter_trame.igor.file_server import FileServerProcess
from jupyter_trame.igor.shelf import Shelf
from tests.igor.support import TIMEOUT, client, run, serving

ALLOWED = "http://app.example:4200"
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with files, and around it what nobody may see or change."""
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "a file.txt").write_text("content")
    (root / "sub" / "page.html").write_text("<script>1</script>")
    (root / "out").symlink_to(tmp_path)
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "inside.txt").symlink_to(root / "a file.txt")
    return root


def everything(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(
            FileNotFoundError, IsADirectoryError
        ):  # an upload that ends takes its part away
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


@pytest.fixture
def files(root: Path) -> Iterator[FileServerProcess]:
    server = run_file_server(0, root, writable=True, max_size=1000, origins=[ALLOWED])
    yield server
    server.kill()
    assert not server.is_alive()


class Answer:
    """Of one request; its path is sent as it is."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


def request(port: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        return Answer(connection.getresponse())


def test_row_12_reads_below_the_root(files: FileServerProcess, root: Path) -> None:
    answer = request(files.port, "GET", "/a%20file.txt?name=../../secret.txt")
    assert (answer.status, answer.body) == (200, b"content")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert request(files.port, "GET", f"{root}/sub/page.html".replace(" ", "%20")).status == 200
    assert request(files.port, "GET", "/inside.txt").body == b"content"
    assert request(files.port, "HEAD", "/sub/page.html").status == 200


TRAVERSAL = [
    "/../secret.txt",
    "/sub/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E%2Fsecret.txt",
    "/..%2fsecret.txt",
    "/%252e%252e/secret.txt",
    "/..%5csecret.txt",
    "/....//secret.txt",
    "/./../secret.txt",
    "/sub/%2e/../../secret.txt",
    "//etc/passwd",
    "/etc/passwd",
    "/%2fetc/passwd",
    "/out/secret.txt",
    "/out.txt",
    "/a%20file.txt%00.png",
    "/%00",
    "/a%20file.txt/",
    "/a%20file.txt/..",
    "/%c0%ae%c0%ae/secret.txt",
    "/%ff",
    "/" + "x" * 300,
    "/" + "y/" * 3000,
    "/",
    "/sub",
    "/sub/",
    "/out",
]


@pytest.mark.parametrize("path", TRAVERSAL)
def test_row_12_no_path_leads_out(files: FileServerProcess, root: Path, path: str) -> None:
    before = everything(root.parent)
    for method in ("GET", "POST"):
        answer = request(files.port, method, path, b"new" if method == "POST" else None, **BINARY)
        assert answer.status in {400, 403, 404}, (method, answer.body)
        assert b"secret" not in answer.body
        assert str(root.parent).encode() not in answer.body
    assert everything(root.parent) == before


def test_row_12_absolute_paths_outside(files: FileServerProcess, root: Path) -> None:
    for path in (f"{root.parent}/secret.txt", f"/{root}/a%20file.txt", f"{root}/../secret.txt"):
        assert request(files.port, "GET", path).status in {403, 404}


def test_row_12_writes(files: FileServerProcess, root: Path) -> None:
    answer = request(files.port, "POST", "/sub/new%20file.bin?x=1", b"\0\1" * 500, **BINARY)
    assert answer.status == 200
    assert isinstance(json.loads(answer.body)["message"], str)
    assert (root / "sub" / "new file.bin").read_bytes() == b"\0\1" * 500
    (root / "sub" / "new file.bin").chmod(0o640)
    assert request(files.port, "POST", "/sub/new%20file.bin", b"second", **BINARY).status == 200
    assert (root / "sub" / "new file.bin").read_bytes() == b"second"
    assert (root / "sub" / "new file.bin").stat().st_mode & 0o777 == 0o640
    assert sorted(everything(root / "sub")) == ["new file.bin", "page.html"]


def test_row_12_a_write_needs_the_flag(root: Path) -> None:
    server = run_file_server(0, root)
    before = everything(root)
    try:
        assert request(server.port, "POST", "/new.txt", b"new", **BINARY).status == 403
        assert request(server.port, "GET", "/a%20file.txt").status == 200
    finally:
        server.kill()
    assert everything(root) == before


def test_row_12_too_much(files: FileServerProcess, root: Path) -> None:
    before = everything(root)
    assert request(files.port, "POST", "/new.txt", b"x" * 1001, **BINARY).status == 413
    assert request(files.port, "POST", "/new.txt", iter([b"x" * 600] * 2), **BINARY).status == 413
    assert request(files.port, "POST", "/new.txt", b"x" * (1 << 22), **BINARY).status == 413
    assert everything(root) == before
    assert request(files.port, "POST", "/new.txt", b"x" * 1000, **BINARY).status == 200


@pytest.mark.parametrize("sent", [0, 1, 500, 999])
def test_row_12_an_upload_that_is_cut_leaves_nothing(files: FileServerProcess, root: Path, sent: int) -> None:
    before = everything(root)
    with socket.create_connection(("127.0.0.1", files.port)) as cut:
        head = (
            "POST /new.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\nContent-Length: 1000\r\n\r\n"
        )
        cut.sendall(head.encode() + b"x" * sent)
        if sent:
            # It has begun: the part is there.
            wait_for(lambda: len(everything(root)) > len(before))
    wait_for(lambda: everything(root) == before)
    assert request(files.port, "GET", "/new.txt").status == 404


class FullFile:
    """A file on a disk that is full: it is found out when the bytes are written, or with the last of them."""

    def __init__(self, file: Any, when: str) -> None:
        self._file = file
        self._when = when

    def write(self, data: bytes) -> None:
        self._fail("write")
        self._file.write(data)

    def close(self) -> None:
        self._file.close()
        self._fail("commit")

    def _fail(self, what: str) -> None:
        if what == self._when:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("when", ["write", "commit"])
def test_row_12_a_full_disk(
    files: FileServerProcess, root: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    before = everything(root)
    fdopen = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *args: FullFile(fdopen(*args), when))
    answer = request(files.port, "POST", "/a%20file.txt", b"x" * 1000, **BINARY)
    assert answer.status == 507
    assert json.loads(answer.body)["message"] == os.strerror(errno.ENOSPC)
    assert everything(root) == before
    monkeypatch.undo()
    assert request(files.port, "POST", "/a%20file.txt", b"new", **BINARY).status == 200


def test_row_12_the_server_ends_before_an_upload_has_begun(
    files: FileServerProcess, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part is made on a thread, and nobody is left to give it up when that is done."""
    before = everything(root)
    begun, gone = threading.Event(), threading.Event()
    place, leave = Shelf.place, ShelfHandler.on_connection_close

    def slow(shelf: Shelf, address: str) -> Path:
        begun.set()
        assert gone.wait(TIMEOUT)
        return place(shelf, address)

    def left(handler: ShelfHandler) -> None:
        leave(handler)
        gone.set()

    monkeypatch.setattr(Shelf, "place", slow)
    monkeypatch.setattr(ShelfHandler, "on_connection_close", left)
    with socket.create_connection(("127.0.0.1", files.port)) as client_of_files:
        head = (
            "POST /new.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\nContent-Length: 1000\r\n\r\n"
        )
        client_of_files.sendall(head.encode())
        assert begun.wait(TIMEOUT)
        files.kill()
    assert everything(root) == before


def wait_for(condition: Any) -> None:
    async def scenario() -> None:
        while not condition():  # noqa: ASYNC110 - the disk tells nobody
            await asyncio.sleep(0.005)

    run(scenario)


@pytest.mark.parametrize("length", ["abc", "-5", "5,6", "9" * 5000, "", "0x5"])
def test_row_12_a_length_that_is_no_number(
    files: FileServerProcess, root: Path, caplog: pytest.LogCaptureFixture, length: str
) -> None:
    before = everything(root)
    with socket.create_connection(("127.0.0.1", files.port), timeout=TIMEOUT) as sock:
        head = f"POST /new.txt HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\nContent-Length: {length}\r\n\r\n"
        sock.sendall(head.encode())
        assert sock.recv(100).startswith(b"HTTP/1.1 400 ")
    wait_for(lambda: everything(root) == before)
    assert not [record for record in caplog.records if record.exc_info]


def test_row_12_origins(files: FileServerProcess, root: Path) -> None:
    path = "/a%20file.txt"
    assert request(files.port, "GET", path, Origin=ALLOWED).headers["Access-Control-Allow-Origin"] == ALLOWED
    assert request(files.port, "OPTIONS", path, Origin=ALLOWED).headers["Access-Control-Allow-Methods"]
    for origin in ("http://evil.example", "null", "http://app.example", f"{ALLOWED}.evil.example"):
        answer = request(files.port, "GET", path, Origin=origin)
        assert "Access-Control-Allow-Origin" not in answer.headers
        preflight = request(files.port, "OPTIONS", path, Origin=origin)
        assert preflight.status == 200
        assert not [name for name in preflight.headers if name.lower().startswith("access-control")]
        refused = request(files.port, "POST", "/new.txt", b"x", Origin=origin, **BINARY)
        assert refused.status == 403
        assert b"`origins` of the files may have it" in refused.body
    assert request(files.port, "POST", "/new.txt", b"x", Origin=ALLOWED, **BINARY).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_row_12_a_form_writes_nothing(files: FileServerProcess, root: Path, kind: str) -> None:
    assert request(files.port, "POST", "/new.txt", b"x", Content_Type=kind).status == 415
    assert not (root / "new.txt").exists()


def test_row_12_the_host_has_to_be_ours(files: FileServerProcess) -> None:
    for host in ("evil.example", "192.168.1.1"):
        assert request(files.port, "GET", "/a%20file.txt", Host=host).status == 403


def test_row_12_a_root_has_to_be_given(tmp_path: Path) -> None:
    for wrong in (None, "", tmp_path / "nothing", __file__):
        with pytest.raises(ValueError, match="root_directory"):
            run_file_server(0, wrong)
        with pytest.raises(ValueError, match="root_directory"):
            IgorServer({}, {"file_server_config": {"enable": True, "root_directory": wrong}})
    with pytest.raises(ValueError, match="root_directory"):
        IgorServer({}, {"file_server": True})


@pytest.mark.parametrize("switch", [{"file_server": True}, {"file_server_config": {"enable": True}}])
def test_row_11_an_exit_stops_sockets_and_files(root: Path, switch: dict[str, Any]) -> None:
    def leave(output: Any, data: Any, **kwargs: Any) -> None:
        raise SystemExit

    files = {"port": 0, "root_directory": str(root), **switch.get("file_server_config", {})}

    async def scenario() -> None:
        assert request(int(server.file_url.split(":")[2].strip("/")), "GET", "/a%20file.txt").status == 200
        async with client(server) as raw:
            assert await raw.call("leave") == []
        assert await asyncio.to_thread(server.wait, 10)
        assert not server.running

    with serving({"leave": leave}, config={**switch, "file_server_config": files}) as server:
        port = int(server.file_url.split(":")[2].strip("/"))
        run(scenario)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


PROGRAM = """
import sys
from jupyter_trame.igor import IgorServer

def leave(output, data, **kwargs):
    sys.exit(3)

async def leave_later(output, data, **kwargs):
    sys.exit(3)

server = IgorServer({"leave": leave, "leave_later": leave_later}, {"logging": {"file_name": None}}, port=0)
server.start()
print(server.url, flush=True)
server.run_forever()
print("returned", flush=True)
"""


@pytest.mark.parametrize("action", ["leave", "leave_later"])
def test_row_11_run_forever_returns(action: str) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()

        async def scenario() -> None:
            from websockets.asyncio.client import connect

            async with connect(url, proxy=None) as socket_:
                await socket_.send(json.dumps({"streamId": 1, "action": action}))
                assert json.loads(await socket_.recv()) == {"streamId": 1, "close": True}

        run(scenario)
        assert program.wait(20) == 0
        assert program.stdout.read() == "returned\n"
