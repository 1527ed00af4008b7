"""A notebook registers services at its Jupyter server, and is asked about them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.executing import CodeError, executor, run_code
from jupyter_trame.extension.narvi_services import NarviServices
from tests.extension.narvi_support import greeting, refused, said
from tests.extension.support import until

REGISTER = """
from jupyter_trame.narvi import NarviServer
server = NarviServer()
def check(service_id):
    if service_id == "boom":
        raise ValueError("no database")
    if service_id == "slow":
        import time; time.sleep(5)
    return service_id.startswith("a")
service = server.register_service("w", "echo", "narvi_test_services.Echo", service_id_validator=check)
server.register_app("app", service, {{}}, {{"index.html": {page!r}}})
"""


class Notebook:
    """A kernel that somebody works in."""

    def __init__(self, kernel_id: str, execute: Any) -> None:
        self.id = kernel_id
        self._execute = execute

    async def run(self, code: str) -> None:
        await run_code(self._execute, code)


@pytest.fixture
def notebook(narvi: NarviServices, jp_fetch: Any, jp_serverapp: Any) -> Any:
    """Starts one: ``async with notebook() as one``."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Notebook]:
        answer = await jp_fetch("api", "kernels", method="POST", body="{}")
        kernel_id = str(json.loads(answer.body)["id"])
        manager = jp_serverapp.kernel_manager
        async with executor(manager, narvi._kernels.kernels, kernel_id) as execute:
            yield Notebook(kernel_id, execute)
        if kernel_id in manager:
            await manager.shutdown_kernel(kernel_id, now=True)

    return start


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = tmp_path / "p.html"
    path.write_text("hello")
    return str(path)


async def test_a_notebook_registers_runs_and_ends_its_services(
    narvi: NarviServices, notebook: Any, connect_page: Any, jp_fetch: Any, page: str
) -> None:
    async with notebook() as one:
        await one.run(REGISTER.format(page=page))
        assert (await jp_fetch("trame", "narvi", "w", "app", "a", "index.html")).body == b"hello"
        ws = await connect_page("a1")
        await greeting(ws)
        await ws.read_message()
        assert await said(ws, "x") == "x"
        await one.run(
            "server.start_service('w', 'echo', 'a2')\n"
            "assert server.get_service_statuses('w')['echo']['instances'].keys() == {'a1', 'a2'}\n"
            "assert server.list_app_urls()[-1][2].endswith('/trame/narvi-admin')\n"
            "server.restart_service('w', 'echo', 'a2')\n"
            "server.stop_service('w', 'echo', 'a2')\n"
        )
        for code, error in {
            "server.start_service('w', 'nothing', 'a2')": "ValueError: there is no service 'nothing'",
            "server.start_service('w', 'echo', 'b')": "has no service id 'b'",
            "server.register_service('w', 'x', 'a.B', {'x': object()})": "TypeError: app_parameters",
            "server.register_service('w', 'x', 'a.B', persist=True, service_id_validator=check)": "not a callable",
            "server.register_service('w', 'x', 'a.B', app=lambda server: None)": "ValueError: the app",
        }.items():
            with pytest.raises(CodeError) as failed:
                await one.run(code)
            assert error in str(failed.value)
        await jp_fetch("api", "kernels", one.id, method="DELETE")
    assert await ws.read_message() is None
    await until(lambda: not narvi.registry.services)
    assert await refused(connect_page("a1")) == 404


async def test_row_13_validators_of_the_notebook(
    narvi: NarviServices, notebook: Any, connect_page: Any, page: str
) -> None:
    async with notebook() as one:
        await one.run(REGISTER.format(page=page))
        for service_id in ("b", "boom", "slow"):
            assert await refused(connect_page(service_id)) == 404
        assert len(narvi._kernels) == 0


async def test_names_are_of_who_has_registered_them(narvi: NarviServices, notebook: Any, page: str) -> None:
    async with notebook() as one, notebook() as two:
        await one.run(REGISTER.format(page=page))
        await one.run(REGISTER.format(page=page))  # the cell runs again
        with pytest.raises(CodeError, match="NameTakenError"):
            await two.run(REGISTER.format(page=page))
        await one.run("server.close()")
        assert narvi.registry.services == []
        await two.run(REGISTER.format(page=page))


async def test_what_persists_stays_when_the_kernel_has_ended(
    narvi: NarviServices, notebook: Any, connect_page: Any, page: str
) -> None:
    kept = (
        "from jupyter_trame.narvi import NarviServer\n"
        "server = NarviServer()\n"
        "service = server.register_service('w', 'echo', 'narvi_test_services.Echo',"
        " service_id_validator=['a'], persist=True)\n"
        f"server.register_app('app', service, {{}}, {{'index.html': {page!r}}})\n"
    )
    async with notebook() as one:
        await one.run(kept)
    await until(lambda: not narvi._registrars)
    await greeting(await connect_page("a"))
    assert await refused(connect_page("b")) == 404
    assert [kind for kind, _ in narvi._kept.stored()] == ["service", "app"]
    async with notebook() as two:
        await two.run(REGISTER.format(page=page))
        assert narvi._kept.stored() == []
        await greeting(await connect_page("ab"))
    await until(lambda: not narvi.registry.services and not narvi.registry.apps)
