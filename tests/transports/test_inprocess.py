"""The link inside one process."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jupyter_trame.protocol import Limits, Primary, Replica
from jupyter_trame.protocol.events import WriteEvent
from jupyter_trame.protocol.link import ClientClosed, ClientOpened
from jupyter_trame.transports.inprocess import InProcessLink
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.types import ClientId, Epoch
from tests.support.servers import Client, turn
from tests.transports.support import until


class Setup:
    """A primary whose writes are applied as they come."""

    def __init__(self, epoch: str = "e1", limits: Limits | None = None) -> None:
        self.events: list[Any] = []
        self.primary = Primary(
            name="app",
            slug="app",
            title="App",
            epoch=Epoch(epoch),
            secret="s",
            limits=limits,
            on_event=lambda event: self.on_event(event),  # a test may put its own there
            on_unpackable=lambda error: self.events.append(error),
        )

    def on_event(self, event: Any) -> None:
        self.events.append(event)
        if isinstance(event, WriteEvent):
            asyncio.get_running_loop().call_soon(self.apply, event)

    def apply(self, event: WriteEvent) -> None:
        with self.primary.applying(event):
            self.primary.commit(event.values)

    def commit(self, values: Mapping[str, Any]) -> None:
        self.primary.commit(values)


def linked(setup: Setup) -> tuple[ReplicaPump, InProcessLink]:
    loop = asyncio.get_running_loop()
    pump = ReplicaPump(Replica(), loop)
    link = InProcessLink(pump, loop)
    link.attach(setup.primary)
    return pump, link


async def connected(pump: ReplicaPump) -> Client:
    return await Client("s").connect(pump).ready()


def run(scenario: Callable[[], Any]) -> None:
    asyncio.run(scenario())


def test_on_one_thread_a_commit_arrives_before_it_returns() -> None:
    async def scenario() -> None:
        setup = Setup()
        setup.commit({"x": 1})
        pump, _ = linked(setup)
        client = await connected(pump)
        assert client.state == {"x": 1}
        setup.commit({"x": 2})
        assert client.state == {"x": 2}

    run(scenario)


def test_a_large_commit_on_one_thread_does_not_hold_back_the_next() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, _ = linked(setup)
        client = await connected(pump)
        for number in range(3):
            setup.commit({"x": bytes(3_000_000), "n": number})
            await client.until(lambda: client.state.get("n") == number)  # noqa: B023 - waited for in this round
        pump.close()

    run(scenario)


def test_writes_go_up_and_are_settled() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, _ = linked(setup)
        author, other = await connected(pump), await connected(pump)
        author.write(x=5)
        await author.settled()
        await other.until(lambda: other.state.get("x") == 5)

    run(scenario)


def test_from_another_thread_commits_arrive_in_order_and_in_bursts() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, _ = linked(setup)
        client = await connected(pump)
        seen: list[int] = []
        loop = asyncio.get_running_loop()
        wakes = 0
        original = loop.call_soon_threadsafe

        def count(*args: Any, **kwargs: Any) -> Any:
            nonlocal wakes
            wakes += 1
            return original(*args, **kwargs)

        loop.call_soon_threadsafe = count  # type: ignore[assignment, method-assign]

        def work() -> None:
            for number in range(500):
                setup.commit({"n": number})

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

        def collect() -> bool:
            if (n := client.state.get("n")) is not None:
                seen.append(n)
            return n == 499

        await client.until(collect)
        assert seen == sorted(seen)
        assert wakes == 1

    run(scenario)


def test_a_flood_from_a_thread_is_bounded_and_complete() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, link = linked(setup)
        client = await connected(pump)
        sizes: list[int] = []

        def work() -> None:
            for number in range(50):
                setup.commit({"big": bytes([number]) * 200_000, "n": number})
                sizes.append(link._backlog.size)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        await client.until(lambda: client.state.get("n") == 49)
        assert client.state["big"] == bytes([49]) * 200_000
        assert max(sizes) < 2_000_000

    run(scenario)


def test_another_primary_takes_over_in_place() -> None:
    async def scenario() -> None:
        first, second = Setup("e1"), Setup("e2")
        first.commit({"x": 1, "old": 1})
        second.commit({"x": 2})
        pump, link = linked(first)
        client = await connected(pump)
        link.attach(second.primary)
        first.commit({"x": 100})
        await client.until(lambda: client.session.live and client.state == {"x": 2})
        assert client.statuses() == ["restarted"]
        client.write(x=3)
        await client.settled()
        assert client.closed is None

    run(scenario)


def test_a_lost_link_is_told_to_clients() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, link = linked(setup)
        client = await connected(pump)
        link.lost("gone")
        assert client.statuses() == ["lost"]
        link.attach(setup.primary)
        await client.until(lambda: client.statuses() == ["lost", "live"])

    run(scenario)


def test_an_overflow_starts_over_with_a_snapshot() -> None:
    async def scenario() -> None:
        setup = Setup(limits=Limits(link_queue=3_000_000))
        pump, _ = linked(setup)
        client = await connected(pump)

        def work() -> None:
            for _ in range(60):
                setup.primary.messages.publish("my.topic", bytes(100_000))
            setup.commit({"after": 1})

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        await client.until(lambda: client.state.get("after") == 1)
        assert len(client.published("my.topic")) < 60
        await turn()
        assert client.statuses()[-1] == "live"

    run(scenario)


def test_what_another_thread_sent_waits_for_the_loop() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, link = linked(setup)
        idle: list[int] = []
        pump.on_idle = lambda: idle.append(link.waiting)
        thread = threading.Thread(target=setup.commit, args=({"x": 1},))
        thread.start()
        thread.join()
        assert link.waiting == 1
        await turn()
        assert link.waiting == 0
        assert idle == [0]

    run(scenario)


def test_after_the_end_the_clients_have_left() -> None:
    async def scenario() -> None:
        setup = Setup()
        pump, link = linked(setup)
        client = await connected(pump)
        link.detach()
        assert setup.primary.clients == [client.session.client_id], "it may come back over another link"
        link.attach(setup.primary)
        link.end()
        link.end()
        assert setup.primary.clients == []
        assert setup.events[-1] == ClientClosed(ClientId(str(client.session.client_id)))

    run(scenario)


def watch_lock(setup: Setup) -> list[str]:
    """Names of the events that come while no other thread can have the primary's lock; filled in time."""
    seen: list[str] = []
    original = setup.on_event

    def on_event(event: Any) -> None:
        def try_it() -> None:
            if setup.primary._lock.acquire(timeout=0.2):
                setup.primary._lock.release()
            else:
                seen.append(type(event).__name__)

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        original(event)

    setup.on_event = on_event  # type: ignore[method-assign]
    return seen


