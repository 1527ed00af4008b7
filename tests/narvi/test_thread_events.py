"""What threads say reaches the loop in order, and what is wrong comes back."""

import asyncio
import threading

import pytest

from jupyter_trame.execution.mailbox import Mailbox
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.narvi.slow_sessions import SlowSessions
from jupyter_trame.narvi.thread_events import ThreadEvents
from tests.narvi.support import KEY, FakeEvents, run


class HomeEvents(FakeEvents):
    """Checks that it is called on the loop's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.home = threading.get_ident()

    def send(self, *args: object) -> None:
        assert threading.get_ident() == self.home
        super().send(*args)  # type: ignore[arg-type]

    def administer(self, action: str, workspace: str, service: str, service_id: str) -> None:
        if action == "kill":
            raise ValueError("not that")
        super().administer(action, workspace, service, service_id)


def test_from_a_thread() -> None:
    async def scenario() -> None:
        home = HomeEvents()
        events = ThreadEvents(KEY, home, LocalShared())

        def work() -> bool:
            events.send("a")
            events.send(b"b", "s1", "s2")
            events.session_opened("s1")
            events.admin_listening()
            events.administer("stop", "w", "service", "x")
            events.ended("it is over")
            with pytest.raises(ValueError, match="not that"):
                events.administer("kill", "w", "service", "x")
            return events.send_to_app("w", "app", "x", 1)

        assert await asyncio.to_thread(work) is True
        assert home.sent == [("a", None, None), (b"b", "s1", "s2")]
        assert (home.opened, home.admin, home.reasons) == (["s1"], 1, ["it is over"])
        assert home.administered == [("stop", "w", "service", "x")]
        assert home.to_apps == [("w", "app", "x", 1)]

    run(scenario)


def test_behind_the_end_everything_is_lost() -> None:
    async def scenario() -> None:
        home, mailbox = HomeEvents(), Mailbox()
        events = ThreadEvents(KEY, home, LocalShared(mailbox))
        mailbox.close()

        def work() -> bool:
            events.send("a")
            events.session_opened("s1")
            events.admin_listening()
            events.ended("over")
            events.administer("stop", "w", "service", "x")
            return events.send_to_app("w", "app", "x", 1)

        assert await asyncio.to_thread(work) is False
        assert home.sent == home.opened == home.reasons == home.administered == []

    run(scenario)


def test_who_sends_too_much_waits() -> None:
    async def scenario() -> None:
        slow, home = SlowSessions(), HomeEvents()
        events = ThreadEvents(KEY, home, LocalShared(slow=slow))
        slow.put(KEY, "s1", reads=True)
        for call in (lambda: events.send("a", "s1"), lambda: events.send("b", None, "s2")):
            slow.put(KEY, "s1", reads=True)
            sending = asyncio.create_task(asyncio.to_thread(call))
            await asyncio.wait([sending], timeout=0.05)
            assert not sending.done()
            slow.discard(KEY, "s1")
            await sending
        slow.put(KEY, "s1", reads=True)
        await asyncio.to_thread(events.send, "c", None, "s1")
        events.send("d")  # the loop itself never waits
        assert [message for message, _, _ in home.sent] == ["a", "b", "c", "d"]
        slow.discard(KEY, "s1")

    run(scenario)


class Line:
    """A page's socket, which takes what it is told to."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.takes = True

    def write_now(self, data: bytes) -> bool:
        if self.takes:
            self.written.append(data)
        return self.takes


def test_a_short_answer_leaves_on_its_thread_unless_something_is_before_it() -> None:
    async def scenario() -> None:
        home, shared, line = HomeEvents(), LocalShared(), Line()
        events = ThreadEvents(KEY, home, shared)
        shared.lines["s1"] = line  # type: ignore[assignment]

        def work() -> None:
            events.send("ä", "s1")
            events.send(b"\0", "s1")
            events.send("to all")
            events.send("behind it", "s1")  # the loop stands still

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert line.written == [b"\x81\x02\xc3\xa4", b"\x82\x01\x00"]
        assert home.sent == []
        await asyncio.sleep(0)
        assert [message for message, _, _ in home.sent] == ["to all", "behind it"]
        await asyncio.to_thread(events.send, "x" * (1 << 20), "s1")
        line.takes = False
        await asyncio.to_thread(events.send, "full", "s1")
        await asyncio.to_thread(events.send, "another", "s2")
        assert [message[:10] for message, _, _ in home.sent[2:]] == ["x" * 10, "full", "another"]

    run(scenario)
