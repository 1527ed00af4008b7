"""What a handler knows of its answer, against what tornado sends."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError

from jupyter_trame.transports.tornado_answer import ReadableAnswer


class _Answer(ReadableAnswer):
    known: dict[str, Any]
    """By address, what the handler knew when it had set all."""

    def initialize(self, known: dict[str, Any]) -> None:
        self.known = known

    def set_default_headers(self) -> None:
        self.set_header("X-Default", "given")

    def _note(self) -> None:
        self.known[self.request.path] = (self.answer_headers.copy(), self.answer_reason)

    def get(self, kind: str) -> None:
        self.set_header("X-Text", "text")
        self.set_header("X-Number", 7)
        self.set_header("X-Bytes", b"\xe4")
        self.set_header("X-Cleared", "gone")
        self.clear_header("X-Cleared")
        self.clear_header("X-Never-Set")
        self.add_header("X-Twice", "first")
        self.add_header("x-twice", "second")
        if kind == "refused":
            raise HTTPError(409, reason="Not Now")
        if kind == "missing":
            raise HTTPError(404)
        self.set_header("Last-Modified", datetime(2026, 1, 1, tzinfo=UTC))
        self._note()
        self.finish("done")

    def write_error(self, status_code: int, **_: Any) -> None:
        self._note()
        self.finish(f"{status_code}")


async def _ask(*paths: str) -> tuple[dict[str, Any], dict[str, HTTPResponse]]:
    known: dict[str, Any] = {}
    (sock,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([(r"/(.*)", _Answer, {"known": known})]))
    server.add_sockets([sock])
    base = f"http://127.0.0.1:{sock.getsockname()[1]}"
    sent = {path: await AsyncHTTPClient().fetch(base + path, raise_error=False) for path in paths}
    server.stop()
    await server.close_all_connections()
    return known, sent


def test_the_headers_are_those_that_are_sent() -> None:
    known, sent = asyncio.run(_ask("/some"))
    headers, reason = known["/some"]
    assert reason == "OK"
    later = {"Connection", "Content-Length", "Etag"}
    assert set(headers) - later == set(sent["/some"].headers) - later
    for name in ("X-Default", "X-Text", "X-Number", "X-Bytes", "X-Twice"):
        assert headers.get_list(name) == sent["/some"].headers.get_list(name)
    assert headers["X-Twice"] == "first,second"


def test_an_error_begins_with_the_defaults_again() -> None:
    known, sent = asyncio.run(_ask("/refused", "/missing"))
    headers, reason = known["/refused"]
    assert reason == sent["/refused"].reason == "Not Now"
    assert set(headers) == {"Content-Type", "Date", "Server", "X-Default"}
    assert known["/missing"][1] == sent["/missing"].reason == "Not Found"
