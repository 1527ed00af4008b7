"""Which pages are given up, in a time that the test makes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.kernel.attendance import Attendance
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.transports.comm import CommTransport
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.types import Packed
from tests.transports.clock import Clock

LIMITS = Limits()


class Kernel:
    """Its main thread answers and no cell runs, unless the test says so."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.cell = False
        self.blocked = False
        self.unanswered: list[Callable[[], object]] = []
        self.attendance = Attendance(self.clock.loop, LIMITS, ask=self._ask, at_work=lambda: self.cell)
        self.rate = MessageRate(self.clock.loop)

    def _ask(self, answer: Callable[[], object]) -> None:
        if self.cell or self.blocked:
            self.unanswered.append(answer)
        else:
            self.clock.call_soon(answer)

    def go_on(self) -> None:
        self.cell = self.blocked = False
        while self.unanswered:
            self.unanswered.pop()()


class Page:
    urgent = False

    def __init__(self, kernel: Kernel, *, beats: bool = True) -> None:
        self.kernel = kernel
        self.posts: list[Mapping[str, Any]] = []
        self.closes: list[int | None] = []
        self.transport = CommTransport(
            "v", self._post, kernel.clock.loop, kernel.rate, beat=(30.0, 600.0) if beats else None
        )
        self.transport.port = self  # type: ignore[assignment]
        self.heard()
        self.show()

    def show(self) -> None:
        """Frames for it leave."""
        self.transport.send(b"frame")
        self.kernel.clock.advance(0.1)

    def heard(self) -> None:
        self.kernel.attendance.heard(self.transport)

    def _post(self, content: Mapping[str, Any], _buffers: Sequence[Packed]) -> None:
        self.posts.append(content)

    def writable(self) -> None:
        """Nothing more is to be said."""

    def closed(self, code: int | None = None) -> None:
        self.closes.append(code)


def test_a_hidden_page_may_miss_a_beat() -> None:
    """Its timers fire once a minute."""
    assert LIMITS.comm_silence > 2 * 60.0 + LIMITS.comm_beat - 1


def test_a_page_that_is_silent_is_lost_and_told_so() -> None:
    kernel = Kernel()
    page = Page(kernel)
    kernel.clock.advance(LIMITS.comm_silence - 5)
    assert page.closes == []
    kernel.clock.advance(10)
    assert page.closes == [None]
    assert (page.posts[-1]["jt"], page.posts[-1]["code"]) == ("close", 1006)
    assert "150 s" in page.posts[-1]["reason"]
    kernel.clock.advance(10)
    assert not kernel.clock.waits


def test_a_page_that_is_heard_now_and_then_is_kept() -> None:
    kernel = Kernel()
    page, other = Page(kernel), Page(kernel)
    for _ in range(60):
        kernel.clock.advance(60)
        page.show()
        page.heard()
    assert (page.closes, other.closes) == ([], [None])


def test_a_page_need_not_be_heard_while_nothing_is_said_to_it() -> None:
    kernel = Kernel()
    page = Page(kernel)
    for _ in range(9):
        kernel.clock.advance(60)
        page.heard()
    kernel.clock.advance(36_000)
    assert page.closes == []
    page.show()
    kernel.clock.advance(LIMITS.comm_silence - 5)
    assert page.closes == []
    kernel.clock.advance(10)
    assert page.closes == [None]


def test_a_page_that_does_not_know_of_beats_is_kept() -> None:
    kernel = Kernel()
    page = Page(kernel, beats=False)
    kernel.clock.advance(3600)
    assert page.closes == []


def test_a_page_that_was_not_answered_yet_is_kept() -> None:
    kernel = Kernel()
    page = CommTransport("v", lambda *_: None, kernel.clock.loop, kernel.rate, beat=(30.0, 600.0))
    kernel.attendance.heard(page)
    kernel.clock.advance(3600)
    assert not page.closed


def test_the_time_of_a_cell_is_not_the_silence_of_a_page() -> None:
    kernel = Kernel()
    page = Page(kernel)
    kernel.clock.advance(100)
    kernel.cell = True
    for _ in range(60):
        kernel.clock.advance(60)
        page.show()
    kernel.go_on()
    kernel.clock.advance(40)
    assert page.closes == []
    kernel.clock.advance(20)
    assert page.closes == [None]


def test_neither_is_the_time_in_which_a_callback_holds_the_main_thread() -> None:
    kernel = Kernel()
    page = Page(kernel)
    for _ in range(100):
        page.show()
        kernel.clock.advance(1)
        kernel.blocked = True
        kernel.clock.advance(3600)
        kernel.go_on()
    assert page.closes == []


def test_cells_in_a_row_are_no_silence_either() -> None:
    kernel = Kernel()
    page = Page(kernel)
    for _ in range(1000):
        page.show()
        kernel.cell = True
        kernel.clock.advance(7)
        kernel.go_on()
        kernel.clock.advance(0.5)
    assert page.closes == []


def test_at_the_end_nobody_is_watched() -> None:
    kernel = Kernel()
    page = Page(kernel)
    page.transport.gone()
    kernel.clock.advance(10)
    assert not kernel.clock.waits
    Page(kernel).transport.gone()
    assert kernel.clock.waits
    kernel.attendance.close()
    assert not kernel.clock.waits
