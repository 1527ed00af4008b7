"""What a running server does with the frames of its clients. It knows no socket; everything is on one loop.

Handlers that are functions run on threads, those of one client one after the other, clients beside each other.
Handlers that are coroutine functions run on the loop, all beside each other, each at once up to its first wait.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context, copy_context
from functools import partial
from typing import Any, Final

from jupyter_trame.execution.endings import cancel_all
from jupyter_trame.execution.mailbox import ClosedError, Mailbox
from jupyter_trame.execution.workers import Workers
from jupyter_trame.igor.actions import Action
from jupyter_trame.igor.eager_tasks import start_now
from jupyter_trame.igor.igor_client import IgorClient, Transport
from jupyter_trame.igor.json_frames import (
    ActionRequest,
    ClientId,
    RefusedError,
    close_message,
    data_message,
    read_client_id,
    read_request,
)
from jupyter_trame.igor.sessions import IgorSessions, TakenError
from jupyter_trame.igor.streams import Stream
from jupyter_trame.log_text import foreign, shortened
from jupyter_trame.system.log_limits import Complaints

__all__ = ["DISPLACED", "INTRODUCE", "Service"]

INTRODUCE: Final = "introduce_self"
DISPLACED: Final = 4001
"""The close code of a connection whose id was taken up by another one."""

_THREADS = 64
_GOING_AWAY = 1001


class Service:
    """One life of a server, on the loop that turns when it is made."""

    def __init__(
        self,
        actions: Mapping[str, Action],
        sessions: IgorSessions[IgorClient],
        scope: dict[Any, Any],
        logger: logging.Logger,
        on_exit: Callable[[], object],
        context: Context | None = None,
    ) -> None:
        """`actions` and `sessions` may change meanwhile. A handler that raises `SystemExit` calls `on_exit`.

        `context`: of handlers; what they print goes where it says.
        """
        self.mailbox = Mailbox()
        self.streams: dict[Stream, int] = {}
        """Those that are open, oldest first, and the size of the frame that opened each."""
        self._actions = actions
        self._sessions = sessions
        self._scope = scope
        self._logger = logger
        self._complaints = Complaints(logger)
        self._on_exit = on_exit
        self._context = context or copy_context()
        self._loop = asyncio.get_running_loop()
        self._workers = Workers(_THREADS)
        self._connected: set[IgorClient] = set()
        """Those whose connections have not ended, whatever id they have."""
        self._empty = asyncio.Event()
        self._empty.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def clients(self) -> dict[ClientId, IgorClient]:
        """Who is connected."""
        return self._sessions.clients

    @property
    def connections(self) -> int:
        """How many have not ended."""
        return len(self._connected)

    def connect(self, address: tuple[str, int], transport: Transport, message_limit: int = 0) -> IgorClient:
        """Somebody connected, whose frames have at most `message_limit` bytes."""
        client = IgorClient(address, transport, self._complaints, message_limit)
        client.id = self._sessions.connect(client)
        self._connected.add(client)
        self._empty.clear()
        return client

    def disconnect(self, client: IgorClient) -> None:
        """The connection of `client` has ended."""
        client.ended()
        self._connected.discard(client)
        if not self._connected:
            self._empty.set()
        self._sessions.disconnect(client.id, client, self._loop.time())
        self._expire()

    def receive(self, client: IgorClient, frame: str | bytes) -> Awaitable[None] | None:
        """A frame of `client` came. What to wait for before the next one is read, None: nothing."""
        if client.gone:
            return None
        try:
            request = read_request(frame)
            if request.action == INTRODUCE:
                self._introduce(client, request)
                return None
            action = self._actions.get(request.action)
            if action is None:
                raise RefusedError(
                    f"no handler for the action {shortened(request.action, 200)!r}", request.stream_id
                )
        except RefusedError as refused:
            client.send(refused.message)
            return None
        room = client.begin(len(frame))
        self._call(client, action, request, len(frame))
        return room

    def got(self, client: IgorClient, receipt: str) -> None:
        """`client` has got what was sent with this `receipt`: a token, of an answer to an introduction."""
        self._sessions.arrived(client.id, client, receipt)

    async def close(self) -> None:
        """Say goodbye to everybody; what runs on the loop is cancelled."""
        if self._timer is not None:
            self._timer.cancel()
        for client in list(self.clients.values()):
            client.close(_GOING_AWAY, "the server stops")
        await cancel_all(list(self._tasks), self._logger)
        self.mailbox.close()
        self._workers.close()
        self._sessions.clear()

    async def deserted(self) -> None:
        """Return when no connection is left. Cancelling is safe."""
        await self._empty.wait()

    def abort(self) -> None:
        """End the connections that are left."""
        for client in list(self._connected):
            client.abort()

    # -- identity

    def _introduce(self, client: IgorClient, request: ActionRequest) -> None:
        wanted, token = read_client_id(request)
        try:
            introduction = self._sessions.introduce(client.id, wanted, token, self._loop.time())
        except TakenError as taken:
            self._complaints.warn("client %s was refused: %s", client.address[0], taken)
            raise RefusedError(str(taken), request.stream_id) from None
        client.id = wanted
        if introduction.displaced is not None:
            introduction.displaced.close(DISPLACED, "another connection took this client_id up")
        answer = {"client_id": wanted, "resume_token": introduction.token}
        client.send(data_message(request.stream_id, answer))
        client.send_with_receipt(close_message(request.stream_id), introduction.token)
        self._expire()

    def _expire(self) -> None:
        now = self._loop.time()
        next_one = self._sessions.expire(now)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if next_one is None else self._loop.call_at(next_one, self._expire)

    # -- calls

    def _call(self, client: IgorClient, action: Action, request: ActionRequest, size: int) -> None:
        stream = Stream(client, request.stream_id, self.mailbox)
        self.streams[stream] = size
        session = self._sessions.data.setdefault(client.id, {})
        call = partial(action.handler, stream, request.data, **action.arguments(session, self._scope))
        if action.is_async:
            self._run_task(request.action, stream, call)
        else:
            run = partial(self._run_in_thread, request.action, stream, call)
            client.take_turn(partial(self._workers.submit, run))

    def _run_in_thread(self, name: str, stream: Stream, call: Callable[[], Any]) -> None:
        """On a worker thread. A function that gives a coroutine, as a lambda may, is one of the loop's."""
        error: BaseException | None = None
        result = None
        try:
            result = self._context.copy().run(call)
        except BaseException as raised:  # noqa: BLE001 - an exit stops this server, anything else is the client's to know
            error = raised
        try:
            if inspect.isawaitable(result):
                self.mailbox.post(partial(self._await_result, name, stream, result))
            else:
                self._finish(name, stream, error)
                self.mailbox.post(partial(self._turn_over, stream))
        except ClosedError:
            return  # it has stopped meanwhile

    def _turn_over(self, stream: Stream) -> None:
        self._forget(stream)
        stream.client.turn_over()

    def _await_result(self, name: str, stream: Stream, result: Awaitable[Any]) -> None:
        self._run_task(name, stream, lambda: result)
        stream.client.turn_over()

    def _run_task(self, name: str, stream: Stream, call: Callable[[], Awaitable[Any]]) -> None:
        task = start_now(
            self._run(name, stream, call), name=f"the handler of {name}", context=self._context.copy()
        )
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, name: str, stream: Stream, call: Callable[[], Awaitable[Any]]) -> None:
        error: BaseException | None = None
        try:
            await call()
        except asyncio.CancelledError as cancelled:
            error = cancelled
            raise
        except BaseException as raised:  # noqa: BLE001 - as above
            error = raised
        finally:
            self._finish(name, stream, error)
            self._forget(stream)

    def _finish(self, name: str, stream: Stream, error: BaseException | None) -> None:
        """The handler of the action `name` is over. Any thread."""
        if isinstance(error, SystemExit):
            stream.finish()
            self._on_exit()
            return
        if isinstance(error, asyncio.CancelledError):
            error = None
        if error is not None and not (isinstance(error, ClosedError) and stream.client.gone):
            self._logger.error("the handler of %s failed", foreign(name), exc_info=error)
        stream.finish(error)

    def _forget(self, stream: Stream) -> None:
        stream.client.end(self.streams.pop(stream))
