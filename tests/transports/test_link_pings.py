"""Both ends of a link can ask how long the way is."""

import asyncio

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.link import LinkOp, Ping, Pong
from jupyter_trame.transports.link_pings import LinkPings


def test_a_question_is_answered_with_its_number() -> None:
    sent: list[LinkOp] = []
    LinkPings(sent.append).receive(Ping(7))
    assert sent == [Pong(7)]


def test_each_answer_ends_its_own_question() -> None:
    async def scenario() -> None:
        sent: list[LinkOp] = []
        pings = LinkPings(sent.append)
        first, second = (asyncio.create_task(pings.ask()) for _ in range(2))
        await asyncio.sleep(0)
        assert sent == [Ping(1), Ping(2)]
        pings.receive(Pong(2))
        await second
        assert not first.done()
        pings.receive(Pong(1))
        await first
        pings.receive(Pong(1))  # once more, or for nobody: harmless

    asyncio.run(scenario())


def test_silence_is_an_error() -> None:
    with pytest.raises(LinkError, match=r"did not answer within 0\.01 s"):
        asyncio.run(LinkPings(lambda _: None, timeout=0.01).ask())


def test_no_link_is_an_error() -> None:
    def send(_: LinkOp) -> None:
        raise LinkError("the kernel does not answer")

    with pytest.raises(LinkError, match="the kernel does not answer"):
        asyncio.run(LinkPings(send).ask())
