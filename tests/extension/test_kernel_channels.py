"""The websocket of a gateway, played by a server with one socket; `tests/e2e/test_gateway.py` has a real gateway."""

import asyncio
import gc
import socket
import struct
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.session import Session
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, HTTPError
from tornado.websocket import WebSocketHandler

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernel_channels import KernelGoneError, is_remote, open_channel
from tests.extension.support import until

LIMIT = 1 << 20


class Socket(WebSocketHandler):
    """Sends back what comes, and then closes when it is told to."""

    async def prepare(self) -> None:
        if self.application.settings["refuses"]:
            raise HTTPError(self.application.settings["refuses"][0])
        self.application.settings["asked"].set()
        await self.application.settings["answers"].wait()

    def open(self, kernel_id: str) -> None:
        assert kernel_id == "k"
        self.application.settings["open"].add(self)

    def on_close(self) -> None:
        self.application.settings["open"].discard(self)
        self.application.settings["left"].set()

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

    asked, answers, left, sockets = asyncio.Event(), asyncio.Event(), asyncio.Event(), set[Socket]()
    refuses: list[int] = []
    answers.set()

    async def serve() -> HTTPServer:
        routes = [(r"/api/kernels/(.*)/channels", Socket)]
        settings: dict[str, Any] = {"asked": asked, "answers": answers, "left": left, "open": sockets}
        settings["refuses"] = refuses
        server = HTTPServer(Application(routes, websocket_max_message_size=LIMIT, **settings))
        server.add_socket(sock)
        return server

    server = jp_asyncio_loop.run_until_complete(serve())
    client.url = f"http://127.0.0.1:{port}"
    manager = GatewayKernelManager.__new__(GatewayKernelManager)
    yield SimpleNamespace(
        server=server,
        manager=manager,
        asked=asked,
        answers=answers,
        left=left,
        sockets=sockets,
        refuses=refuses,
    )
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


async def test_a_message_over_the_limit_of_the_gateway_is_told_from_other_ends(gateway: Any) -> None:
    reasons: list[str] = []
    channel = await open_channel(gateway.manager, "k", lambda *_: None, reasons.append)
    assert not channel.too_large
    # All but the header of the websocket's frame is held back, so that nothing resets the connection.
    sock = channel._socket.protocol.stream.socket  # type: ignore[attr-defined]
    sock.send(b"\x81\xff" + (LIMIT + 1).to_bytes(8, "big") + bytes(4))
    await until(lambda: reasons)
    assert channel.too_large
    channel.close()


async def test_a_gateway_that_is_not_there(gateway: Any) -> None:
    gateway.server.stop()
    with pytest.raises(LinkError, match="the gateway of this kernel does not answer"):
        await open_channel(gateway.manager, "k", lambda *_: None, lambda _: None)


@pytest.mark.parametrize(
    ("code", "gone", "words"),
    [
        (404, True, "the gateway has this kernel no more: it was started again, or the kernel ended"),
        (403, False, "the gateway of this kernel does not let the Jupyter server in: HTTP 403"),
        (502, False, "the gateway of this kernel does not answer: HTTP 502"),
    ],
)
async def test_a_gateway_that_refuses(gateway: Any, code: int, gone: bool, words: str) -> None:
    gateway.refuses.append(code)
    with pytest.raises(LinkError, match=words) as caught:
        await open_channel(gateway.manager, "k", lambda *_: None, lambda _: None)
    assert isinstance(caught.value, KernelGoneError) is gone


async def test_who_waits_no_more_leaves_no_connection(gateway: Any) -> None:
    gateway.answers.clear()
    opening = asyncio.ensure_future(open_channel(gateway.manager, "k", lambda *_: None, lambda _: None))
    await gateway.asked.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    gateway.answers.set()
    await gateway.left.wait()


