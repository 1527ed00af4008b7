"""An instance in a kernel, and its end."""

import asyncio
import contextlib
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
from tornado.httpclient import HTTPClientError

from jupyter_trame.extension.narvi_services import NarviServices
from tests.extension.narvi_support import app, greeting, kernels, refused, register, said, service
from tests.extension.support import until


@pytest.mark.parametrize("how", ["kill", "exit", "shutdown", "restart"])
async def test_a_kernel_that_ends_tells_its_pages_and_the_next_visit_starts_another(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path, how: str
) -> None:
    register(narvi, ("service", service()), ("app", app(tmp_path)))
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    pid = int(await said(ws, "pid"))
    (kernel,) = await kernels(jp_fetch)
    match how:
        case "kill":
            psutil.Process(pid).kill()
        case "exit":
            await ws.write_message("die")
        case "shutdown":
            await jp_fetch("api", "kernels", kernel, method="DELETE")
        case "restart":
            await jp_fetch("api", "kernels", kernel, "restart", method="POST", body="{}")
    assert await ws.read_message() is None
    assert ws.close_code == 1012
    status = ("trame", "narvi", "w", "app", "x", "status")
    assert await refused(jp_fetch(*status)) == 502
    await until(lambda: not len(narvi._kernels))
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    assert int(await said(ws, "pid")) != pid
    assert (await jp_fetch(*status)).code == 200
    assert len(await kernels(jp_fetch)) == 1
    assert kernel not in await kernels(jp_fetch)


async def test_row_10_app_to_app(narvi: NarviServices, connect_page: Any, tmp_path: Path) -> None:
    register(
        narvi,
        ("service", service(cls="Talker")),
        ("service", service("foreign", "Talker", workspace="v")),
        ("app", app(tmp_path)),
        ("app", app(tmp_path, "foreign", workspace="v")),
    )
    one, two = await connect_page("1"), await connect_page("2")
    await greeting(one)
    await greeting(two)
    assert await said(one, json.dumps(["w", "app", "2", {"a": [1]}])) == "true"
    assert json.loads(await two.read_message()) == ["w", "echo", "1", {"a": [1]}]
    assert await said(one, json.dumps(["w", "app", "3", 1])) == "false"
    await narvi.host.start("v", "foreign", "4")
    assert await said(one, json.dumps(["v", "app", "4", 1])) == "false", "it takes those of its own workspace"


async def test_row_12_metrics(narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path) -> None:
    register(narvi, ("service", service(cls="Measured")), ("app", app(tmp_path)))
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    pid = int(await said(ws, "pid"))
    await narvi.host.rounds.go()
    overview = json.loads((await jp_fetch("trame", "narvi-admin")).body)
    (info,) = overview["w"]["echo"]["instances"]["x"]
    assert [metrics for _, metrics in info["metrics"]] == [{"pid": pid}]
    assert info["metrics_metadata"] == {"pid": {"min": 0, "colour": "red"}}
    assert overview["w"]["echo"]["apps"] == [{"app_name": "app"}]
    assert [session["app_name"] for session in info["sessions"].values()] == ["app"]
    await narvi.host.stop("w", "echo", "x")
    await narvi.host.rounds.go()
    overview = json.loads((await jp_fetch("trame", "narvi-admin")).body)
    (info,) = overview["w"]["echo"]["instances"]["x"]
    assert [metrics for _, metrics in info["metrics"]] == [None, {"pid": pid}]


def _held(server: Any) -> Counter[str]:
    """What the process and its server have open, by kind; equal ones are counted."""
    connections = psutil.Process().net_connections("all")
    names = [f"{one.type.name} {one.status}" for one in connections if one.status != "TIME_WAIT"]
    names += [f"task {task.get_coro()!r}".partition(" at 0x")[0] for task in asyncio.all_tasks()]
    names += [path.suffix or path.name for path in Path(server.runtime_dir).iterdir()]
    return Counter(names)


@pytest.mark.parametrize("seconds", [6.0, pytest.param(60.0, marks=pytest.mark.long)])
async def test_kernels_that_are_killed_at_random(
    narvi: NarviServices,
    jp_serverapp: Any,
    jp_ws_fetch: Any,
    jp_fetch: Any,
    connect_page: Any,
    tmp_path: Path,
    seconds: float,
) -> None:
    """Every page is told, every next visit works, and nothing is left: no kernel, task, socket or file."""
    register(narvi, ("service", service()), ("app", app(tmp_path)))
    loop = asyncio.get_running_loop()
    await greeting(await connect_page("first"))  # what is made once is there then
    await narvi.host.stop("w", "echo", "first")
    await until(lambda: not narvi._kernels._ending)
    before = _held(jp_serverapp)
    ends = loop.time() + seconds
    told: list[int | None] = []
    refused: list[int] = []
    served = 0
    pids: dict[str, int] = {}

    async def visit(service_id: str) -> None:
        nonlocal served
        while loop.time() < ends:
            try:
                ws = await jp_ws_fetch("trame", "narvi", "w", "app", service_id, "connect")
            except HTTPClientError as error:
                refused.append(error.code)  # it was killed while it started
                continue
            await ws.write_message("pid")
            while (message := await ws.read_message()) is not None:
                if message.isdigit():
                    pids[service_id] = int(message)
                    served += 1
                if loop.time() >= ends:
                    ws.close(1000)
            told.append(ws.close_code)
            ws.close()

    async def kill() -> None:
        choose = random.Random(7)
        while loop.time() < ends:
            await asyncio.sleep(0.3)
            if pids:
                _, pid = pids.popitem() if choose.random() < 0.5 else (None, pids.pop(next(iter(pids))))
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()
        for service_id in ("a", "b"):
            await narvi.host.stop("w", "echo", service_id)

    async with asyncio.timeout(seconds + 60), asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(visit("ab"[number % 2]))
        group.create_task(kill())
    assert served >= 20
    assert set(refused) <= {502}
    assert set(told) <= {1000, 1012}
    assert 1012 in told
    await until(lambda: not narvi.sessions and not len(narvi._kernels))
    await until(lambda: not narvi._manager.list_kernel_ids())
    assert await kernels(jp_fetch) == []
    await until(lambda: _held(jp_serverapp) <= before)
