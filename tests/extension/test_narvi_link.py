"""Questions and answers over a link to what a kernel has of services."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.narvi_link import AnsweredError, NarviLink
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.kernel.links import KernelLinks
from jupyter_trame.kernel.output import Output
from jupyter_trame.protocol.link import LinkOp, Parcel
from jupyter_trame.services import words
from jupyter_trame.transports.listener import connect
from jupyter_trame.transports.rendezvous import Record, read_record, record_path

SLUG = "a.service"


class Service:
    """Answers what it is asked with the question."""

    def __init__(self) -> None:
        self.output: Output | None = None

    def add(self, output: Output) -> None:
        self.output = output
        output.send(Parcel([words.HELLO, "here"]))

    def receive(self, output: Output, op: LinkOp) -> None:
        assert isinstance(op, Parcel)
        match op.header:
            case [words.ASK, number, "fail"]:
                output.send(Parcel([words.FAILED, number, "ValueError", "it is wrong"]))
            case [words.ASK, _, "wait"]:
                pass
            case [words.ASK, number, *question]:
                output.send(Parcel([words.ANSWER, number, *question], op.payload))

    def remove(self, output: Output) -> None:
        self.output = None

    def drained(self, output: Output) -> None:
        pass


class Kernels:
    """One kernel, which is this process."""

    def __init__(self, folder: Path) -> None:
        self._path = record_path(folder / "kernel-k.json")

    async def look_up(self, kernel_id: str) -> Record | None:
        return read_record(self._path)

    async def connect(self, kernel_id: str, address: str) -> Any:
        return await connect(address)


@pytest.fixture
def links(tmp_path: Path) -> Iterator[KernelLinks]:
    tmp_path.chmod(0o700)
    loop = asyncio.new_event_loop()
    links = KernelLinks(
        KernelEnvironment(None, loop, 0, tmp_path / "kernel-k.json"), InterruptGuard(None, loop)
    )
    yield links
    links.close()
    loop.close()


async def test_questions_are_answered(links: KernelLinks, tmp_path: Path) -> None:
    service = Service()
    links.offer(SLUG, service)
    heard: list[Parcel] = []
    closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    link = NarviLink(on_parcel=heard.append, on_closed=closed.set_result)
    assert link.closed
    with pytest.raises(LinkError):
        await link.ask("anything")
    kernels = cast("Any", Kernels(tmp_path))
    with pytest.raises(LinkError, match="nothing of services"):
        await link.join(kernels, "k", "another.service")
    await link.join(kernels, "k", SLUG)
    answers = await asyncio.gather(*(link.ask("number", number, payload=b"x") for number in range(100)))
    assert [answer.header[2:] for answer in answers] == [["number", number] for number in range(100)]
    assert answers[0].payload == b"x"
    assert heard == [Parcel([words.HELLO, "here"])]
    with pytest.raises(AnsweredError, match="it is wrong") as error:
        await link.ask("fail")
    assert error.value.kind == "ValueError"
    waiting = asyncio.ensure_future(link.ask("wait"))
    await asyncio.sleep(0)
    assert service.output is not None
    service.output.close("it ends")
    with pytest.raises(LinkError, match="has ended"):
        await waiting
    await closed
    link.tell(Parcel(["nobody hears"]))
    link.close("again")
