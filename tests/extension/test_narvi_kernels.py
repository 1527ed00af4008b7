"""The kernels of instances: how many, and those that do not come up."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_trame.extension.narvi_entries import read_service
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.services.instance import InstanceKey
from tests.extension.narvi_support import app, greeting, kernels, refused, register, service
from tests.extension.support import until


async def test_a_start_that_is_given_up_leaves_no_kernel(
    narvi: NarviServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    narvi.begin()
    ended: list[str] = []
    end = narvi._kernels.end

    async def end_and_tell(kernel_id: str) -> None:
        await end(kernel_id)
        ended.append(kernel_id)

    monkeypatch.setattr(narvi._kernels, "end", end_and_tell)
    key = InstanceKey("w", "echo", "x")
    starting = asyncio.ensure_future(narvi._kernels.start(key, read_service("tester", service())))
    await until(lambda: len(narvi._kernels) == 1)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert len(narvi._kernels) == 0
    await until(lambda: len(ended) == 1)
    assert narvi._manager.list_kernel_ids() == []


async def test_a_kernel_that_is_being_shut_down_is_not_taken_up_again(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(narvi, ("service", service()), ("app", app(tmp_path)))
    await greeting(await connect_page())
    (kernel_id,) = await kernels(jp_fetch)
    began, go, shut_down = asyncio.Event(), asyncio.Event(), narvi._kernels._shut_down

    async def shut_down_slowly(kernel_id: str) -> None:
        began.set()
        await go.wait()
        await shut_down(kernel_id)

    monkeypatch.setattr(narvi._kernels, "_shut_down", shut_down_slowly)
    stopping = asyncio.ensure_future(narvi.host.stop("w", "echo", "x"))
    await began.wait()
    assert kernel_id in narvi._kernels
    narvi._watch.lost(kernel_id)  # as if its record was looked at for the first time
    await narvi.look()
    assert not narvi._tasks
    go.set()
    assert await stopping
    assert kernel_id not in narvi._kernels


class TestTimeout:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"app_start_timeout": 4.0}

    async def test_a_constructor_that_does_not_return(
        self, narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
    ) -> None:
        register(narvi, ("service", service(cls="Endless")), ("app", app(tmp_path)))
        assert await refused(connect_page()) == 502
        assert await kernels(jp_fetch) == []


class TestLimit:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"max_narvi_kernels": 1}

    async def test_more_kernels_than_there_may_be(
        self, narvi: NarviServices, connect_page: Any, jp_ws_fetch: Any, tmp_path: Path
    ) -> None:
        register(narvi, ("service", service()), ("app", app(tmp_path)))
        ws = await connect_page("1")
        await greeting(ws)
        with pytest.raises(HTTPClientError) as error:
            await connect_page("2")
        assert error.value.code == 503
        assert error.value.response is not None
        assert int(error.value.response.headers["Retry-After"]) > 0
        await narvi.host.stop("w", "echo", "1")
        await greeting(await connect_page("2"))
