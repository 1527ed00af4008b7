"""Connections to kernels that run elsewhere: Jupyter's messages, as a client of the kernel has them.

jupyter-server's own client of a gateway is not used: its connection ends with the first message that has buffers, and
it asks its queues in a loop that never waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol
from uuid import uuid4

from jupyter_client.jsonutil import json_default
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.session import Session
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager
from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    serialize_binary_message,
)
from jupyter_server.utils import url_path_join
from tornado.escape import url_escape
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from jupyter_trame.errors import LinkError

__all__ = ["KernelChannel", "KernelGoneError", "OnClosed", "OnMessage", "is_remote", "open_channel"]

_logger = logging.getLogger(__name__)

_MESSAGE = 100 << 20
"""Bytes of a message of the kernel, whoever it is for: a notebook's outputs pass here too."""
_PING = 25.0
"""Seconds between pings; a gateway that answers none is gone."""
_TOO_LARGE = 1009
"""The close code of who refuses a message for its size (RFC 6455)."""


class KernelGoneError(LinkError):
    """The gateway answers, and has no such kernel: it will not come back."""


OnMessage = Callable[[str, Mapping[str, Any]], object]
"""``(channel, message)``: of ``"shell"``, ``"control"`` or ``"iopub"``, and a message as jupyter_client has it."""
OnClosed = Callable[[str], object]
"""Why the connection ended."""


class KernelChannel(Protocol):
    """An open connection to one kernel. On the thread of its loop."""

    may_receive_buffers: bool
    """Whether the kernel may send buffers: all its clients get them, and some of them would break."""

    @property
    def too_large(self) -> bool:
        """Whether the other side ended the connection because of a message over its limit, and said so."""

    def send(
        self,
        channel: str,
        kind: str,
        content: Mapping[str, Any],
        *,
        buffers: Sequence[bytes] = (),
        subshell: str | None = None,
    ) -> str:
        """Send a message of type `kind`, to a subshell of the kernel if one is named; the message's id."""

    def close(self) -> None:
        """End the connection; nobody is called back any more. More than once is harmless."""


def is_remote(manager: object) -> bool:
    """Whether the kernel of jupyter-server's `manager` runs where its files and sockets are not ours."""
    if isinstance(manager, GatewayKernelManager):
        return True
    provisioner = getattr(manager, "provisioner", None)
    return provisioner is not None and not isinstance(provisioner, LocalProvisioner)


async def open_channel(
    manager: Any, kernel_id: str, on_message: OnMessage, on_closed: OnClosed
) -> KernelChannel:
    """Connect to the kernel of `manager`. Raises `LinkError` with a sentence for the user; cancelling is safe."""
    if isinstance(manager, GatewayKernelManager):
        return await _GatewayChannel.open(kernel_id, on_message, on_closed)
    return _ClientChannel(manager.client(), on_message, on_closed)


def _message(
    session: Session, kind: str, content: Mapping[str, Any], buffers: Sequence[bytes], subshell: str | None
) -> dict[str, Any]:
    message: dict[str, Any] = session.msg(kind, dict(content))
    if subshell is not None:
        message["header"]["subshell_id"] = subshell
    message["buffers"] = list(buffers)
    return message


