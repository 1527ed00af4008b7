"""What is said over one connection after the other."""

import asyncio
import threading
from typing import Any

import pytest

from jupyter_trame.client.exchange import Exchange
from jupyter_trame.errors import RemoteError
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.names import HELLO, HELLO_ID, LEAVE, STATE_GET, STATE_UPDATE
from jupyter_trame.protocol import unpack
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.client_events import ClientEvent, Ready, StateChanged
from jupyter_trame.protocol.envelope import pack_error, pack_result


class Server:
    """The other end of a connection, played by the test."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.closed: list[int] = []
        self.ending: tuple[int | None, str] = (None, "")
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._receiver = Assembler(1 << 20, 4)

    def send(self, frame: Any) -> None:
        payload = self._receiver.feed(frame)
        assert payload is not None
        self.said.put_nowait(unpack(payload))

    async def receive(self) -> bytes | None:
        return await self._frames.get()

    def close(self, code: int = 1000) -> None:
        self.closed.append(code)

    def say(self, payload: bytes) -> None:
        for frame in split([payload], 1, 1 << 20):
            self._frames.put_nowait(frame)

    def end(self, code: int, reason: str) -> None:
        self.ending = code, reason
        self._frames.put_nowait(None)

    async def hears(self, method: str) -> dict[str, Any]:
        envelope = await self.said.get()
        assert envelope["method"] == method
        return envelope

    async def greets(self) -> None:
        """Answer the hello, and send a state of one key."""
        await self.hears(HELLO)
        own = {"epoch": "e", "resume": "t", "resumed": False, "received": 0, "settled": 0, "got": 0}
        self.say(pack_result(HELLO_ID, {"clientID": "c1", "maxMsgSize": 1 << 20, "jt": own}))
        get = await self.hears(STATE_GET)
        self.say(pack_result(get["id"], {"name": "demo", "state": {"x": 1}}))


class Talk:
    """An exchange that is being served; `done` has its end."""

    def __init__(self) -> None:
        owner = OwnerLoop()
        loop = asyncio.get_running_loop()
        owner.attach(loop, threading.get_ident())
        self.exchange = Exchange(owner)
        self.server = Server()
        self.events: list[ClientEvent] = []
        self.done = loop.create_task(self.exchange.serve(self.server, self.events.extend))


async def begun() -> Talk:
    talk = Talk()
    await talk.server.greets()
    return talk


def test_events_but_the_answers_to_calls_are_handed_on() -> None:
    async def main() -> None:
        talk = await begun()
        calling = asyncio.ensure_future(talk.exchange.call("m", [1], None))
        talk.server.say(pack_result((await talk.server.hears("m"))["id"], 2))
        assert await calling == 2
        assert talk.events == [StateChanged({"x": 1}, snapshot=True), Ready(False, "demo")]
        talk.server.end(1000, "")
        assert await talk.done is None

    asyncio.run(main())


def test_a_method_that_failed_and_answers_that_do_not_come() -> None:
    async def main() -> None:
        talk = await begun()
        failing = asyncio.ensure_future(talk.exchange.call("m", [], None))
        talk.server.say(pack_error((await talk.server.hears("m"))["id"], -32001, "no"))
        with pytest.raises(RemoteError, match="no"):
            await failing
        waiting = asyncio.ensure_future(talk.exchange.call("m", [], None))
        await talk.server.hears("m")
        talk.exchange.fail("it is over")
        with pytest.raises(ConnectionError, match="it is over"):
            await waiting
        talk.server.end(1000, "")
        await talk.done

    asyncio.run(main())


def test_what_other_threads_write_leaves_on_the_loop() -> None:
    async def main() -> None:
        talk = await begun()
        await asyncio.to_thread(talk.exchange.write, {"x": 5})
        update = await talk.server.hears(STATE_UPDATE)
        assert update["args"] == [[{"key": "x", "value": 5}]]
        talk.server.end(1000, "")
        await talk.done

    asyncio.run(main())


@pytest.mark.parametrize(("code", "refusal"), [(1001, None), (1007, "no map"), (1009, "no map")])
def test_what_a_server_refuses_is_forgotten(code: int, refusal: str | None) -> None:
    async def main() -> None:
        talk = await begun()
        talk.exchange.write({"x": 5})
        talk.server.end(code, "no map")
        assert await talk.done == refusal
        assert talk.exchange.session.pending == ({"x": 1} if refusal is None else {})

    asyncio.run(main())


def test_a_server_that_breaks_the_protocol() -> None:
    async def main() -> None:
        talk = await begun()
        talk.server.say(b"\xc1")
        with pytest.raises(ConnectionError, match="the server broke the protocol"):
            await talk.done
        assert talk.server.closed[0] == 1007
        assert talk.exchange.connection is None

    asyncio.run(main())


def test_who_is_cancelled_leaves() -> None:
    async def main() -> None:
        talk = await begun()
        talk.done.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talk.done
        await talk.server.hears(LEAVE)
        talk.exchange.leave()  # nothing is open

    asyncio.run(main())


def test_another_greeting_is_another_session() -> None:
    exchange = Exchange(OwnerLoop())
    first = exchange.session
    exchange.greet_with("s", {})
    second = exchange.session
    assert second is not first
    exchange.greet_with("s", {})
    assert exchange.session is second
