import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from jupyter_trame.transports.control_words import ABSENT, LISTED
from tests.extension.support import Browser, KernelProcess, until


async def test_lists_servers(jp_fetch: Any, kernel: KernelProcess) -> None:
    kernel.run("Demo").info["started"] = 1.5
    kernel.write_record()
    model = {
        "kernel_id": kernel.id,
        "slug": "demo",
        "title": "Demo <title>",
        "name": "Demo",
        "way": "socket",
        "added": 0,
        "app": None,
        "path": None,
        "owner": "other",
        "viewers": 0,
        "started": "1970-01-01T00:00:01.500Z",
        "kernel_state": "idle",
    }
    assert json.loads((await jp_fetch("trame", "api", "v1", "servers")).body) == [model]
    address = ("trame", "api", "v1", "servers", kernel.id, "demo")
    assert json.loads((await jp_fetch(*address)).body) == model


async def test_a_kernel_that_does_not_say_when(jp_fetch: Any, kernel: KernelProcess) -> None:
    kernel.run("Demo")
    (model,) = json.loads((await jp_fetch("trame", "api", "v1", "servers")).body)
    assert model["started"] is None


async def test_who_looks(
    jp_fetch: Any, kernel: KernelProcess, browse: Callable[..., Awaitable[Browser]]
) -> None:
    kernel.run("Demo", x=1)
    address = ("trame", "api", "v1", "servers", kernel.id, "demo")
    began = datetime.now(UTC)
    browsers = await asyncio.gather(browse(), browse())
    await until(lambda: all(browser.state == {"x": 1} for browser in browsers))
    viewers = json.loads((await jp_fetch(*address, "viewers")).body)
    assert {viewer["id"] for viewer in viewers} == {browser.session.client_id for browser in browsers}
    for viewer in viewers:
        assert viewer.keys() == {"id", "since", "path", "user"}
        assert viewer["path"] == "websocket"
        assert viewer["user"]
        assert datetime.fromisoformat(viewer["since"]) >= began.replace(microsecond=0)
    assert json.loads((await jp_fetch(*address)).body)["viewers"] == 2
    await browsers[0].leave()
    await until(lambda: kernel.connections == 1)
    (left,) = json.loads((await jp_fetch(*address, "viewers")).body)
    assert left["id"] == browsers[1].session.client_id


@pytest.mark.parametrize(
    ("answer", "listed"),
    [
        (
            [LISTED, [["c", 0.5]]],
            [{"id": "c", "since": "1970-01-01T00:00:00.500Z", "path": "comm", "user": None}],
        ),
        ([LISTED, [["c", 1e300], ["c", float("nan")], ["c"], 7, [b"c", 1]]], []),
        ([LISTED, "c"], []),
        ([ABSENT], []),
    ],
)
async def test_who_looks_over_a_comm(
    jp_fetch: Any, kernel: KernelProcess, answer: list[Any], listed: list[Any]
) -> None:
    kernel.run("Demo")
    kernel.answer = answer
    response = await jp_fetch("trame", "api", "v1", "servers", kernel.id, "demo", "viewers")
    assert json.loads(response.body) == listed


async def test_a_kernel_that_cannot_be_asked(jp_fetch: Any, kernel: KernelProcess) -> None:
    kernel.description.connection_file = ""  # neither on this machine nor behind a gateway
    for parts in ((), ("viewers",)):
        response = await jp_fetch(
            "trame", "api", "v1", "servers", kernel.id, "demo", *parts, raise_error=False
        )
        assert response.code == 503
        assert json.loads(response.body) == {
            "message": "the kernel cannot be asked: the kernel does not run on this machine"
        }
