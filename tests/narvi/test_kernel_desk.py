"""What a kernel has registered, told to Jupyter servers that come and go."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import LinkError, ServerError
from jupyter_trame.narvi.kernel_desk import Desk
from jupyter_trame.protocol.link import Parcel, Stopped
from jupyter_trame.services import words
from jupyter_trame.services.resources import Resources
from jupyter_trame.services.service_registry import NameTakenError
from tests.narvi.test_kernel_port import Output, on_a_loop
from tests.services.support import service

KEY = ("service", "w", "s")
CONTENT = Path(__file__).read_bytes()


def bench() -> tuple[Desk, Output]:
    return Desk(asyncio.get_running_loop()), Output()


async def asked(desk: Desk, output: Output, *answer: Any, call: Callable[[], Any]) -> Any:
    """What `call` gives on a thread, when the Jupyter server answers with `answer`."""
    calling: Awaitable[Any] = asyncio.ensure_future(asyncio.to_thread(call))
    before = len(output.said(words.ASK))
    await output.until(lambda: len(output.said(words.ASK)) > before)
    kind, *rest = answer
    desk.receive(output, Parcel([kind, output.said(words.ASK)[-1].header[1], *rest]))
    return await calling


@on_a_loop
async def test_entries_wait_for_the_jupyter_server_and_are_told_to_the_next_one() -> None:
    desk, output = bench()
    desk.register(KEY, "service", {"a": 1})
    desk.add(output)
    assert output.parcels == [Parcel([words.HELLO, [["service", {"a": 1}]]])]
    desk.receive(output, Parcel([words.HELLO, {"frames": False}]))
    assert desk.wait_for_server(0)
    assert not desk.frames
    await asked(desk, output, words.ANSWER, call=lambda: desk.register(KEY, "service", {"a": 2}))
    other = Output()
    desk.add(other)
    assert output.closed
    assert other.parcels == [Parcel([words.HELLO, [["service", {"a": 2}]]])]
    assert desk.withdraw([KEY])
    desk.remove(other)
    assert not desk.withdraw([KEY])


@on_a_loop
async def test_what_is_refused_is_not_kept() -> None:
    desk, output = bench()
    desk.add(output)
    refusal = (words.FAILED, "NameTakenError", "it is taken")
    with pytest.raises(NameTakenError, match="it is taken"):
        await asked(desk, output, *refusal, call=lambda: desk.register(KEY, "service", {"a": 1}))
    other = Output()
    desk.add(other)
    assert other.parcels == [Parcel([words.HELLO, []])]


@on_a_loop
async def test_without_a_jupyter_server() -> None:
    desk, output = bench()
    with pytest.raises(ServerError, match="no Jupyter server has linked"):
        desk.ask("run")
    desk.add(output)
    asking = asyncio.ensure_future(asyncio.to_thread(desk.ask, "run"))
    await output.until(lambda: output.said(words.ASK))
    desk.remove(output)
    with pytest.raises(ServerError, match="is gone"):
        await asking


@on_a_loop
async def test_questions_of_the_jupyter_server() -> None:
    desk, output = bench()
    desk.add(output)
    desk.knows(service("s", service_id_validator=lambda service_id: service_id == "a"))
    desk.serves("w", "app", Resources({"page.html": __file__}))
    questions = [
        ("validate", "w", "s", "a"),
        ("validate", "w", "s", "b"),
        ("validate", "w", "unknown", "a"),
        ("file", "w", "app", "page.html", 3),
        ("file", "w", "app", "other.html", 0),
        ("nonsense",),
    ]
    for number, question in enumerate(questions):
        desk.receive(output, Parcel([words.ASK, number, *question]))
    await output.until(lambda: len(output.parcels) == 7)
    answers = {parcel.header[1]: parcel for parcel in output.parcels[1:]}
    assert [answers[number].header[2] for number in range(3)] == [True, False, False]
    content = CONTENT
    assert answers[3].payload == content[3:]
    assert answers[3].header[2] == len(content)
    assert answers[4].header == [words.ANSWER, 4]
    assert answers[5].header[0] == words.FAILED
    with pytest.raises(LinkError):
        desk.receive(output, Stopped(1001, "what servers say"))
