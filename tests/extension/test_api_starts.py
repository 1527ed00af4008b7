"""With real kernels: starts that take longer than a request, and stopping them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.extension_app import TrameExtension
from tests.extension.support import until

Ask = Callable[..., Awaitable[tuple[int, Any, Any]]]

SLOW = """
import pathlib, time
from jupyter_trame import Server
pathlib.Path("begun").write_text("")
while not pathlib.Path("go").exists():
    time.sleep(0.01)
server = Server("Slow")
server.start()
"""


@pytest.fixture
def ask(jp_fetch: Any, extension: TrameExtension) -> Ask:
    """``await ask("GET", "starts", ..., wait=0)``: status, answer and headers."""

    async def ask(method: str, *parts: str, body: Any = None, wait: Any = None) -> tuple[int, Any, Any]:
        options: dict[str, Any] = {"body": json.dumps(body or {})} if method == "POST" else {}
        if wait is not None:
            options["params"] = {"wait": str(wait)}
        response = await jp_fetch(
            "trame", "api", "v1", *parts, method=method, raise_error=False, request_timeout=60, **options
        )
        return response.code, json.loads(response.body) if response.body else None, response.headers

    return ask


@pytest.fixture
def slow(jp_root_dir: Path) -> Path:
    """A file whose app starts once there is a file ``go`` beside it."""
    (jp_root_dir / "slow.py").write_text(SLOW)
    return jp_root_dir


async def kernels(jp_fetch: Any) -> list[str]:
    return [each["id"] for each in json.loads((await jp_fetch("api", "kernels")).body)]


async def test_a_long_start_is_asked_for_again(ask: Ask, slow: Path, jp_base_url: str) -> None:
    status, begun, headers = await ask("POST", "files", body={"path": "slow.py"}, wait=0)
    assert (status, begun["what"]) == (202, "the file 'slow.py'")
    assert headers["Location"] == f"{jp_base_url}trame/api/v1/starts/{begun['id']}"
    assert (await ask("GET", "starts", begun["id"], wait=0.1))[:2] == (202, begun)
    (slow / "go").touch()
    status, server, _ = await ask("GET", "starts", begun["id"], wait=50)
    assert (status, server["slug"], server["owner"]) == (200, "slow", "file")
    assert (await ask("GET", "starts", begun["id"]))[1]["started"] == server["started"]
    await ask("DELETE", "servers", server["kernel_id"], "slow")


@pytest.mark.parametrize("is_up", [False, True])
async def test_a_start_that_is_stopped_leaves_no_kernel(
    ask: Ask, slow: Path, jp_fetch: Any, is_up: bool
) -> None:
    _, begun, _ = await ask("POST", "files", body={"path": "slow.py"}, wait=0)
    await until((slow / "begun").exists)
    if is_up:
        (slow / "go").touch()
        assert (await ask("GET", "starts", begun["id"], wait=50))[0] == 200
    assert (await ask("DELETE", "starts", begun["id"]))[0] == 204
    assert await kernels(jp_fetch) == []
    if not is_up:
        status, answer, _ = await ask("GET", "starts", begun["id"])
        assert (status, answer) == (409, {"message": "the start of the file 'slow.py' was stopped"})
    assert (await ask("DELETE", "starts", begun["id"]))[0] == 204


async def test_two_restarts_at_once_are_one(ask: Ask, slow: Path, relays: Any) -> None:
    (slow / "go").touch()
    _, app, _ = await ask("POST", "files", body={"path": "slow.py"}, wait=50)
    target = ("servers", app["kernel_id"], "slow")
    (slow / "go").unlink()
    first, second = [await ask("POST", *target, "restart", wait=0) for _ in range(2)]
    assert first[:2] == second[:2]
    assert first[0] == 202
    (slow / "go").touch()
    _, one, _ = await ask("GET", "starts", first[1]["id"], wait=50)
    assert one["started"] > app["started"]
    record = await relays.kernels.look_up(app["kernel_id"])
    _, other, _ = await ask("GET", "starts", first[1]["id"], wait=50)
    assert other["started"] == one["started"]
    assert (await relays.kernels.look_up(app["kernel_id"])).pid == record.pid
    await ask("DELETE", *target)


@pytest.mark.parametrize("by", ["server", "start"])
async def test_an_app_is_stopped_while_it_starts_again(ask: Ask, slow: Path, jp_fetch: Any, by: str) -> None:
    (slow / "go").touch()
    _, app, _ = await ask("POST", "files", body={"path": "slow.py"}, wait=50)
    target = ("servers", app["kernel_id"], "slow")
    for name in ("go", "begun"):
        (slow / name).unlink()
    restarting = asyncio.ensure_future(ask("POST", *target, "restart", wait=50))
    _, begun, _ = await ask("POST", *target, "restart", wait=0)
    await until((slow / "begun").exists)
    status, *_ = await (ask("DELETE", *target) if by == "server" else ask("DELETE", "starts", begun["id"]))
    assert status == 204
    assert (await restarting)[:2] == (409, {"message": "the start of the app 'slow' was stopped"})
    assert await kernels(jp_fetch) == []


async def test_a_failure_is_told_to_who_asks_later(ask: Ask, jp_root_dir: Path, jp_fetch: Any) -> None:
    (jp_root_dir / "bad.py").write_text("raise ValueError('no data')\n")
    _, begun, _ = await ask("POST", "files", body={"path": "bad.py"}, wait=0)
    status, answer, _ = await ask("GET", "starts", begun["id"], wait=50)
    assert (status, answer["message"]) == (500, "ValueError: no data (bad.py, line 1)")
    assert "raise ValueError('no data')" in answer["trace"]
    assert await kernels(jp_fetch) == []


@pytest.mark.parametrize("wait", ["soon", "-1", "51", "nan", ""])
async def test_a_wait_that_is_none(ask: Ask, wait: str, slow: Path, jp_fetch: Any) -> None:
    for method, *parts in (("POST", "files"), ("POST", "apps", "good")):
        status, answer, _ = await ask(method, *parts, body={"path": "slow.py"}, wait=wait)
        expected = f"wait is to be a number of seconds from 0 to 50, not {wait!r}"
        assert (status, answer) == (400, {"message": expected})
    assert await kernels(jp_fetch) == []


async def test_a_start_that_is_none(ask: Ask) -> None:
    for method in ("GET", "DELETE"):
        status, answer, _ = await ask(method, "starts", "zz")
        assert (status, answer) == (404, {"message": "there is no start 'zz', or it ended a while ago"})
