"""The websocket of a gateway, played by a server with one socket; `tests/e2e/test_gateway.py` has a real gateway."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernel_channels import is_remote, open_channel
from tests.extension.support import until


class Socket(WebSocketHandler):
    """Sends back what comes, and then closes when it is told to."""

    def open(self, kernel_id: str) -> None:
        assert kernel_id == "k"

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, str) and "goodbye" in message:
            self.write_message("no JSON")
            self.close()
        else:
            self.write_message(message, binary=isinstance(message, bytes))


@pytest.fixture
def gateway(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    GatewayClient.clear_instance()
    client = GatewayClient.instance()
    sock, port = bind_unused_port()

    async def serve() -> HTTPServer:
        server = HTTPServer(Application([(r"/api/kernels/(.*)/channels", Socket)]))
        server.add_socket(sock)
        return server

    server = jp_asyncio_loop.run_until_complete(serve())
    client.url = f"http://127.0.0.1:{port}"
    yield SimpleNamespace(server=server, manager=GatewayKernelManager.__new__(GatewayKernelManager))
    server.stop()
    jp_asyncio_loop.run_until_complete(server.close_all_connections())
    GatewayClient.clear_instance()


async def test_messages_pass_with_and_without_buffers(gateway: Any) -> None:
    messages: list[tuple[str, Any]] = []
    reasons: list[str] = []
    channel = await open_channel(
        gateway.manager, "k", lambda name, message: messages.append((name, message)), reasons.append
    )
    assert channel.may_receive_buffers is False
    number = channel.send("control", "kernel_info_request", {}, subshell="s")
    channel.send("shell", "comm_msg", {"comm_id": "c"}, buffers=[b"\xff\x00"])
    await until(lambda: len(messages) == 2)
    (first, info), (second, comm) = messages
    assert (first, second) == ("control", "shell")
    assert (info["msg_id"], info["header"]["subshell_id"], info["buffers"]) == (number, "s", [])
    assert [bytes(buffer) for buffer in comm["buffers"]] == [b"\xff\x00"]
    assert "subshell_id" not in comm["header"]
    channel.send("shell", "goodbye", {})
    await until(lambda: reasons)
    assert reasons == ["the connection to the gateway ended"]
    channel.send("shell", "too late", {})
    channel.close()
    channel.close()


async def test_a_gateway_that_is_not_there(gateway: Any) -> None:
    gateway.server.stop()
    with pytest.raises(LinkError, match="the gateway of this kernel does not answer"):
        await open_channel(gateway.manager, "k", lambda *_: None, lambda _: None)


def test_which_kernels_run_elsewhere() -> None:
    assert not is_remote(SimpleNamespace())
    assert not is_remote(SimpleNamespace(provisioner=None))
    assert is_remote(SimpleNamespace(provisioner=object()))
