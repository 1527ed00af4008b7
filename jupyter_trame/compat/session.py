"""`trame_server.client.WsLinkSession`: calls and subscriptions over a websocket that the program opened."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable
from typing import Any, ClassVar, Self

from jupyter_trame.compat.wire import UnChunker, generate_chunks
from jupyter_trame.errors import ProtocolError, RemoteError, SerializationError
from jupyter_trame.execution.asynchronous import decorate_task, get_event_loop
from jupyter_trame.names import HELLO, HELLO_ID
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.packing import pack

__all__ = ["UnpackableArgumentError", "WsLinkSession"]

_logger = logging.getLogger("trame_server.client")


class UnpackableArgumentError(SerializationError, TypeError):
    """An argument of a call cannot be packed: a `TypeError`, as it is where msgpack alone packs."""

    @classmethod
    def of(cls, error: SerializationError) -> Self:
        """`error` as one of these."""
        made = cls(error.key, None, error.reason, error.what)
        made.type_name, made.args = error.type_name, error.args
        return made

    def __str__(self) -> str:
        return f"can not serialize: {super().__str__()}"


class WsLinkSession:
    """One client of a server. `ws` is a websocket as aiohttp's `ws_connect` gives it; it is the caller's to open.

    `listen` has to run beside the calls. A `Client` does all this by itself.
    """

    AUTH_ID: ClassVar[str] = HELLO_ID
    """The id of the hello."""

    def __init__(self, ws: Any) -> None:
        self.ws = ws
        self.loop = get_event_loop()
        self.subscriptions: dict[str, list[Callable[..., Any]]] = {}
        """The callbacks of each topic."""
        self.in_flight_rpc: dict[str, asyncio.Future[Any]] = {}
        """The calls that are not answered yet."""
        self._client_id: str | None = None
        self._numbers = itertools.count(1)
        self._frame_size = 0
        self._unchunker = UnChunker()
        self._unchunker.set_max_message_size(Limits().message)

    @property
    def client_id(self) -> str | None:
        """The name that the server gave to the client; None before."""
        return self._client_id

    async def auth(self, **hello: Any) -> asyncio.Future[Any]:
        """Say hello, with a ``secret``. What it returns is awaited for the answer; see `call`."""
        return await self._request(self.AUTH_ID, HELLO, [hello], {})

    async def call(
        self, method: str, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> asyncio.Future[Any]:
        """Send a call. What it returns is awaited for the answer, and raises `RemoteError` where the method failed.

        Raises `UnpackableArgumentError`, and ConnectionError where there is no websocket.
        """
        request_id = f"rpc:{self.client_id}:{next(self._numbers)}"
        return await self._request(request_id, method, list(args or ()), dict(kwargs or {}))

    def register_subscription(self, topic: str, callback: Callable[..., Any]) -> None:
        """Call ``callback(data)`` for each publication of `topic`; what it raises is logged."""
        self.subscriptions.setdefault(topic, []).append(callback)

    def unregister_subscription(self, topic: str, callback: Callable[..., Any]) -> None:
        """Undo `register_subscription`; one that is not there is ignored."""
        callbacks = self.subscriptions.get(topic, [])
        if callback in callbacks:
            callbacks.remove(callback)
        if not callbacks:
            self.subscriptions.pop(topic, None)

    def clear_subscriptions(self) -> None:
        """Nobody is called any more."""
        self.subscriptions.clear()

    async def listen(self) -> None:
        """Take what comes until the connection ends; calls that are open then raise ConnectionError.

        Raises `ProtocolError` for what is no message.
        """
        try:
            async for message in self.ws:
                await self._take(message)
        except ProtocolError:
            await self.close()
            raise
        finally:
            self._end_calls()

    async def close(self) -> None:
        """End the connection; `listen` returns."""
        if self.ws is not None:
            await self.ws.close()

    async def on_msg_complete(self, message: Mapping[str, Any]) -> None:
        """Deal with one message of the server: a publication, an answer, or what nobody waits for."""
        message_id = message.get("id")
        if not isinstance(message_id, str):
            return
        kind, _, rest = message_id.partition(":")
        if kind == "publish":
            self._publish(rest.rpartition(":")[0], message.get("result"))
            return
        error, result = message.get("error"), message.get("result")
        if message_id == self.AUTH_ID and isinstance(result, dict):
            self._client_id = result.get("clientID")
            self._frame_size = result.get("maxMsgSize") or 0
        future = self.in_flight_rpc.pop(message_id, None)
        if future is None and error is not None:
            _logger.error("Server error: %s", error)
        if future is None or future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(RemoteError(error if isinstance(error, dict) else {"message": error}))

    async def _request(
        self, request_id: str, method: str, args: list[Any], kwargs: dict[str, Any]
    ) -> asyncio.Future[Any]:
        request = {"wslink": "1.0", "id": request_id, "method": method, "args": args, "kwargs": kwargs}
        try:
            packed = pack(request, method)
        except SerializationError as error:
            raise UnpackableArgumentError.of(error) from error
        if self.ws is None:
            raise ConnectionError("this session has no websocket to send over")
        future = self.in_flight_rpc[request_id] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda _: self.in_flight_rpc.pop(request_id, None))
        try:
            for frame in generate_chunks(packed, self._frame_size):
                await self.ws.send_bytes(bytes(frame))
        except BaseException:
            future.cancel()
            raise
        return future

    def _end_calls(self) -> None:
        calls, self.in_flight_rpc = self.in_flight_rpc, {}
        for future in calls.values():
            if not future.done():
                future.set_exception(ConnectionError("the connection has ended; the call may have run"))
                future.exception()  # nobody has to ask for it

    async def _take(self, message: Any) -> None:
        """One item of the websocket, told by the name of its type: aiohttp need not be installed."""
        match message.type.name:
            case "BINARY":
                payload = self._unchunker.process_chunk(message.data)
                if isinstance(payload, dict):
                    await self.on_msg_complete(payload)
            case "TEXT":
                _logger.critical("wslink is not expecting text message:\n> %s", message.data)
            case "ERROR":
                _logger.error("WebSocket error: %s", self.ws.exception())
            case "CLOSING" | "CLOSED" as name:
                _logger.debug("WebSocket %s", name)

    def _publish(self, topic: str, data: Any) -> None:
        for callback in [*self.subscriptions.get(topic, ())]:
            try:
                result = callback(data)
                if isawaitable(result):
                    decorate_task(asyncio.ensure_future(result))
            except Exception:  # the callback is the program's own
                _logger.exception("Subscription callback error (%s)", topic)
