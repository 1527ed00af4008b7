"""An address over the lives of its server, seen by pages without a websocket."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from jupyter_trame.kernel.attendance import Attendance
from jupyter_trame.kernel.endpoint import KernelEndpoint
from jupyter_trame.kernel.files import AssetDesk
from jupyter_trame.kernel.output import Output
from jupyter_trame.protocol import Limits, LinkOp, Primary
from jupyter_trame.protocol.client_events import Ready, Replied, StateChanged, StatusChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.link import ClientOpened, Fetch, File, Folder, PageFiles, Pressure, Seen
from jupyter_trame.transports.comm_bytes import carried, carry
from jupyter_trame.transports.message_hello import PROBE
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.types import ClientId, Epoch, Packed
from tests.kernel.support import until
from tests.support.servers import turn


def make_primary(epoch: str, *, limits: Limits | None = None, **values: Any) -> Primary:
    primary = Primary(
        limits=limits,
        name="app",
        slug="app",
        title="App",
        epoch=Epoch(epoch),
        on_event=lambda _: None,
        on_unpackable=lambda _: None,
    )
    primary.commit(values)
    return primary


class Page:
    def __init__(self, endpoint: KernelEndpoint, view: str = "v", *, as_text: bool = False) -> None:
        self.endpoint = endpoint
        self.view = view
        self.session = ClientSession()
        self.as_text = as_text
        self.events: list[Any] = []
        self.answers: list[str] = []
        self.with_buffers = 0
        """Messages that had any."""
        self.closes: list[Mapping[str, Any]] = []
        self.beats: list[Any] = []
        """What the messages with frames say of signs of life."""
        self.sent = 0

    def open(self, **more: Any) -> None:
        more |= {"as_text": True} if self.as_text else {}
        self.endpoint.page_message(self.post, {"jt": "open", "view": self.view, **more}, ())
        self.session.connected()
        self.flush()

    def post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        self.answers.append(content["jt"])
        self.with_buffers += bool(buffers)
        if content["jt"] == "close":
            self.closes.append(content)
        if content["jt"] == "frames":
            self.beats.append(content.get("beat"))
        for buffer in carried(content, buffers):
            self.events += self.session.receive(buffer)
        asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        frames = self.session.take_output()
        if frames:
            text, buffers = carry(frames, as_text=self.as_text)
            content = {"jt": "frames", "view": self.view, "n": self.sent, **text}
            self.sent += 1
            self.endpoint.page_message(self.post, content, buffers)

    def state(self) -> Mapping[str, Any]:
        return [event for event in self.events if isinstance(event, StateChanged)][-1].changes

    def told(self) -> list[tuple[str, str]]:
        return [(event.state, event.message) for event in self.events if isinstance(event, StatusChanged)]


def run(scenario: Callable[[KernelEndpoint], Any], limits: Limits | None = None) -> None:
    async def main() -> None:
        bounds = limits or Limits()
        loop = asyncio.get_running_loop()
        rate = MessageRate(loop)
        desk = AssetDesk(loop, rate)
        attendance = Attendance(loop, bounds, ask=loop.call_soon, at_work=lambda: False)
        endpoint = KernelEndpoint(loop, rate, desk, attendance, bounds)
        await scenario(endpoint)
        endpoint.close("end")
        attendance.close()
        desk.close()
        rate.close()

    asyncio.run(main())


def test_a_page_that_comes_before_the_server_waits_for_it() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        page = Page(endpoint)
        page.open()
        await turn(10)
        assert not page.events
        endpoint.attach(make_primary("e1", x=1))
        await turn(10)
        assert page.state() == {"x": 1}

    run(scenario)


def test_the_next_life_arrives_in_place() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        first = make_primary("e1", x=1)
        endpoint.attach(first)
        page = Page(endpoint)
        page.open()
        await turn(10)
        endpoint.detach(ended=False)
        first.commit({"x": 100})
        endpoint.attach(make_primary("e2", x=2))
        await turn(10)
        assert page.state() == {"x": 2}
        assert [event.state for event in page.events if isinstance(event, StatusChanged)] == ["restarted"]
        assert not page.closes

    run(scenario)


def test_a_next_life_that_does_not_come_is_told_and_may_come_later() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        first = make_primary("e1", x=1)
        endpoint.attach(first)
        page = Page(endpoint)
        page.open()
        await turn(10)
        endpoint.detach(ended=False)
        endpoint.vacate("the server is being started")
        await until(page.told)
        call = page.session.call("m")
        page.flush()
        await turn(10)
        refused = [event for event in page.events if isinstance(event, Replied) and event.id == call]
        assert [(event.error or {})["message"] for event in refused] == ["the server is being started"]
        endpoint.vacate("nobody started it")
        await until(lambda: page.told()[1:])
        assert page.told() == [("lost", "the server is being started"), ("lost", "nobody started it")]
        endpoint.attach(make_primary("e2", x=2))
        await until(lambda: page.state() == {"x": 2})
        assert not page.closes
        assert page.told()[2:] == [("restarted", ""), ("live", "")]

    run(scenario)


def test_a_view_that_opens_again_takes_its_place() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        endpoint.attach(make_primary("e1", x=1))
        page = Page(endpoint)
        page.open()
        await turn(10)
        page.session.disconnected()
        page.sent = 0
        page.open()
        await turn(10)
        assert [event.resumed for event in page.events if isinstance(event, Ready)] == [False, True]

    run(scenario)


@pytest.mark.parametrize("leaves", [True, False])
def test_a_page_that_leaves_is_forgotten_and_one_that_closes_the_connection_is_not(leaves: bool) -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        primary = make_primary("e1", x=1)
        endpoint.attach(primary)
        page = Page(endpoint)
        page.open()
        await turn(10)
        assert len(primary.clients) == 1
        if leaves:
            page.session.leave()
            page.flush()
        endpoint.page_message(page.post, {"jt": "close", "view": "v", "code": 1001, "reason": ""}, ())
        await turn(10)
        assert len(primary.clients) == (0 if leaves else 1)

    run(scenario)


def test_viewers_are_who_was_let_in_and_has_not_gone() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        began = time.time()
        endpoint.attach(make_primary("e1", x=1))
        first, second = Page(endpoint, "v"), Page(endpoint, "w")
        endpoint.page_message(second.post, {"jt": "open", "view": "x"}, ())  # it never says who it is
        first.open()
        second.open()
        await turn(10)
        ids = [page.session.client_id for page in (first, second)]
        assert [client_id for client_id, _ in endpoint.viewers] == ids
        assert all(began <= since <= time.time() for _, since in endpoint.viewers)
        endpoint.page_message(first.post, {"jt": "close", "view": "v", "code": 1001, "reason": ""}, ())
        assert [client_id for client_id, _ in endpoint.viewers] == ids[1:]

    run(scenario)


def test_a_page_that_offers_signs_of_life_is_told_how_often() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        endpoint.attach(make_primary("e1", x=1))
        page, other = Page(endpoint), Page(endpoint)
        page.open(beats=True)
        await until(lambda: len(page.beats) > 1)
        assert page.beats[:2] == [[30.0, 600.0], None]
        other.open()
        await until(lambda: other.beats)
        assert other.beats[0] is None

    run(scenario)


def test_a_page_that_is_lost_leaves_after_the_grace_time_or_resumes() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        primary = make_primary("e1", x=1)
        endpoint.attach(primary)
        page = Page(endpoint)
        page.open(beats=True)
        await until(lambda: page.closes)
        assert page.closes[0]["code"] == 1006
        assert len(primary.clients) == 1
        page.session.disconnected()
        page.sent = 0
        page.open(beats=True)
        await until(
            lambda: [event.resumed for event in page.events if isinstance(event, Ready)][1:] == [True]
        )
        await until(lambda: not primary.clients)
        assert len(page.closes) == 2

    run(scenario, Limits(comm_silence=0.1, grace=0.1))


def test_a_page_that_beats_stays() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        endpoint.attach(make_primary("e1", x=1))
        page, silent = Page(endpoint), Page(endpoint, "silent")
        for each in (page, silent):
            each.open(beats=True)
        while not silent.closes:
            endpoint.page_message(page.post, {"jt": "beat", "view": "v"}, ())
            await turn()
        assert not page.closes

    run(scenario, Limits(comm_silence=0.5))


def test_a_page_that_asks_again_has_one_connection() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        endpoint.attach(make_primary("e1", x=1))
        page = Page(endpoint)
        for _ in range(2):
            endpoint.page_message(page.post, {"jt": "open", "view": "v"}, ())
        first = endpoint._comms["v"]
        page.open()
        assert page.answers == ["opened"] * 3
        await until(lambda: any(isinstance(event, Ready) for event in page.events))
        assert endpoint._comms["v"] is first
        endpoint.page_message(page.post, {"jt": "open", "view": "v"}, ())
        assert endpoint._comms["v"] is not first, "who has sent something begins anew"

    run(scenario)


def test_a_probe_comes_back_as_it_arrived() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        page = Page(endpoint)
        posted: list[tuple[Mapping[str, Any], list[bytes]]] = []

        def post(content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
            posted.append((content, [bytes(buffer) for buffer in buffers]))

        endpoint.page_message(post, {"jt": "probe", "view": "v"}, [PROBE])
        assert not posted, "nobody is connected"
        page.open()
        endpoint.page_message(post, {"jt": "probe", "view": "v"}, [PROBE])
        endpoint.page_message(post, {"jt": "probe", "view": "v"}, [])
        endpoint.page_message(post, {"jt": "probe", "view": "v"}, [b"another"])
        answer = {"jt": "probe", "view": "v"}
        assert posted == [(answer, [PROBE]), (answer, []), (answer, [])]

    run(scenario)


def test_a_page_that_wants_text_gets_no_buffer() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        primary = make_primary("e1", x=b"\xff")
        endpoint.attach(primary)
        page = Page(endpoint, as_text=True)
        page.open()
        await until(lambda: page.answers.count("frames"))
        primary.commit({"x": b"\xfe"})
        await until(lambda: page.state() == {"x": b"\xfe"})
        assert page.with_buffers == 0

    run(scenario)


@pytest.mark.parametrize("kind", ["frames", "beat"])
def test_who_is_not_known_is_told_to_connect_again(kind: str) -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        endpoint.attach(make_primary("e1", x=1))
        page = Page(endpoint)
        endpoint.page_message(page.post, {"jt": kind, "view": "v", "n": 7}, ())
        page.open()
        endpoint.page_message(page.post, {"jt": "close", "view": "v", "code": 1000}, ())
        endpoint.page_message(page.post, {"jt": kind, "view": "v", "n": 7}, ())
        assert [close["code"] for close in page.closes] == [1006, 1006]

    run(scenario)


class FakeOutput:
    """A link whose other end writes down what comes."""

    def __init__(self) -> None:
        self.ops: list[LinkOp] = []
        self.waiting = 0

    def send(self, *ops: LinkOp) -> bool:
        self.ops += ops
        return True

    def close(self, reason: str) -> None:
        """Nobody is there."""

    def of(self, kind: type[LinkOp]) -> list[LinkOp]:
        return [op for op in self.ops if isinstance(op, kind)]


class FakeFiles:
    def __init__(self) -> None:
        self.folders = {"pkg": Folder("/srv/pkg", 1, 2)}
        self.error: Exception | None = None

    def page_files(self) -> PageFiles:
        return PageFiles(dict(self.folders))

    def answer(self, op: Fetch, _page_files: PageFiles) -> File:
        if self.error is not None:
            raise self.error
        return File(op.request, 200, 1, 0, b"x")


def joined(endpoint: KernelEndpoint) -> FakeOutput:
    output = FakeOutput()
    endpoint.add(cast("Output", output))
    return output


def test_replicas_hear_of_the_folders_when_they_join_and_when_these_change() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        files: Any = FakeFiles()
        early = joined(endpoint)
        assert early.ops == []
        endpoint.attach(make_primary("e1"), files)
        late = joined(endpoint)
        assert early.of(PageFiles) == late.of(PageFiles) == [files.page_files()]
        files.folders["other"] = Folder("/srv/other", 1, 3)
        endpoint.refresh_page_files()
        endpoint.refresh_page_files()
        await until(lambda: late.of(PageFiles)[1:])
        assert early.of(PageFiles)[1:] == late.of(PageFiles)[1:] == [files.page_files()]

    run(scenario)


def test_a_part_of_a_file_comes_behind_the_news_of_its_folder() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        files: Any = FakeFiles()
        output = joined(endpoint)
        endpoint.attach(make_primary("e1"), files)
        files.folders["later"] = Folder("/srv/later", 1, 3)
        endpoint.receive(cast("Output", output), Fetch(7, "later/x", 0, 1))
        await until(lambda: output.of(File))
        assert output.ops[-2:] == [files.page_files(), File(7, 200, 1, 0, b"x")]

    run(scenario)


def test_every_fetch_is_answered() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        output = joined(endpoint)
        endpoint.receive(cast("Output", output), Fetch(1, "x", 0, 1))
        assert output.ops == [File(1, 404)]
        files: Any = FakeFiles()
        files.error = RuntimeError("the disk is on fire")
        endpoint.attach(make_primary("e1"), files)
        endpoint.receive(cast("Output", output), Fetch(2, "x", 0, 1))
        await until(lambda: File(2, 404) in output.ops)

    run(scenario)


def test_what_waits_is_counted_on_the_whole_way() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        drained: list[int] = []
        endpoint.attach(make_primary("e1"), None, lambda: drained.append(endpoint.pending()))
        first, second = joined(endpoint), joined(endpoint)
        assert endpoint.pending() == 0
        first.waiting = 2
        endpoint.receive(cast("Output", first), Pressure(3))
        endpoint.receive(cast("Output", second), Pressure(4))
        assert endpoint.pending() == 5
        first.waiting = 0
        endpoint.receive(cast("Output", first), Pressure(0))
        endpoint.remove(cast("Output", second))
        assert drained == [5, 5, 4, 0]

    run(scenario)


def test_what_a_replica_says_before_it_has_seen_the_next_life_is_meant_for_the_one_before() -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        first, second = make_primary("e1"), make_primary("e2")
        endpoint.attach(first)
        output = cast("Output", joined(endpoint))
        endpoint.receive(output, ClientOpened(ClientId("c1"), native=True))
        assert first.clients == ["c1"]
        endpoint.detach(ended=False)
        endpoint.attach(second)
        endpoint.receive(output, ClientOpened(ClientId("c2"), native=True))
        endpoint.receive(output, Seen(Epoch("e0")))
        endpoint.receive(output, ClientOpened(ClientId("c3"), native=True))
        assert second.clients == []
        endpoint.receive(output, Seen(Epoch("e2")))
        endpoint.receive(output, ClientOpened(ClientId("c4"), native=True))
        assert second.clients == ["c4"]
        endpoint.detach(ended=False)
        endpoint.attach(second)  # the same life again: nothing of it is stale
        endpoint.receive(output, ClientOpened(ClientId("c5"), native=True))
        assert second.clients == ["c4", "c5"]

    run(scenario)


@pytest.mark.parametrize("server_ended", [False, True])
def test_clients_of_a_link_that_does_not_come_back_have_left(server_ended: bool) -> None:
    async def scenario(endpoint: KernelEndpoint) -> None:
        primary = make_primary("e1", limits=Limits(grace=0.01))
        endpoint.attach(primary)
        output = joined(endpoint)
        endpoint.receive(cast("Output", output), ClientOpened(ClientId("c1"), True))
        if server_ended:
            endpoint.detach(ended=True)
        endpoint.remove(cast("Output", output))
        assert primary.clients == ["c1"]
        await until(lambda: not primary.clients)

    run(scenario)
