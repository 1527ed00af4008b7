"""What a kernel's words mean; real kernels say them in test_app_control."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension import kernel_control
from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.kernel_control import BUSY_MESSAGE, ask_kernel, ask_viewers
from jupyter_trame.protocol.link import Parcel
from jupyter_trame.transports.control_words import STOP, VIEWERS
from jupyter_trame.transports.stream import StreamLink


class Kernel:
    """A kernel whose answers a test decides."""

    def __init__(self, *answers: list[Any], hangs_up: bool = False) -> None:
        self.answers = answers
        self.hangs_up = hangs_up
        self.asked: list[list[Any]] = []
        self.record: Any = object()
        self.link: StreamLink | None = None

    async def connect(self, _id: str, _address: str) -> socket.socket:
        raise AssertionError("`join` has no use for it here")

    async def look_up(self, _: str) -> Any:
        return self.record

    def join(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.link = StreamLink(
            theirs, asyncio.get_running_loop(), on_ops=self._on_ops, on_closed=lambda _: None
        )
        return ours

    def _on_ops(self, ops: list[Any]) -> None:
        assert self.link is not None
        self.asked += [op.header for op in ops]
        for answer in self.answers:
            self.link.send(Parcel(answer))
        if self.hangs_up:
            self.link.close("gone")


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Kernel], Any]]:
    kernels: list[Kernel] = []

    async def join(*_: Any, **__: Any) -> socket.socket:
        return kernels[-1].join()

    monkeypatch.setattr(kernel_control, "join", join)
    monkeypatch.setattr(kernel_control, "_WORD", 0.05)

    def ask(kernel: Kernel) -> Any:
        kernels.append(kernel)
        return ask_kernel(kernel, "k", STOP, "app", limit=0.05)  # type: ignore[arg-type]

    yield ask
    for kernel in kernels:
        if kernel.link is not None:
            kernel.link.close("the test is over")


@pytest.mark.parametrize(
    ("kernel", "viewers"),
    [
        (Kernel(["listed", [["c", 1.5]]]), [("c", 1.5)]),
        (Kernel(), []),
        (Kernel(hangs_up=True), []),
        (Kernel(["absent"]), []),
        (Kernel(["listed"]), []),
    ],
)
async def test_who_looks_over_comms(
    monkeypatch: pytest.MonkeyPatch, kernel: Kernel, viewers: list[tuple[str, float]]
) -> None:
    async def join(*_: Any, **__: Any) -> socket.socket:
        return kernel.join()

    monkeypatch.setattr(kernel_control, "join", join)
    if not (kernel.answers or kernel.hangs_up):
        monkeypatch.setattr(kernel_control, "_WORD", 0.05)
    assert await ask_viewers(kernel, "k", "app") == viewers  # type: ignore[arg-type]
    assert kernel.asked == [[VIEWERS, "app", 3.0]]
    assert kernel.link is not None
    kernel.link.close("the test is over")


async def test_what_is_done_is_not_spoken_of(ask: Any) -> None:
    kernel = Kernel(["begun"], ["done"])
    await ask(kernel)
    assert kernel.asked == [[STOP, "app", 3.0]]


@pytest.mark.parametrize(
    ("kernel", "status", "message"),
    [
        (Kernel(["busy"]), 409, BUSY_MESSAGE),
        (Kernel(), 409, BUSY_MESSAGE),
        (Kernel(["absent"]), 404, "the app 'app' is not running any more"),
        (Kernel(["begun"], ["failed", "ValueError: no", "line 1"]), 500, "ValueError: no"),
        (Kernel(["begun"]), 504, "the app 'app' did not stop within 0.05 seconds"),
        (Kernel(hangs_up=True), 409, "the kernel does not stop the app when it is asked to"),
        (Kernel(["what"]), 409, "the kernel's answer is not understood: ['what']"),
    ],
)
async def test_what_is_not_done_is_told(ask: Any, kernel: Kernel, status: int, message: str) -> None:
    with pytest.raises(ApiError) as error:
        await ask(kernel)
    assert error.value.status_code == status
    assert error.value.message.startswith(message)
    assert error.value.trace == ("line 1" if status == 500 else "")


async def test_a_kernel_without_apps(ask: Any) -> None:
    kernel = Kernel()
    kernel.record = None
    with pytest.raises(ApiError) as error:
        await ask(kernel)
    assert error.value.status_code == 404


async def test_a_kernel_that_is_not_reached(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def join(*_: Any, **__: Any) -> socket.socket:
        raise LinkError("the gateway of this kernel does not answer")

    monkeypatch.setattr(kernel_control, "join", join)
    with pytest.raises(ApiError) as error:
        await ask(Kernel())
    assert error.value.status_code == 503
    assert error.value.message == "the kernel cannot be asked: the gateway of this kernel does not answer"
