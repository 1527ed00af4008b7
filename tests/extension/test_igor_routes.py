"""Igor's sockets and files through jupyter-server: who gets in, and that what is said passes as it is."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from jupyter_trame.igor import IgorServer
from jupyter_trame.igor.around import KernelAround
from tests.extension.support import KernelProcess, until
from tests.extension.test_websocket import login_cookie


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a file.html").write_text("<b>a</b>" * 1000)
    return folder


@pytest.fixture
def robot(kernel: KernelProcess, files: Path) -> Iterator[IgorServer]:
    """A server of the kernel, on its own thread of this process."""

    async def echo(output: Any, data: Any, **kwargs: Any) -> None:
        output.send(data)

    config = {
        "file_server": True,
        "file_server_config": {"root_directory": files, "writable": True, "max_size": 10_000},
    }
    kernel.connection_file.parent.chmod(0o700)
    server = IgorServer({"echo": echo}, config, name="robot")
    server._start(KernelAround(kernel.connection_file))
    yield server
    server.stop()
    assert server.wait(10)


@pytest.fixture
def connect(robot: IgorServer, jp_ws_fetch: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    """Opens a websocket, as `jp_ws_fetch`; it is closed with the test."""
    opened: list[Any] = []

    async def connect(*address: str, **options: Any) -> Any:
        opened.append(await jp_ws_fetch(*address, **options))
        return opened[-1]

    yield connect

    async def end() -> None:
        for ws in opened:
            told = ws.close_code is not None
            ws.close()
            while not told and await ws.read_message() is not None:
                pass

    jp_asyncio_loop.run_until_complete(end())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def call(ws: Any, action: str, data: Any) -> Any:
    await ws.write_message(json.dumps({"streamId": 1, "action": action, "data": data}))
    answer = json.loads(await ws.read_message())
    assert json.loads(await ws.read_message()) == {"streamId": 1, "close": True}
    return answer["data"]


async def refused(opening: Any) -> int:
    with pytest.raises(HTTPClientError) as error:
        await opening
    return error.value.code


async def test_a_socket(robot: IgorServer, kernel: KernelProcess, connect: Any, extension: Any) -> None:
    assert robot.url == f"trame/igor/{kernel.id}/robot/ws"
    ws = await connect(*robot.url.split("/"))
    assert await call(ws, "echo", "é" * 100_000) == "é" * 100_000
    assert extension.current_activity() == 1
    ws.close(4000, "bye")
    await until(lambda: not robot.clients and extension.current_activity() is None)


async def test_the_end_of_the_server_reaches_the_client(
    robot: IgorServer, connect: Any, jp_ws_fetch: Any
) -> None:
    ws = await connect(*robot.url.split("/"))
    robot.stop()
    assert await ws.read_message() is None
    assert ws.close_code == 1001
    await asyncio.to_thread(robot.wait)
    assert await refused(jp_ws_fetch("trame", "igor", "x", "robot", "ws")) == 404


async def test_a_large_message_is_refused_by_the_kernel(robot: IgorServer, connect: Any) -> None:
    ws = await connect(*robot.url.split("/"))
    sent = asyncio.ensure_future(ws.write_message("x" * (10 * 2**20 + 1)))
    assert await ws.read_message() is None
    assert ws.close_code == 1009
    await asyncio.wait([sent])
    with contextlib.suppress(WebSocketClosedError):  # the connection may end before the rest was sent
        sent.result()


async def test_row_13_who_gets_in(robot: IgorServer, kernel: KernelProcess, jp_ws_fetch: Any) -> None:
    address = robot.url.split("/")
    assert await refused(jp_ws_fetch(*address, headers={"Authorization": ""})) == 403
    assert await refused(jp_ws_fetch(*address, headers={"Authorization": "token wrong"})) == 403
    for name in ("other", "..", "robot.json", "%2e%2e%2frobot"):
        assert await refused(jp_ws_fetch("trame", "igor", kernel.id, name, "ws")) == 404
    assert await refused(jp_ws_fetch("trame", "igor", "0" * 8, "robot", "ws")) == 404


async def test_row_13_a_foreign_page(
    robot: IgorServer, connect: Any, jp_ws_fetch: Any, jp_fetch: Any, jp_serverapp: Any, jp_http_port: int
) -> None:
    """A browser that is logged in: its cookie comes from any page, and the page's origin decides."""
    own = f"http://localhost:{jp_http_port}"
    cookie = await login_cookie(jp_fetch, jp_serverapp, jp_http_port)
    headers = {"Authorization": "", "Cookie": cookie, "Host": f"localhost:{jp_http_port}"}
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        foreign = {**headers, "Origin": origin}
        assert await refused(jp_ws_fetch(*robot.url.split("/"), headers=foreign)) == 403
        assert await refused(jp_ws_fetch("trame", "igor", "x", "y", "ws", headers=foreign)) == 403
    ws = await connect(*robot.url.split("/"), headers={**headers, "Origin": own})
    assert await call(ws, "echo", 1) == 1


async def test_what_is_no_websocket(robot: IgorServer, jp_fetch: Any) -> None:
    assert await refused(jp_fetch(*robot.url.split("/"))) == 400


