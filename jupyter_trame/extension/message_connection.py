"""One connection to a kernel that runs elsewhere, from its first question to its end.

The kernel's control channel answers while a cell runs: it is asked at once what the kernel can do and whether apps run
there. If they do, a subshell, where the kernel has them, takes what follows, so that cells hold nothing back: a comm is
opened for the links. What can be asked together is, since a gateway may be far away.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from jupyter_trame.errors import LinkError, ProtocolError
from jupyter_trame.extension.kernel_channels import KernelChannel, KernelGoneError
from jupyter_trame.extension.message_fit import MessageFit
from jupyter_trame.log_text import foreign
from jupyter_trame.transports.message_hello import ALIVE, PROBE, TARGET, VERSION, announced
from jupyter_trame.transports.message_streams import StreamMessage
from jupyter_trame.transports.message_tunnel import Tunnel
from jupyter_trame.transports.rendezvous import Record
from jupyter_trame.types import Packed

__all__ = ["MessageConnection", "NoServersError"]

_logger = logging.getLogger(__name__)

_SUBSHELLS = "kernel subshells"
"""A feature that a kernel's ``kernel_info_reply`` lists (Jupyter's JEP 91)."""
_GONE = frozenset({"starting", "restarting", "autorestarting", "dead"})
"""States in which the process that was talked to is no more."""
_FIRST_DELAY = 0.05
"""Seconds until a connection that broke is tried again, the second time; each further time it is twice as long."""
_FAREWELL = 2.0
"""Seconds that a kernel has for what it is told last."""
_REASON = 500
"""Characters of a reason that the kernel gives."""


class NoServersError(LinkError):
    """The kernel has no comm target of ours: no server was started there, or it has no jupyter_trame."""


class MessageConnection:
    """Owns an open `KernelChannel`. On the thread of its loop.

    `on_record(record)` is called for what the kernel tells of its servers; `on_closed(reason)` once, at the end.
    """

    def __init__(
        self,
        open_channel: Callable[[Callable[[str, Mapping[str, Any]], None], Callable[[str], None]], Any],
        *,
        on_record: Callable[[Record | None], object],
        on_closed: Callable[[str], object],
        timeout: float,
    ) -> None:
        """`await open_channel(on_message, on_closed)` connects; `timeout` in seconds, for each answer."""
        self._open_channel = open_channel
        self._on_record = on_record
        self._on_closed = on_closed
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._channel: KernelChannel | None = None
        self._replies: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        """The content of the reply, by the request's message id."""
        self._subshell: str | None = None
        self._info: asyncio.Task[Mapping[str, Any]] | None = None
        """The kernel's answer to the first question."""
        self._comm = ""
        self._probed = False
        self._hello: asyncio.Future[bool] | None = None
        """Whether buffers reach the kernel."""
        self._tunnel: Tunnel | None = None
        self._alive: asyncio.TimerHandle | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._fit = MessageFit()
        self._answered = asyncio.Event()
        """The kernel answered over a new channel, or that one broke."""
        self.closed = False
        """Whether it has ended."""
        self.farewell: asyncio.Task[None] | None = None
        """What is left to do then: the channel is open until it is done."""

    @property
    def streams(self) -> int:
        """Links that are open."""
        return 0 if self._tunnel is None else len(self._tunnel)

    @property
    def needed(self) -> bool:
        """Whether there are links, or somebody waits for an answer."""
        return bool(self.streams or self._replies)

    @property
    def begun(self) -> bool:
        """Whether links can be made."""
        return self._tunnel is not None

    @property
    def as_text(self) -> bool:
        """Whether bytes travel to the kernel as base64, since buffers do not arrive there."""
        return self._hello is not None and self._hello.done() and not self._hello.result()

    @property
    def needs_text(self) -> bool:
        """Whether bytes travel as base64 in either direction."""
        return self.begun and (self.as_text or not self._probed)

    @property
    def halvings(self) -> int:
        """How often messages were made half as large, since the gateway refused them."""
        return 0 if self._tunnel is None else self._tunnel.halvings

    @property
    def added(self) -> int:
        """Bytes that base64 has added so far to what the links carried."""
        return 0 if self._tunnel is None else self._tunnel.added

    async def open(self) -> None:
        """Connect; what the kernel can do is asked, not waited for. Raises `LinkError` with a sentence for the user."""
        try:
            async with asyncio.timeout(self._timeout):
                self._channel = await self._open_channel(self._on_message, self._cut)
        except TimeoutError:
            raise LinkError("the kernel cannot be reached") from None
        self._info = self._loop.create_task(self._ask("control", "kernel_info_request", {}))
        self._info.add_done_callback(_look)

    async def begin(self) -> None:
        """Open the comm for links. Raises `NoServersError`, or `LinkError`; may be tried again unless `closed`."""
        asking = self._ask("control", "comm_info_request", {"target_name": TARGET})
        info, listed = await asyncio.gather(self._answering(), asking)
        if not listed.get("comms"):
            raise NoServersError("no app runs in the kernel")
        features = info.get("supported_features")
        if self._subshell is None and isinstance(features, list) and _SUBSHELLS in features:
            made = await self._ask("control", "create_subshell_request", {})
            self._subshell = made.get("subshell_id")
        self._comm = uuid4().hex
        self._probed = False
        self._hello = self._loop.create_future()
        probe = self._channel is not None and self._channel.may_receive_buffers
        data = {"jt": "link", "version": VERSION, "probe": probe}
        self._send("comm_open", {"comm_id": self._comm, "target_name": TARGET, "data": data}, [PROBE])
        try:
            async with asyncio.timeout(self._timeout):
                await self._hello
        except TimeoutError:
            self._close_comm()
            raise LinkError(self._silence) from None
        if self.closed:
            raise LinkError("the kernel does not answer")
        self._post({"jt": "ready", "buffers": self._probed})
        self._tunnel = Tunnel(self._loop, self._post_streams, as_text=self.as_text)
        self._stay_alive()

    def connect(self) -> socket.socket:
        """A socket whose other end a server of the kernel gets. Raises `LinkError`."""
        if self._tunnel is None:
            raise LinkError("the kernel does not answer")
        return self._tunnel.connect()

    async def execute(self, code: str) -> Mapping[str, Any]:
        """Run `code`, silently, on the main shell; the content of the reply. Raises `LinkError`; cancelling is safe."""
        await self._answering()
        content = {
            "code": code,
            "silent": True,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return await self._reply(self._request("shell", "execute_request", content))

    def restarted(self) -> None:
        """The process that was talked to is no more: end everything, and leave the next one alone."""
        self._comm, self._subshell = "", None
        self.close("the kernel was started again")

    def close(self, reason: str = "it is needed no more") -> None:
        """End everything, and tell the kernel where it still listens. More than once is harmless."""
        if self.closed:
            return
        self.closed = True
        if self._resuming is not None:
            self._resuming.cancel()
        self._end_links(reason)
        for future in self._replies.values():
            if not future.done():
                future.set_exception(LinkError(reason))
        self._replies.clear()
        channel, self._channel = self._channel, None
        if channel is not None and self._subshell is not None:
            self.farewell = self._loop.create_task(self._leave(channel, self._subshell))
        elif channel is not None:
            channel.close()
        self._on_closed(reason)

    async def _leave(self, channel: KernelChannel, subshell: str) -> None:
        """Take the subshell back when it has done its last; the control channel would overtake what it has to do."""
        number = channel.send("shell", "comm_info_request", {"target_name": TARGET}, subshell=subshell)
        self._replies[number] = self._loop.create_future()
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._reply(number)
        except TimeoutError:
            _logger.debug("a kernel did not say that its links have ended")
        finally:
            channel.send("control", "delete_subshell_request", {"subshell_id": subshell})
            channel.close()

    async def _answering(self) -> Mapping[str, Any]:
        """What the kernel can do. Raises `LinkError` when it does not say so: the connection is closed then."""
        assert self._info is not None
        try:
            return await asyncio.shield(self._info)
        except LinkError as error:
            self.close(str(error))
            raise

    @property
    def _silence(self) -> str:
        """What it means that the shell does not answer."""
        if self._subshell is not None:
            return "the kernel does not answer"
        return "the kernel is at work, and cannot be asked meanwhile: its ipykernel has no subshells (7.0)"

    # -- messages

    def _send(self, kind: str, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        if self._channel is not None:
            self._channel.send("shell", kind, content, buffers=buffers, subshell=self._subshell)

    def _post(self, data: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        self._send("comm_msg", {"comm_id": self._comm, "data": data}, buffers)

    def _post_streams(self, message: StreamMessage) -> None:
        self._post(message.data, message.buffers)

    def _request(self, channel: str, kind: str, content: Mapping[str, Any]) -> str:
        if self._channel is None or self.closed:
            raise LinkError("the kernel does not answer")
        subshell = self._subshell if channel == "shell" and kind != "execute_request" else None
        number = self._channel.send(channel, kind, content, subshell=subshell)
        self._replies[number] = self._loop.create_future()
        return number

    async def _reply(self, number: str) -> Mapping[str, Any]:
        try:
            return await self._replies[number]
        finally:
            self._replies.pop(number, None)

    async def _ask(self, channel: str, kind: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._reply(self._request(channel, kind, content))
        except TimeoutError:
            raise LinkError("the kernel does not answer") from None

    def _on_message(self, channel: str, message: Mapping[str, Any]) -> None:
        content = message.get("content")
        if not isinstance(content, Mapping):
            return
        if channel != "iopub":
            future = self._replies.get((message.get("parent_header") or {}).get("msg_id", ""))
            if future is not None and not future.done():
                future.set_result(content)
            return
        match message.get("msg_type") or message["header"].get("msg_type"):
            case "status" if content.get("execution_state") in _GONE and self.begun:
                self.restarted()
            case "comm_msg" if content.get("comm_id") == self._comm:
                self._on_comm(content.get("data"), list(message.get("buffers") or ()))
            case "comm_close" if content.get("comm_id") == self._comm:
                self._refused(content.get("data"))

    def _on_comm(self, data: object, buffers: Sequence[Packed]) -> None:
        if not isinstance(data, Mapping):
            return
        try:
            match data.get("jt"):
                case "probe":
                    self._probed = [bytes(buffer) for buffer in buffers] == [PROBE]
                case "hello" if self._hello is not None and not self._hello.done():
                    self._on_record(announced(data.get("record")))
                    self._hello.set_result(data.get("buffers") is True)
                case "record":
                    self._on_record(announced(data.get("record")))
                case "streams" if self._tunnel is not None:
                    self._tunnel.receive(data, buffers)
                case "again" if self._tunnel is not None:
                    if self._tunnel.send_again(data.get("n"), data.get("halvings", 0)):
                        self._answered.set()
        except ProtocolError as error:
            _logger.warning("the links over the messages of a kernel are dropped: %s", error)
            self.close(str(error))

    def _refused(self, data: object) -> None:
        """The kernel closed the comm: it has no such target, or says why."""
        reason = data.get("reason") if isinstance(data, Mapping) else None
        if self._hello is not None and not self._hello.done():
            self._comm = ""
            self._hello.set_exception(
                LinkError(foreign(reason, _REASON)) if reason else NoServersError("no app runs in the kernel")
            )
        else:
            self.close(foreign(reason, _REASON) if reason else "the kernel closed the connection")

    def _cut(self, reason: str) -> None:
        """The channel ended. The kernel keeps its end of the links: they go on over the next channel."""
        too_large = self._channel is not None and self._channel.too_large
        self._channel = None
        self._answered.set()
        if self._tunnel is None:
            self.close(reason)
            return
        refused = self._fit.broken(self._tunnel, too_large=too_large)
        if refused is not None:
            self.close(refused)
        elif self._resuming is None:
            self._resuming = self._loop.create_task(self._resume(reason))

    async def _resume(self, reason: str) -> None:
        """Connect again, and ask for what was lost; end everything when that takes too long."""
        delay = _FIRST_DELAY
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.sleep(self._fit.delay)
                while True:
                    try:
                        if await self._connect_again():
                            break
                    except KernelGoneError as error:
                        self._resuming = None
                        self.close(str(error))
                        return
                    except LinkError as error:
                        reason = str(error)
                    except Exception as error:
                        _logger.exception("a kernel could not be reached again")
                        reason = f"the kernel could not be reached again: {error}"
                    await asyncio.sleep(delay)
                    delay *= 2
        except TimeoutError:
            self._resuming = None
            self.close(reason)
        self._resuming = None

    async def _connect_again(self) -> bool:
        """Whether the kernel answered over a new channel, before that one broke as well. Raises `LinkError`."""
        self._channel = await self._open_channel(self._on_message, self._cut)
        assert self._tunnel is not None
        self._answered.clear()
        halvings = {"halvings": self._tunnel.halvings} if self._tunnel.halvings else {}
        self._post({"jt": "resume", "n": self._tunnel.received, **halvings})
        await self._answered.wait()
        return self._channel is not None

    def _end_links(self, reason: str) -> None:
        if self._alive is not None:
            self._alive.cancel()
        if self._tunnel is not None:
            self._tunnel.close()
            self._tunnel = None
        if self._hello is not None and not self._hello.done():
            self._hello.set_exception(LinkError(reason))
        self._close_comm()

    def _close_comm(self) -> None:
        if self._comm:
            self._send("comm_close", {"comm_id": self._comm, "data": {}})
            self._comm = ""

    def _stay_alive(self) -> None:
        self._post({"jt": "alive", "n": 0 if self._tunnel is None else self._tunnel.received})
        self._alive = self._loop.call_later(ALIVE, self._stay_alive)


def _look(task: asyncio.Task[Any]) -> None:
    """Nobody may have waited for the answer; then nobody is to be told of the error."""
    if not task.cancelled():
        task.exception()
