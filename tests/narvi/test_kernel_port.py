"""The kernel's end of an instance's links, with what the Jupyter server says."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.kernel import output as kernel_output
from jupyter_trame.narvi.kernel_port import InstancePort
from jupyter_trame.protocol.link import LinkOp, Parcel, Stopped
from jupyter_trame.services import words
from jupyter_trame.services.instance import ServiceInstance
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)
from jupyter_trame.services.words import cost, data_parcel, message_parcel


def on_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Runs `test` on a loop of its own."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        async def main() -> None:
            async with asyncio.timeout(10):
                await test(**fixtures)

        asyncio.run(main())

    return run


class Output(kernel_output.Output):
    """A link that remembers."""

    def __init__(self) -> None:
        # Without a socket, which the base would have.
        self.parcels: list[Parcel] = []
        self.closed = ""

    def send(self, *ops: LinkOp) -> bool:
        self.parcels += [op for op in ops if isinstance(op, Parcel)]
        return True

    def close(self, reason: str) -> None:
        self.closed = reason

    def said(self, kind: str) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.header[0] == kind]

    async def until(self, condition: Callable[[], Any]) -> Any:
        while not (found := condition()):  # noqa: ASYNC110 - most conditions here have no event of their own
            await asyncio.sleep(0.002)
        return found


class Instance(ServiceInstance):
    """See `ServiceInstance`: what it was told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.room: asyncio.Future[None] | None = None

    async def start(self) -> None:
        raise NotImplementedError

    def open_session(self, visitor: Visitor) -> None:
        self.heard.append(visitor)

    def close_session(self, session_id: str) -> None:
        self.heard.append(("closed", session_id))

    def receive(self, session_id: str, message: Message) -> Awaitable[None] | None:
        self.heard.append((session_id, message))
        return self.room

    async def answer(self, request: ServiceRequest) -> ServiceAnswer | None:
        self.heard.append(request)
        if request.path == "none":
            return None
        if request.path == "broken":
            raise ValueError("it is broken")
        return ServiceAnswer(201, b"made " + request.body, "text/x", {"X-One": "1"})

    def admits(self, from_workspace: str) -> bool:
        raise NotImplementedError

    def receive_app_message(self, message: AppMessage) -> None:
        self.heard.append(message)

    async def metrics(self) -> Mapping[str, Any] | None:
        return {"good": 1, "bad": object(), "endless": float("inf")}

    def receive_admin(self, overview: Mapping[str, Any]) -> None:
        self.heard.append(overview)

    async def stop(self) -> None:
        self.heard.append("stopped")


class Bench:
    """A port, its instance, and a Jupyter server."""

    def __init__(self) -> None:
        self.instance = Instance()
        self.facts: dict[str, Any] = {"metrics_metadata": None}
        self.port = InstancePort(
            asyncio.get_running_loop(), facts=lambda: self.facts, on_stop=self.instance.stop
        )
        self.port.instance = self.instance
        self.output = Output()
        self.port.add(self.output)

    def say(self, *header: Any, payload: bytes = b"") -> None:
        self.port.receive(self.output, Parcel(list(header), payload))


@on_a_loop
async def test_who_links_is_told_who_is_there_and_what_changes() -> None:
    bench = Bench()
    (hello,) = bench.output.said(words.HELLO)
    assert hello.header[1]["metrics_metadata"] is None
    assert hello.header[1]["uptime"] >= 0
    bench.port.look()
    await asyncio.sleep(0)
    assert len(bench.output.said(words.HELLO)) == 1, "nothing has changed"
    bench.facts = {"metrics_metadata": {"a": {}}}
    bench.port.admin_listening()
    await bench.output.until(lambda: len(bench.output.said(words.HELLO)) == 2)
    assert bench.output.said(words.HELLO)[1].header[1]["metrics_metadata"] == {"a": {}}


@on_a_loop
async def test_sessions_and_messages() -> None:
    bench = Bench()
    bench.say(words.OPEN, "s", "app", {"q": "1"}, {"X": "2"})
    bench.port.receive(bench.output, message_parcel("text", "s"))
    bench.port.receive(bench.output, message_parcel(b"\xff", "s"))
    bench.say(words.CLOSE, "s")
    visitor = Visitor("s", "app", {"q": "1"}, {"X": "2"})
    assert bench.instance.heard == [visitor, ("s", "text"), ("s", b"\xff"), ("closed", "s")]
    bench.port.send("to one", "s")
    bench.port.send(b"to others", None, "s")
    bench.port.session_opened("s")
    assert [(parcel.header, parcel.payload) for parcel in bench.output.parcels[1:]] == [
        ([words.TEXT, "s", None], b"to one"),
        ([words.BINARY, None, "s"], b"to others"),
        ([words.OPENED, "s"], b""),
    ]


