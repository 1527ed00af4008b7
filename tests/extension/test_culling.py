"""Apps that nobody uses are ended, though their pages are open; those of notebooks are not."""

import asyncio
import json
import math
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.extension.culling import Culling
from tests.extension.support import Browser, until

LONG_AGO = -math.inf


class TestRealKernels:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"app_idle_timeout": 3600.0}

    @pytest.mark.usefixtures("apps")
    async def test_an_idle_app_ends_with_its_kernel_and_a_notebook_stays(
        self, jp_fetch: Any, jp_ws_fetch: Any, jp_serverapp: Any, extension: Any
    ) -> None:
        session = {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": {"name": "python3"}}
        made = await jp_fetch("api", "sessions", method="POST", body=json.dumps(session), request_timeout=60)
        notebook = json.loads(made.body)["kernel"]["id"]
        used, left = await start(jp_fetch), await start(jp_fetch)
        browsers = [Browser(await jp_ws_fetch("trame", kernel, "good", "ws")) for kernel in (used, left)]
        await until(lambda: all(browser.state for browser in browsers))
        activity = extension.relays.kernels.activity
        for kernel in (notebook, used, left):
            activity._last[kernel] = LONG_AGO
        browsers[0].write(x=2)
        await until(lambda: not browsers[0].session.pending)
        await extension.culling._look()
        assert set(jp_serverapp.kernel_manager.list_kernel_ids()) == {notebook, used}
        await until(lambda: browsers[1].last_status == ("stopped", "the kernel was shut down"))
        for browser in browsers:
            await browser.leave()

    @pytest.mark.usefixtures("apps")
    async def test_an_idle_app_that_starts_again_stays(
        self, jp_fetch: Any, jp_serverapp: Any, extension: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kernel = await start(jp_fetch)
        asked, go_on = asyncio.Event(), asyncio.Event()
        restart_kernel = jp_serverapp.kernel_manager.restart_kernel

        async def slowly(kernel_id: str) -> None:
            asked.set()
            await go_on.wait()
            await restart_kernel(kernel_id)

        monkeypatch.setattr(jp_serverapp.kernel_manager, "restart_kernel", slowly)
        activity = extension.relays.kernels.activity
        activity._last[kernel] = LONG_AGO
        address = ("trame", "api", "v1", "servers", kernel, "good", "restart")
        restarting = asyncio.ensure_future(jp_fetch(*address, method="POST", body="", request_timeout=60))
        await asked.wait()
        culling = asyncio.ensure_future(extension.culling._look())
        await asyncio.sleep(0)
        go_on.set()
        assert (await restarting).code == 200
        await culling
        assert list(jp_serverapp.kernel_manager.list_kernel_ids()) == [kernel]


async def start(jp_fetch: Any) -> str:
    response = await jp_fetch(
        "trame", "api", "v1", "apps", "good", method="POST", body="", request_timeout=60
    )
    return str(json.loads(response.body)["kernel_id"])


class Bench:
    """A launcher with one app, and what is known of its kernel."""

    def __init__(self) -> None:
        self.idle = 0.0
        self.at_work = False
        self.looks = 0
        self.culled: list[tuple[str, float]] = []
        self.fails = True
        kernels: Any = SimpleNamespace(
            at_work=lambda _: self.at_work, activity=SimpleNamespace(idle=lambda _: self.idle)
        )
        self.launches = {"k": SimpleNamespace(what="the app")}
        launcher: Any = SimpleNamespace(launches=self.launches)
        self.culling = Culling(launcher, kernels, self, timeout=0.01)  # type: ignore[arg-type]

    async def cull(self, kernel_id: str, idle: float) -> bool:
        self.looks += 1
        if self.fails:
            self.fails = False
            raise RuntimeError("once")
        self.culled.append((kernel_id, idle))
        self.launches.clear()
        return True


async def test_it_looks_again_and_again_whatever_goes_wrong(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.idle = 1.0
    bench.culling.start()
    await until(lambda: bench.culled)
    await bench.culling.close()
    assert bench.culled == [("k", 0.01)]
    assert "RuntimeError: once" in caplog.text


@pytest.mark.parametrize(("idle", "at_work"), [(0.001, False), (1.0, True)])
async def test_who_is_used_or_at_work_stays(idle: float, at_work: bool) -> None:
    bench = Bench()
    bench.idle, bench.at_work = idle, at_work
    await bench.culling._look()
    assert bench.looks == 0


class TestNever:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {}

    async def test_by_default_nothing_ends(self, extension: Any) -> None:
        assert extension.app_idle_timeout == 0
        assert extension.culling is None