class _GatewayChannel:
    """The websocket of a kernel behind a Kernel Gateway or an Enterprise Gateway."""

    may_receive_buffers = False

    def __init__(
        self, websocket: WebSocketClientConnection, on_message: OnMessage, on_closed: OnClosed
    ) -> None:
        self._socket = websocket
        self._session = Session()
        self._on_message = on_message
        self._on_closed = on_closed
        self._task = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, kernel_id: str, on_message: OnMessage, on_closed: OnClosed) -> _GatewayChannel:
        gateway = GatewayClient.instance()
        url = url_path_join(gateway.ws_url or "", gateway.kernels_endpoint, url_escape(kernel_id), "channels")
        request = HTTPRequest(url, **gateway.load_connection_args())  # type: ignore[no-untyped-call]
        opening = asyncio.ensure_future(
            websocket_connect(request, ping_interval=_PING, max_message_size=_MESSAGE)
        )
        try:
            websocket = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Tornado goes on with a connection that nobody waits for any more.
            opening.add_done_callback(_close_late)
            raise
        except HTTPClientError as error:
            raise _refusal(error) from error
        except Exception as error:
            raise LinkError(f"the gateway of this kernel does not answer: {error}") from error
        return cls(websocket, on_message, on_closed)

    def send(
        self,
        channel: str,
        kind: str,
        content: Mapping[str, Any],
        *,
        buffers: Sequence[bytes] = (),
        subshell: str | None = None,
    ) -> str:
        message = {**_message(self._session, kind, content, buffers, subshell), "channel": channel}
        packed = _packed(message) if buffers else json.dumps(message, default=json_default)
        with contextlib.suppress(WebSocketClosedError):  # `_read` tells of it
            written = asyncio.ensure_future(self._socket.write_message(packed, binary=bool(buffers)))
            written.add_done_callback(_look)
        return str(message["msg_id"])

    @property
    def too_large(self) -> bool:
        return self._socket.close_code == _TOO_LARGE

    def close(self) -> None:
        self._task.cancel()
        self._socket.close()

    async def _read(self) -> None:
        while (packed := await self._socket.read_message()) is not None:
            self._acknowledge_at_once()
            try:
                message = json.loads(packed) if isinstance(packed, str) else _unpacked(packed)
                self._on_message(str(message["channel"]), message)
            except Exception as error:
                _logger.warning("a message of a gateway was not handled", exc_info=error)
        self._socket.close()  # the other side did, which tornado does not take for ours
        self._on_closed("the connection to the gateway ended")

    def _acknowledge_at_once(self) -> None:
        """A gateway keeps small messages back until the one before is acknowledged (Nagle's algorithm is on in it).

        Linux would wait for 40 ms with that. It forgets this option again, see tcp(7).
        """
        protocol = self._socket.protocol
        # A stream that was closed meanwhile has no socket.
        sock = getattr(getattr(protocol, "stream", None), "socket", None)
        if sock is not None and hasattr(socket, "TCP_QUICKACK"):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _look(written: asyncio.Future[None]) -> None:
    """What ends a connection ends all that wait to be written; `_read` tells of it once."""
    if not written.cancelled():
        written.exception()


def _refusal(error: HTTPClientError) -> LinkError:
    match error.code:
        case HTTPStatus.NOT_FOUND:
            return KernelGoneError(
                "the gateway has this kernel no more: it was started again, or the kernel ended"
            )
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return LinkError(f"the gateway of this kernel does not let the Jupyter server in: {error}")
    return LinkError(f"the gateway of this kernel does not answer: {error}")


def _close_late(opening: asyncio.Future[WebSocketClientConnection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _packed(message: Mapping[str, Any]) -> bytes:
    packed: bytes = serialize_binary_message(message)  # type: ignore[no-untyped-call]
    return packed


def _unpacked(packed: bytes) -> dict[str, Any]:
    message: dict[str, Any] = deserialize_binary_message(packed)  # type: ignore[no-untyped-call]
    return message


class _ClientChannel:
    """The sockets of a kernel that a provisioner started elsewhere."""

    may_receive_buffers = True
    too_large = False

    def __init__(self, client: Any, on_message: OnMessage, on_closed: OnClosed) -> None:
        """`client`: an `AsyncKernelClient` of jupyter_client that nobody else uses."""
        # All clients of a manager have its session, and by its name a kernel knows whom it answers: the newest.
        client.session = client.session.clone()
        client.session.session = uuid4().hex
        self._client = client
        self._on_message = on_message
        self._on_closed = on_closed
        client.start_channels(stdin=False, hb=False)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._read(name)) for name in ("shell", "control", "iopub")]

    def send(
        self,
        channel: str,
        kind: str,
        content: Mapping[str, Any],
        *,
        buffers: Sequence[bytes] = (),
        subshell: str | None = None,
    ) -> str:
        session = self._client.session
        message = _message(session, kind, content, (), subshell)
        # Past the channel's own `send`, which takes the news of what has come from the socket and tells `_read` nothing
        # of it: an answer to the message before would lie there for ever.
        sent = self._channel(channel).socket.send_multipart([*session.serialize(message), *buffers])
        sent.add_done_callback(_look)
        return str(message["msg_id"])

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._client.stop_channels()

    def _channel(self, name: str) -> Any:
        return getattr(self._client, f"{name}_channel")

    async def _read(self, name: str) -> None:
        channel = self._channel(name)
        while True:
            try:
                message = await channel.get_msg()
            except Exception as error:  # noqa: BLE001 - whatever ends one socket ends the connection
                self.close()
                self._on_closed(f"the connection to the kernel ended: {error}")
                return
            try:
                self._on_message(name, message)
            except Exception as error:
                _logger.warning("a message of a kernel was not handled", exc_info=error)