async def test_a_server_that_is_full_says_so(kernel: KernelProcess, connect: Any, jp_ws_fetch: Any) -> None:
    full = IgorServer({}, {"max_clients": 1}, name="full")
    full._start(KernelAround(kernel.connection_file))
    try:
        address = full.url.split("/")
        await connect(*address)
        assert await refused(jp_ws_fetch(*address)) == 503
    finally:
        full.stop()
        await asyncio.to_thread(full.wait)


async def test_files(robot: IgorServer, files: Path, jp_fetch: Any) -> None:
    assert robot.file_url is not None
    address = robot.file_url.strip("/").split("/")
    answer = await jp_fetch(*address, "a file.html")
    assert answer.body == b"<b>a</b>" * 1000
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox;" in answer.headers["Content-Security-Policy"]
    part = await jp_fetch(*address, "a file.html", headers={"Range": "bytes=1-3"})
    assert (part.code, part.body) == (206, b"b>a")
    assert (
        await refused(jp_fetch(*address, "a file.html", headers={"If-None-Match": answer.headers["ETag"]}))
        == 304
    )
    head = await jp_fetch(*address, "a file.html", method="HEAD")
    assert (head.headers["Content-Length"], head.body) == ("8000", b"")
    assert await refused(jp_fetch(*address, "nothing")) == 404
    assert await refused(jp_fetch(*address, "..", "secret")) in {403, 404}


async def test_an_upload(robot: IgorServer, files: Path, jp_fetch: Any) -> None:
    address = str(robot.file_url).strip("/").split("/")
    answer = await jp_fetch(*address, "new.bin", method="POST", body=b"\0" * 10_000)
    assert answer.code == 200
    assert (files / "new.bin").read_bytes() == b"\0" * 10_000
    assert await refused(jp_fetch(*address, "more.bin", method="POST", body=b"\0" * 10_001)) == 413
    assert await refused(jp_fetch(*address, "no", "folder", method="POST", body=b"x")) == 404
    assert names(files) == ["a file.html", "new.bin"]


async def test_files_are_for_who_may_have_contents(
    robot: IgorServer, files: Path, jp_fetch: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(robot.file_url).strip("/").split("/")
    asked: list[tuple[str, str]] = []

    def is_authorized(handler: Any, user: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return action == "read"

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", is_authorized)
    assert (await jp_fetch(*address, "a file.html")).code == 200
    assert await refused(jp_fetch(*address, "new", method="POST", body=b"x")) == 403
    assert asked == [("read", "contents"), ("write", "contents")]
    assert not (files / "new").exists()
    nobody: Any = {"headers": {"Authorization": ""}, "follow_redirects": False}
    assert await refused(jp_fetch(*address, "a file.html", **nobody)) == 302, "to the login"
    assert await refused(jp_fetch(*address, "new", method="POST", body=b"x", **nobody)) == 403


async def test_an_upload_that_is_cut_leaves_nothing(
    robot: IgorServer,
    files: Path,
    http_server_client: Any,
    http_server_port: Any,
    jp_base_url: str,
    jp_auth_header: dict[str, str],
) -> None:
    port = http_server_port[-1]
    with socket.create_connection(("127.0.0.1", port)) as sock:
        head = [f"POST {jp_base_url}{robot.file_url}new HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        head += [f"{name}: {value}" for name, value in jp_auth_header.items()]
        sock.sendall("\r\n".join([*head, "Content-Length: 10000", "", ""]).encode() + b"x" * 5000)
        await until(lambda: len(names(files)) == 2)
    await until(lambda: len(names(files)) == 1)


async def test_an_upload_that_is_refused_before_it_has_come_costs_no_line_in_the_log(
    robot: IgorServer,
    files: Path,
    http_server_client: Any,
    http_server_port: Any,
    jp_base_url: str,
    jp_auth_header: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = http_server_port[-1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"POST {jp_base_url}{robot.file_url}new HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    head += [f"{name}: {value}" for name, value in jp_auth_header.items()]
    writer.write("\r\n".join([*head, "Content-Length: 1000000", "", ""]).encode() + b"x" * 1000)
    async with asyncio.timeout(10):
        assert b" 413 " in await reader.readline()
        writer.write(b"x" * 999_000)
        answer = await reader.readuntil(b"}")
        assert b"at most 10000 bytes" in answer
        # The connection goes on, when the rest of the upload was dropped.
        writer.write("\r\n".join([head[0].replace("POST", "HEAD"), *head[1:], "", ""]).encode())
        assert b" 404 " in await reader.readline()
    writer.close()
    assert names(files) == ["a file.html"]
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("length", ["abc", "5,6", "9" * 5000])
async def test_a_length_that_is_no_number(
    robot: IgorServer,
    files: Path,
    http_server_client: Any,
    http_server_port: Any,
    jp_base_url: str,
    jp_auth_header: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    length: str,
) -> None:
    port = http_server_port[-1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"POST {jp_base_url}{robot.file_url}new HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    head += [f"{name}: {value}" for name, value in jp_auth_header.items()]
    writer.write("\r\n".join([*head, f"Content-Length: {length}", "", ""]).encode())
    async with asyncio.timeout(10):
        assert b" 400 " in await reader.readline()
    writer.close()
    await until(lambda: names(files) == ["a file.html"])
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