@on_a_loop
async def test_what_listeners_have_not_taken_is_not_counted_as_taken() -> None:
    bench = Bench()
    large = message_parcel(b"x" * words.WINDOW, "s")
    bench.instance.room = asyncio.get_running_loop().create_future()
    bench.port.receive(bench.output, large)
    await asyncio.sleep(0)
    assert not bench.output.said(words.TAKEN)
    bench.instance.room.set_result(None)
    (taken,) = await bench.output.until(lambda: bench.output.said(words.TAKEN))
    assert taken.header == [words.TAKEN, cost(large)]


@on_a_loop
async def test_sessions_end_with_the_jupyter_server_they_came_through() -> None:
    bench = Bench()
    bench.say(words.OPEN, "one", "app", {}, {})
    other = Output()
    bench.port.add(other)
    assert bench.output.closed
    assert bench.instance.heard[-1] == ("closed", "one")
    bench.say(words.OPEN, "late", "app", {}, {})
    assert bench.instance.heard[-1] == ("closed", "one"), "it counts no more"
    bench.port.receive(other, Parcel([words.OPEN, "two", "app", {}, {}]))
    bench.port.remove(bench.output)
    assert bench.instance.heard[-1] != ("closed", "two")
    bench.port.remove(other)
    assert bench.instance.heard[-1] == ("closed", "two")
    bench.port.send("nobody hears")


@on_a_loop
async def test_questions_of_the_jupyter_server() -> None:
    bench = Bench()
    bench.say(words.ASK, 1, "answer", "app", "PUT", "a/b", {"q": "1"}, {"X": "2"}, payload=b"body")
    bench.say(words.ASK, 2, "answer", "app", "GET", "none", {}, {})
    bench.say(words.ASK, 3, "answer", "app", "GET", "broken", {}, {})
    bench.say(words.ASK, 4, "metrics")
    bench.say(words.ASK, 5, "nonsense")
    bench.say(words.ASK, 6, "stop")
    await bench.output.until(lambda: len(bench.output.parcels) == 7)
    answers = {parcel.header[1]: parcel for parcel in bench.output.parcels[1:]}
    assert answers[1] == Parcel([words.ANSWER, 1, 201, "text/x", {"X-One": "1"}], b"made body")
    assert answers[2] == Parcel([words.ANSWER, 2])
    assert answers[3].header == [words.FAILED, 3, "ValueError", "it is broken"]
    assert answers[4].header == [words.ANSWER, 4, {"good": 1}]
    assert answers[5].header[:3] == [words.FAILED, 5, "ValueError"]
    assert answers[6].header == [words.ANSWER, 6]
    assert bench.instance.heard[-1] == "stopped"


@on_a_loop
async def test_other_services() -> None:
    bench = Bench()
    bench.port.receive(bench.output, data_parcel([words.APP_MESSAGE, "w", "s", "x"], {"a": 1}))
    assert bench.instance.heard == [AppMessage("w", "s", "x", {"a": 1})]
    sending = asyncio.ensure_future(asyncio.to_thread(bench.port.send_to_app, "w", "app", "x", b"data"))
    (asked,) = await bench.output.until(lambda: bench.output.said(words.ASK))
    assert asked.header[2:] == ["send_to_app", "w", "app", "x", False]
    bench.say(words.ANSWER, asked.header[1], True)
    assert await sending is True
    with pytest.raises(TypeError, match="what JSON holds"):
        bench.port.send_to_app("w", "app", "x", object())
    lost = asyncio.ensure_future(asyncio.to_thread(bench.port.send_to_app, "w", "app", "x", 1))
    await bench.output.until(lambda: len(bench.output.said(words.ASK)) == 2)
    bench.port.remove(bench.output)
    assert await lost is False
    assert bench.port.send_to_app("w", "app", "x", 1) is False


@on_a_loop
async def test_the_overview_and_what_it_is_for() -> None:
    bench = Bench()
    bench.say(words.ADMIN, payload=json.dumps({"w": {}}).encode())
    assert bench.instance.heard == [{"w": {}}]
    bench.port.administer("restart", "w", "s", "x")
    bench.port.ended("it is over")
    assert bench.output.parcels[-2:] == [
        Parcel([words.ADMINISTER, "restart", "w", "s", "x"]),
        Parcel([words.ENDED, "it is over"]),
    ]
    with pytest.raises(ValueError, match="explode"):
        bench.port.administer("explode", "w", "s", "x")


@on_a_loop
async def test_nonsense_costs_nothing_but_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.say("nonsense")
    bench.say(words.OPEN)
    assert "is not understood" in caplog.text
    assert bench.instance.heard == []
    with pytest.raises(LinkError, match="Stopped"):
        bench.port.receive(bench.output, Stopped(1001, "what servers say"))
