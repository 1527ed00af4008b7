"""What tornado's log says of requests that fail."""

import asyncio
import logging

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError

from jupyter_trame.transports.tornado_log import LogsNoQuery


class _Failing(LogsNoQuery):
    def get(self, kind: str) -> None:
        if kind == "refused":
            raise HTTPError(409, "not %s", self.get_argument("name"))
        raise ValueError("no")


def test_queries_are_left_out_and_words_of_clients_are_escaped(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        (sock,) = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(Application([(r"/(.*)", _Failing)]))
        server.add_sockets([sock])
        for path, status in (("refused", 409), ("broken", 500), ("%ff", 400)):
            url = f"http://127.0.0.1:{sock.getsockname()[1]}/{path}?token=private&name=a%1bforged"
            assert (await AsyncHTTPClient().fetch(url, raise_error=False)).code == status
        server.stop()
        await server.close_all_connections()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    # jupyter-server gives the loggers of tornado its own name, in a process that it ran in.
    said = [record.getMessage() for record in caplog.records if not record.getMessage().endswith("ms")]
    assert said[0].startswith("409 GET /refused (127.0.0.1): not a")
    assert said[1] == "Uncaught exception GET /broken (127.0.0.1)"
    assert said[2].startswith("400 GET /%ff (127.0.0.1): ")
    assert not any("private" in line or "\x1b" in line for line in said)
