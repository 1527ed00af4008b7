"""Questions that a callback waits for."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from jupyter_trame.server import Server, runtime_of
from jupyter_trame.types import ClientId
from jupyter_trame.ui.caller import calling_client, calling_server

__all__ = ["Questions", "confirm"]

_TOPIC = "trame.ui.ask"
_ANSWER = "trame__ui_answer"
_KEY = "trame__ui_questions"


async def confirm(text: str, *, yes: str = "OK", no: str = "Cancel", grave: bool = False) -> bool:
    """Ask the user who has caused the running callback: ``if await ui.confirm("Delete all rows?"):``.

    True for the button `yes`; False for `no`, for Escape, and for who leaves without an answer. With `grave`, for what
    cannot be taken back, `no` is what Enter says. Other callbacks run meanwhile.

    Cancelling it is safe, but the question stays until it is answered. Raises ValueError outside of callbacks that a
    view has caused.
    """
    server = calling_server()
    client = None if server is None else calling_client(server)
    if server is None or client is None:
        raise ValueError(
            "nobody is there to answer: ui.confirm asks the user whose click or input a callback answers to"
        )
    questions = server.context.setdefault(_KEY, None) or Questions(server)
    server.context[_KEY] = questions
    return await questions.ask(ClientId(client), {"text": text, "yes": yes, "no": no, "isGrave": grave})


class Questions:
    """What users of one server are being asked. The owner's loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = count(1)
        self._asked: dict[int, tuple[ClientId, asyncio.Future[bool]]] = {}
        server.controller.trigger(_ANSWER)(self._answered)
        server.controller.on_client_exited.add(self._left)

    async def ask(self, client: ClientId, question: dict[str, object]) -> bool:
        """What `client` says to `question`; False where it leaves."""
        protocol = self._server.protocol
        # Who has left already would not be told of as leaving.
        if protocol is None or not runtime_of(self._server).primary.is_client(client):
            return False
        number = next(self._numbers)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[number] = client, answer
        protocol.publish(_TOPIC, {"id": number, **question}, client_id=client)
        try:
            return await answer
        finally:
            del self._asked[number]

    def _answered(self, number: Any = None, answer: Any = None, *_: Any) -> None:
        client, future = self._asked.get(number, (None, None)) if type(number) is int else (None, None)
        protocol = self._server.protocol
        # Anybody may call this: only who was asked is listened to.
        if future is not None and protocol is not None and protocol.current.get() == client:
            _settle(future, answer is True)

    def _left(self) -> None:
        primary = runtime_of(self._server).primary
        for client, answer in self._asked.values():
            if not primary.is_client(client):
                _settle(answer, False)


def _settle(answer: asyncio.Future[bool], value: bool) -> None:
    if not answer.done():
        answer.set_result(value)