def test_who_comes_back_too_late_is_not_let_in_under_the_lock() -> None:
    """User code then waits for locks that another thread may hold, which itself waits for the primary's."""

    async def scenario() -> None:
        setup = Setup()
        setup.commit({"x": 1})
        seen = watch_lock(setup)
        pump, _ = linked(setup)
        client = await connected(pump)
        assert client.port is not None
        client.port.closed()
        client.session.disconnected()
        for session in pump.replica.sessions:
            session.deadline = 0.0
        pump._expire()
        assert [type(event) for event in setup.events] == [ClientOpened, ClientClosed]
        client.connect(pump)
        await until(lambda: len(setup.events) == 3)
        assert isinstance(setup.events[2], ClientOpened)
        assert seen == []
        pump.close()

    run(scenario)


def test_who_is_too_slow_does_not_leave_under_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        setup = Setup()
        seen = watch_lock(setup)
        loop = asyncio.get_running_loop()
        pump = ReplicaPump(Replica(limits=Limits(client_queue=1000)), loop)
        InProcessLink(pump, loop).attach(setup.primary)
        client = await connected(pump)
        monkeypatch.setattr(client, "room", lambda: 0)
        for _ in range(3):
            setup.primary.messages.publish("topic", bytes(900))
        await until(lambda: len(setup.events) == 2)
        assert isinstance(setup.events[1], ClientClosed)
        assert seen == []
        pump.close()

    run(scenario)
