"""A client over custom messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytest

from jupyter_trame.protocol import CallEvent, Event, Primary, Replica
from jupyter_trame.protocol.client_events import Published, Replied, StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.transports.comm import CommTransport
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import Epoch, Packed
from tests.transports.clock import Clock


class Page:
    """What a page gets, and a port that records."""

    urgent = False

    def __init__(
        self, rate: MessageRate | None = None, clock: Clock | None = None, *, as_text: bool = False
    ) -> None:
        self.clock = clock or Clock()
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.received: list[bytes] = []
        self.events: list[Any] = []
        self.fails = False
        loop = self.clock.loop
        self.transport = CommTransport("v1", self.post, loop, rate or MessageRate(loop), as_text=as_text)
        self.transport.port = self  # type: ignore[assignment]

    def post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        if self.fails:
            raise RuntimeError("the comm is closed")
        self.messages.append((dict(content), [bytes(buffer) for buffer in buffers]))

    def receive(self, frame: Packed) -> None:
        self.received.append(bytes(frame))

    def writable(self) -> None:
        self.events.append("writable")

    def closed(self) -> None:
        self.events.append("closed")


def test_frames_of_one_turn_are_one_numbered_message() -> None:
    page = Page()
    page.transport.send(b"a")
    page.transport.send(b"b")
    assert not page.messages
    page.clock.turn()
    page.transport.send(b"c")
    page.clock.turn()
    assert page.messages == [
        ({"jt": "frames", "view": "v1", "n": 0}, [b"a", b"b"]),
        ({"jt": "frames", "view": "v1", "n": 1}, [b"c"]),
    ]


def test_a_gap_closes_the_connection() -> None:
    page = Page()
    page.transport.receive({"n": 0}, [b"a", b"b"])
    page.transport.receive({"n": 2}, [b"c"])
    assert page.received == [b"a", b"b"]
    assert page.events == ["closed"]
    assert page.messages[-1][0]["jt"] == "close"
    assert page.messages[-1][0]["reason"] == "message 1 was expected and 2 came"
    assert page.transport.closed
    assert page.messages[-1][0]["code"] == 1006, "a code after which clients resume"
    page.transport.receive({"n": 1}, [b"d"])
    page.transport.send(b"x")
    page.clock.turn()
    assert page.received == [b"a", b"b"]
    assert len(page.messages) == 1


def test_frames_are_text_where_buffers_do_not_arrive() -> None:
    page = Page(as_text=True)
    page.transport.send(b"a")
    page.transport.send(b"\xff")
    page.clock.turn()
    assert page.messages == [({"jt": "frames", "view": "v1", "n": 0, "text": ["YQ==", "/w=="]}, [])]
    page.transport.receive({"n": 0, "text": ["/w==", "YQ=="]}, [])
    assert page.received == [b"\xff", b"a"]


@pytest.mark.parametrize("text", ["YQ==", ["%"], [7], {"a": 1}, 3])
def test_text_that_is_no_base64_closes_the_connection(text: Any) -> None:
    page = Page()
    page.transport.receive({"n": 0, "text": text}, [])
    assert (page.received, page.events) == ([], ["closed"])
    assert "the text of a message is" in page.messages[-1][0]["reason"]


def test_closing_sends_what_waits_first_and_once() -> None:
    page = Page()
    page.transport.send(b"last")
    page.transport.close(1001, "bye")
    page.transport.close(1001, "bye")
    page.clock.turn()
    assert [message["jt"] for message, _ in page.messages] == ["frames", "close"]
    assert page.messages[1][0] == {"jt": "close", "view": "v1", "code": 1001, "reason": "bye"}
    assert page.transport.room() == 0
    assert not page.clock.waits


def test_the_page_goes() -> None:
    page = Page()
    page.transport.gone()
    page.transport.gone()
    assert page.events == ["closed"]


def test_room_is_for_one_message_and_there_is_none_until_the_next_one_may_leave() -> None:
    page = Page()
    room = page.transport.room()
    page.transport.send(bytes(room // 2))
    assert page.transport.room() == room - room // 2
    page.clock.turn()
    assert page.transport.room() == 0
    page.clock.advance(1 / 60)
    assert page.events == ["writable"]
    assert page.transport.room() == room


def test_a_comm_that_fails_does_not_reach_the_loop() -> None:
    page = Page()
    page.fails = True
    page.transport.send(b"x")
    page.clock.turn()
    page.transport.close(1000, "")
    assert page.messages == []


class Scene:
    """A server with `x` and a view of it on the comm, in a time that the test makes. Its calls give their name."""

    def __init__(self, rate: float = 300.0, burst: int = 60) -> None:
        self.clock = Clock()
        self.primary = Primary(
            name="app",
            slug="app",
            title="App",
            epoch=Epoch("e"),
            on_event=self._on_event,
            on_unpackable=lambda _: None,
        )
        self.primary.commit({"x": 0})
        loop = self.clock.loop
        self.pump = ReplicaPump(Replica(), loop)
        InProcessLink(self.pump, loop).attach(self.primary)
        self.rate = MessageRate(loop, rate=rate, burst=burst)
        self.answer: Any = None

    def _on_event(self, event: Event) -> None:
        if isinstance(event, CallEvent):
            self.primary.messages.reply(event, event.method if self.answer is None else self.answer)

    def view(self) -> "View":
        return View(self)


class View:
    """A page of ours."""

    def __init__(self, scene: Scene) -> None:
        self.clock = scene.clock
        self.session = ClientSession()
        self.messages: list[list[Any]] = []
        """What each one said."""
        self._sent = 0
        self._transport = CommTransport("v", self._post, self.clock.loop, scene.rate)
        self._transport.port = scene.pump.connect(self._transport, trusted=True)
        self.session.connected()
        self._flush()
        self.clock.advance(1.0)
        self.messages.clear()

    def _post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        if content["jt"] == "close":
            return
        self.messages.append([event for buffer in buffers for event in self.session.receive(buffer)])
        self.clock.call_soon(self._flush)

    def _flush(self) -> None:
        frames = self.session.take_output()
        if frames:
            number, self._sent = self._sent, self._sent + 1
            self._transport.receive({"n": number}, frames)

    def call(self, method: str) -> str:
        name = self.session.call(method)
        self._flush()
        return name

    @property
    def x(self) -> Any:
        """The values that came, in order."""
        events = [event for message in self.messages for event in message]
        return [event.changes["x"] for event in events if isinstance(event, StateChanged)]

    @property
    def kinds(self) -> list[list[Literal["state", "reply", "other"]]]:
        """What each message has in it."""
        names: dict[type, Literal["state", "reply"]] = {StateChanged: "state", Replied: "reply"}
        return [[names.get(type(event), "other") for event in message] for message in self.messages]


def test_the_first_change_leaves_at_once_then_sixty_a_second_and_the_last_one_arrives() -> None:
    scene = Scene()
    view = scene.view()
    for value in range(1, 4001):
        scene.primary.commit({"x": value})
        scene.clock.turn()
        if value == 1:
            assert view.x == [1]
        scene.clock.advance(1 / 4000)
    scene.clock.advance(1 / 60)
    assert 55 <= len(view.messages) <= 62
    assert view.x[-1] == 4000
    assert view.x == sorted(view.x)


def test_an_answer_takes_along_what_waits_and_is_not_delayed() -> None:
    scene = Scene()
    view = scene.view()
    for value in (1, 2, 3):
        scene.primary.commit({"x": value})
        scene.clock.turn()
    view.call("m")
    scene.clock.turn()
    assert view.kinds == [["state"], ["state", "reply"]]
    assert view.x == [1, 3]
    scene.primary.commit({"x": 4})
    scene.clock.turn()
    assert len(view.messages) == 2
    scene.clock.advance(1 / 60)
    assert view.x == [1, 3, 4]


def test_answers_that_one_message_does_not_hold_do_not_wait_either() -> None:
    scene = Scene()
    view = scene.view()
    scene.answer = bytes(3 << 20)
    for _ in range(3):
        view.call("m")
    scene.clock.turn()
    assert sum(kinds.count("reply") for kinds in view.kinds) == 3


def test_publications_wait_together_and_all_arrive() -> None:
    scene = Scene()
    view = scene.view()
    for number in range(100):
        scene.primary.messages.publish("t", number)
        scene.clock.turn()
    scene.clock.advance(1 / 60)
    assert [len(message) for message in view.messages] == [1, 99]
    events = [event for message in view.messages for event in message]
    assert [event.data for event in events if isinstance(event, Published)] == list(range(100))


def test_calls_do_not_break_the_rate_of_all_and_each_is_answered() -> None:
    scene = Scene(rate=10, burst=3)
    views = [scene.view() for _ in range(4)]
    for view in views:
        view.clock.advance(10.0)
        view.messages.clear()
    calls = []
    for number in range(100):
        calls += [view.call(f"m{number}") for view in views]
        scene.primary.commit({"x": number})
        scene.clock.advance(0.01)
    assert sum(len(view.messages) for view in views) <= 3 + 10
    scene.clock.advance(1.0)
    answers = [
        event.id for view in views for said in view.messages for event in said if isinstance(event, Replied)
    ]
    assert sorted(answers) == sorted(calls)
    assert [view.x[-1] for view in views] == [99] * 4


def test_what_comes_while_a_message_waits_in_line_goes_with_it() -> None:
    scene = Scene(rate=1, burst=1)
    view = scene.view()
    scene.clock.advance(10.0)
    view.messages.clear()
    for value in range(1, 10):
        scene.primary.commit({"x": value})
        scene.clock.advance(0.05)
    assert view.x == [1]
    scene.clock.advance(1.0)
    assert len(view.messages) == 2
    assert view.x[-1] == 9
    assert len(view.x) <= 3, "the oldest of those that waited, and the newest"


def test_a_connection_that_ended_waits_for_nothing() -> None:
    scene = Scene()
    view = scene.view()
    scene.primary.commit({"x": 1})
    scene.clock.turn()
    view.session.leave()  # or its session would wait for its return
    view._flush()
    view._transport.gone()
    assert not scene.clock.waits
