"""What clients write gets into logs on one line each, short, and not too often."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from tornado.web import HTTPError

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.api_apps import StartAppHandler
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.sending import FileSender
from jupyter_trame.extension.starts import Starts
from jupyter_trame.extension.websocket import TrameSocket
from jupyter_trame.kernel.endpoint import KernelEndpoint
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Fetch, Join
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.protocol.packing import pack
from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.transports.listener import LinkListener
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.web.tornado_handlers import log_request

MANY = 300
FORGED = "x\nERROR root: \x1b[2J\u202e\x00" + "y" * 1_000_000
LOGGER = logging.getLogger("jupyter_trame.test_log")

Act = Callable[[], Awaitable[None]]


def later(value: BaseException) -> asyncio.Future[Any]:
    future = asyncio.get_running_loop().create_future()
    future.set_exception(value)
    return future


def endpoint() -> Act:
    place = KernelEndpoint(asyncio.get_running_loop(), mock.Mock(), mock.Mock(), mock.Mock(), Limits())
    error = OSError(5, "EIO", "a file")

    async def act() -> None:
        place._fetched(mock.Mock(), Fetch(1, FORGED, 0, 1), later(error))

    return act


def stream() -> Act:
    complaints = Complaints(LOGGER)
    header = pack([FORGED])
    frame = (len(header) + 4).to_bytes(4, "little") + len(header).to_bytes(4, "little") + header
    valid = b"".join(encode_op(Join("replica", "slug", bytes(32))))

    def refuse(_: object) -> None:
        raise LinkError(FORGED)

    async def act() -> None:
        for data in (frame, valid):
            near, far = socket.socketpair()
            ended = asyncio.Event()
            StreamLink(
                near,
                asyncio.get_running_loop(),
                on_ops=refuse,
                on_closed=lambda _, ended=ended: ended.set(),
                complaints=complaints,
            )
            far.setblocking(False)
            with far:
                with contextlib.suppress(OSError):  # it is hung up on before all is said
                    await asyncio.get_running_loop().sock_sendall(far, data)
                await ended.wait()

    return act


def listener() -> Act:
    place = LinkListener("tcp:127.0.0.1:0")
    place.start(asyncio.get_running_loop(), lambda _: None)
    place._sock.close()
    place._sock = mock.Mock(accept=mock.Mock(side_effect=OSError(24, FORGED)))

    async def act() -> None:
        with mock.patch.object(place, "_pause"):
            place._accept(lambda _: None)

    return act


def kernels() -> Act:
    place = Kernels(mock.Mock(), LOGGER)
    numbers = iter(range(MANY))

    async def act() -> None:
        place.report(f"{next(numbers)} {FORGED}")

    return act


def request_log() -> Act:
    complaints = Complaints(LOGGER)
    request = SimpleNamespace(method=FORGED, path=FORGED)
    handler = mock.Mock(request=request, get_status=lambda: 500)

    async def act() -> None:
        log_request(complaints, handler)

    return act


THROTTLED: list[Callable[[], Act]] = [endpoint, stream, listener, kernels, request_log]


def shown(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("jupyter_trame")]


def is_clean(line: str) -> bool:
    return line.isprintable() and len(line) < 5000


@pytest.mark.parametrize("place", THROTTLED, ids=lambda place: place.__name__)
def test_clients_neither_flood_nor_forge_the_log(
    place: Callable[[], Act], caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        act = place()
        for _ in range(MANY):
            await act()

    begin = time.monotonic()
    with caplog.at_level(logging.DEBUG, "jupyter_trame"):
        asyncio.run(scenario())
    lines = shown(caplog)
    assert 0 < len(lines) <= 51 + 2 * (time.monotonic() - begin), "50 at once, then two a second"
    assert all(map(is_clean, lines)), [line[:200] for line in lines if not is_clean(line)][:3]


async def api() -> None:
    control = AppControl(*(mock.Mock() for _ in range(5)), timeout=1.0)
    handler = mock.Mock(_control=control, _starts=Starts(), get_query_argument=lambda _, default: default)
    await inspect.unwrap(StartAppHandler.post)(handler, FORGED)


async def websocket() -> None:
    handler = mock.Mock(_relays=mock.Mock(find=mock.AsyncMock(return_value=None)))
    await inspect.unwrap(TrameSocket.get)(handler, FORGED, FORGED)


async def sending() -> None:
    files = mock.Mock(find=mock.AsyncMock(side_effect=LinkError(FORGED)))
    handler = mock.Mock(request=SimpleNamespace(query=""))
    await FileSender.send_file(handler, files, FORGED, include_body=True)


async def sending_body() -> None:
    found = mock.Mock(read=mock.AsyncMock(side_effect=LinkError(FORGED)))
    await FileSender._send_body(mock.Mock(), found, 0, 1)


async def sending_body_to_its_end() -> None:
    found = mock.Mock(read=mock.AsyncMock(side_effect=[b"begun", LinkError(FORGED)]))
    await FileSender._send_body(mock.Mock(flush=mock.AsyncMock(), log=LOGGER), found, 0, 6)


@pytest.mark.parametrize(
    "request_",
    [api, websocket, sending, sending_body, sending_body_to_its_end],
    ids=lambda call: call.__name__,
)
def test_a_request_that_jupyter_server_logs_forges_nothing(
    request_: Act, caplog: pytest.LogCaptureFixture
) -> None:
    """jupyter-server writes a line for each request that fails: ours are as many, and as short."""
    with caplog.at_level(logging.DEBUG, "jupyter_trame"):
        try:
            asyncio.run(request_())  # type: ignore[arg-type]
        except HTTPError as error:
            lines = [str(error.log_message) % error.args]
        else:
            lines = shown(caplog)
    assert len(lines) == 1
    assert all(map(is_clean, lines))
    assert "ERROR root" in lines[0], "it is said, but escaped"