async def test_a_connection_that_breaks_with_much_to_write_is_told_once(gateway: Any) -> None:
    reasons: list[str] = []
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    channel = await open_channel(gateway.manager, "k", lambda *_: None, reasons.append)
    await until(lambda: gateway.sockets)
    (other,) = gateway.sockets
    for _ in range(40):
        channel.send("shell", "comm_msg", {"comm_id": "c" * (500 << 10)})
    reset = struct.pack("ii", 1, 0)
    other.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
    other.ws_connection.stream.close()
    await until(lambda: reasons)
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
    assert reasons == ["the connection to the gateway ended"]


class Shells:
    """A client of jupyter_client whose sockets give what the test says."""

    def __init__(self) -> None:
        self.messages: dict[str, asyncio.Queue[Any]] = {}
        self.stopped = 0
        self.session = Session(key=b"key")
        for name in ("shell", "control", "iopub"):
            self.messages[name] = asyncio.Queue()
            setattr(self, f"{name}_channel", SimpleNamespace(get_msg=partial(self._get, name)))

    def start_channels(self, *, stdin: bool, hb: bool) -> None: ...

    def stop_channels(self) -> None:
        self.stopped += 1

    async def _get(self, name: str) -> Any:
        message = await self.messages[name].get()
        if isinstance(message, Exception):
            raise message
        return message


async def test_each_connection_has_a_name_of_its_own() -> None:
    session = Session(key=b"key")
    clients = [Shells(), Shells()]
    for client in clients:
        client.session = session
        channel = await open_channel(
            SimpleNamespace(client=lambda client=client: client), "k", lambda *_: None, lambda _: None
        )
        channel.close()
    names = {each.bsession for each in (session, *(client.session for client in clients))}
    assert len(names) == 3
    assert {client.session.key for client in clients} == {b"key"}


async def test_one_socket_that_fails_ends_the_others() -> None:
    shells, reasons, got = Shells(), list[str](), list[str]()

    def take(name: str, message: Any) -> None:
        got.append(message["text"])

    channel = await open_channel(SimpleNamespace(client=lambda: shells), "k", take, reasons.append)
    shells.messages["shell"].put_nowait({})
    shells.messages["shell"].put_nowait({"text": "behind one that nobody understands"})
    await until(lambda: got)
    shells.messages["shell"].put_nowait(ValueError("Invalid Signature"))
    shells.messages["iopub"].put_nowait(ValueError("Invalid Signature"))
    await until(lambda: reasons)
    await asyncio.wait(channel._tasks)  # type: ignore[attr-defined]
    assert reasons == ["the connection to the kernel ended: Invalid Signature"]
    assert shells.stopped


def test_which_kernels_run_elsewhere() -> None:
    assert not is_remote(SimpleNamespace())
    assert not is_remote(SimpleNamespace(provisioner=None))
    assert is_remote(SimpleNamespace(provisioner=object()))


async def test_an_answer_that_comes_while_the_next_message_is_sent_is_read() -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as control,
        context.socket(zmq.ROUTER) as shell,
        context.socket(zmq.PUB) as iopub,
    ):
        control.rcvtimeo = 10_000
        sockets = {"control_port": control, "shell_port": shell, "iopub_port": iopub}
        info: Any = {name: sock.bind_to_random_port("tcp://127.0.0.1") for name, sock in sockets.items()}
        client = AsyncKernelClient()
        client.load_connection_info(info | {"ip": "127.0.0.1", "transport": "tcp", "key": ""})
        answers, ended = asyncio.Queue[Any](), list[str]()
        manager = SimpleNamespace(client=lambda: client)
        channel = await open_channel(
            manager, "k", lambda _, message: answers.put_nowait(message), ended.append
        )
        await asyncio.sleep(0)  # it waits for answers now
        asked = []
        for _ in range(50):  # the loop does not turn, so that nothing is read meanwhile
            asked.append(channel.send("control", "kernel_info_request", {}))
            control.send_multipart(control.recv_multipart())
        async with asyncio.timeout(10):
            assert [(await answers.get())["header"]["msg_id"] for _ in asked] == asked
        channel.close()
        assert not ended
