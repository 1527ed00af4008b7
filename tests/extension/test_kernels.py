import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from jupyter_trame.extension import kernels as kernels_module
from jupyter_trame.extension.kernels import Kernels, RunningServer
from tests.extension.support import Browser, ExternalKernel, KernelProcess, until
from tests.kernel.support import running_kernel


async def test_lists_what_answers(kernel: KernelProcess, relays: Any) -> None:
    assert await relays.kernels.running() == []
    kernel.run("One")
    kernel.run("Two")
    assert await relays.kernels.running() == [
        RunningServer(kernel.id, "one", "One <title>", "One"),
        RunningServer(kernel.id, "two", "Two <title>", "Two"),
    ]
    kernel.kill()
    assert await relays.kernels.running() == []


async def test_unknown_kernel_has_no_record(relays: Any) -> None:
    assert "no" not in relays.kernels
    assert relays.kernels.record_path("no") is None
    assert await relays.kernels.look_up("no") is None
    assert relays.kernels.remote("no") is None
    relays.kernels.view_opened("no")
    relays.kernels.view_closed("no")


def test_kernel_of_a_gateway_has_no_record() -> None:
    class Manager:
        def __contains__(self, kernel_id: str) -> bool:
            return True

        def get_kernel(self, kernel_id: str) -> Any:
            return SimpleNamespace(connection_file="")

    assert Kernels(Manager()).record_path("x") is None  # type: ignore[arg-type]


async def test_a_kernel_that_hangs_is_left_out(
    kernel: KernelProcess, relays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.run("One")
    monkeypatch.setattr(kernels_module, "_PATIENCE", 0.2)
    listed = relays.kernels._manager.list_kernel_ids()
    monkeypatch.setattr(relays.kernels._manager, "list_kernel_ids", lambda: [*listed, "hangs"])
    look_up = relays.kernels.look_up

    async def look_up_or_hang(kernel_id: str) -> Any:
        if kernel_id == "hangs":
            await asyncio.get_running_loop().create_future()
        return await look_up(kernel_id)

    monkeypatch.setattr(relays.kernels, "look_up", look_up_or_hang)
    assert [server.slug for server in await relays.kernels.running()] == ["one"]


async def test_forget_leaves_the_record_of_the_next_process(kernel: KernelProcess, relays: Any) -> None:
    kernel.run()
    relays.kernels.forget(kernel.record_path, kernel.pid + 1)
    assert kernel.record_path.exists()
    relays.kernels.forget(kernel.record_path, kernel.pid)
    assert not kernel.record_path.exists()


@pytest.fixture
def external(
    jp_serverapp: Any, relays: Any, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[ExternalKernel]:
    """A kernel that somebody else started where the server looks for such."""
    manager = jp_serverapp.kernel_manager
    manager.external_connection_dir = str(Path(jp_serverapp.runtime_dir) / "external_kernels")
    process = ExternalKernel(Path(manager.external_connection_dir), manager)

    async def end() -> None:
        process.shut_down()
        await relays.close()
        manager.list_kernel_ids()

    yield process
    jp_asyncio_loop.run_until_complete(end())


async def test_a_kernel_that_somebody_else_started_is_found_by_what_it_calls_itself(
    external: ExternalKernel, relays: Any
) -> None:
    external.run("One")
    found = relays.kernels.resolve(external.id)
    assert found not in {None, external.id}
    assert relays.kernels.resolve(found) == found
    assert relays.kernels.record_path(found) == external.record_path
    assert await relays.kernels.running() == [RunningServer(found, "one", "One <title>", "One")]
    assert relays.kernels.resolve("another") is None
    external.connection_file.unlink()
    assert found not in relays.kernels
    assert relays.kernels.resolve(external.id) is None


async def test_both_names_of_a_kernel_lead_to_one_relay(
    external: ExternalKernel, relays: Any, jp_ws_fetch: Any
) -> None:
    external.run(x=1)
    known = relays.kernels.resolve(external.id)
    browsers = [Browser(await jp_ws_fetch("trame", name, "demo", "ws")) for name in (external.id, known)]
    for browser in browsers:
        await until(lambda browser=browser: browser.state.get("x") == 1)
    browsers[0].write(x=2)
    await until(lambda: browsers[1].state["x"] == 2)
    assert len(relays) == 1
    assert external.joins == ["demo"]
    for browser in browsers:
        await browser.leave()


async def test_an_app_in_a_real_kernel_that_somebody_else_started(
    external: ExternalKernel, relays: Any, jp_fetch: Any, jp_ws_fetch: Any
) -> None:
    """As ``jupyter kernel`` starts one."""
    folder = external.connection_file.parent
    with running_kernel(folder) as kernel:
        kernel.run(
            "from jupyter_trame import Server\nserver = Server('app')\nserver.state.x = 1\nserver.start()\n"
            "@server.change('x')\ndef on_x(x, **_): server.state.twice = 2 * x"
        )
        name = kernel.value("server.view().kernel_id")
        page = await jp_fetch("trame", name, "app/")
        assert page.code == 200
        browser = Browser(await jp_ws_fetch("trame", name, "app", "ws"))
        await until(lambda: browser.state.get("x") == 1)
        browser.write(x=21)
        await until(lambda: browser.state.get("twice") == 42)
        await browser.leave()
        await relays.close()


async def test_without_such_kernels_nobody_looks_for_them(relays: Any, jp_serverapp: Any) -> None:
    assert jp_serverapp.kernel_manager.external_connection_dir is None
    assert relays.kernels.resolve("0123-test") is None


async def test_kernels_elsewhere_that_are_gone_are_let_go() -> None:
    class Manager:
        there: ClassVar[set[str]] = {"a", "b"}

        def __contains__(self, kernel_id: str) -> bool:
            return kernel_id in self.there

        def get_kernel(self, kernel_id: str) -> Any:
            return SimpleNamespace(provisioner=object(), connection_file="")

        def list_kernel_ids(self) -> list[str]:
            return []

    manager = Manager()
    kernels = Kernels(manager)  # type: ignore[arg-type]
    first = kernels.remote("a")
    assert first is not None
    assert kernels.remote("a") is first
    assert kernels.remote("b") is not None
    manager.there.remove("a")
    assert kernels.remote("a") is None
    manager.there.remove("b")
    assert await kernels.running() == []
    assert not kernels._remote
    await kernels.close()
    assert not kernels._ending
