"""Services on the Jupyter host: which instances there are, and for how long."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_trame.extension.extension_app import TrameExtension
from jupyter_trame.extension.narvi_kernels import NarviKernels
from jupyter_trame.extension.narvi_registrar import Registrar
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.narvi_store import NarviStore
from jupyter_trame.services.addresses import ServiceAddress
from jupyter_trame.services.service_registry import NameTakenError
from tests.extension.narvi_support import app, greeting, kernels, refused, register, said, service
from tests.extension.support import until


async def test_row_5_shared_and_not(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
) -> None:
    register(
        narvi,
        ("service", service()),
        ("service", service("own", is_shared_service=False)),
        ("app", app(tmp_path)),
        ("app", app(tmp_path, app_name="second")),
        ("app", app(tmp_path, "own", "own")),
    )
    pids = []
    for name in ("app", "second"):
        ws = await connect_page(app_name=name)
        await greeting(ws)
        await ws.read_message()
        pids.append(await said(ws, "pid"))
    assert len(set(pids)) == 1
    assert len(await kernels(jp_fetch)) == 1
    own = [await connect_page(app_name="own") for _ in range(2)]
    for ws in own:
        await greeting(ws)
        await ws.read_message()
        pids.append(await said(ws, "pid"))
    assert len(set(pids)) == 3
    assert len(await kernels(jp_fetch)) == 3
    own[0].close()
    await until(lambda: not psutil.pid_exists(int(pids[2])))
    await until(lambda: len(narvi._manager.list_kernel_ids()) == 2)
    assert await said(own[1], "still here") == "still here"


async def test_row_6_idle_instances_end(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
) -> None:
    ended = tmp_path / "ended"
    register(
        narvi,
        ("service", service(idle_timeout=0, app_parameters={"end_file": str(ended)})),
        ("app", app(tmp_path)),
    )
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    pid = int(await said(ws, "pid"))
    ws.close()
    await until(lambda: not psutil.pid_exists(pid))
    assert ended.read_text() == "ended "
    await until(lambda: not len(narvi._kernels))
    await narvi.host.start("w", "echo", "kept")
    ws = await connect_page("kept")
    await greeting(ws)
    ws.close()
    await until(lambda: not narvi.sessions)
    (kernel,) = await kernels(jp_fetch)
    await asyncio.sleep(0.3)  # an instance that would end does so at once
    assert await kernels(jp_fetch) == [kernel]


async def test_rows_7_and_8_status_restart_and_stop(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
) -> None:
    register(narvi, ("service", service()), ("app", app(tmp_path)))

    async def status(name: str = "app") -> Any:
        return json.loads((await jp_fetch("trame", "narvi", "w", name, "x", "status")).body)

    pages = await asyncio.gather(*(connect_page() for _ in range(10)))
    assert len(await kernels(jp_fetch)) == 1
    assert (await status())["session_count"] == 10
    assert (await status("echo")).keys() == {"session_count", "uptime"}
    for ws in pages[1:]:
        ws.close()
    await until(lambda: narvi.sessions == 1)
    await greeting(pages[0])
    await pages[0].read_message()
    assert len(json.loads(await said(pages[0], "closed"))) == 9
    pid = await said(pages[0], "pid")
    assert await narvi.host.restart("w", "echo", "x")
    assert await pages[0].read_message() is None
    assert pages[0].close_code == 1012
    assert await status() == {"uptime": 0, "session_count": 0}
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    assert await said(ws, "pid") != pid
    assert await narvi.host.stop("w", "echo", "x")
    assert await ws.read_message() is None
    assert ws.close_code == 1000, "it is not to come back by itself"
    assert not await narvi.host.stop("w", "echo", "x")
    assert await kernels(jp_fetch) == []


@pytest.mark.parametrize(
    ("cls", "reason"),
    [
        ("Failing", "ValueError: no data today"),
        ("Missing", "has no class Missing"),
        ("Deadly", "the kernel has died"),
    ],
)
async def test_a_service_that_does_not_start_says_why(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path, cls: str, reason: str
) -> None:
    register(narvi, ("service", service(cls=cls)), ("app", app(tmp_path)))
    assert await refused(connect_page()) == 502
    why = await jp_fetch("trame", "narvi", "w", "app", "x", "connect", raise_error=False)
    assert why.code == 502
    assert reason in why.body.decode()
    assert why.headers["Content-Type"].startswith("text/plain")
    assert await kernels(jp_fetch) == []


async def test_the_launcher_has_a_card_for_each_app_that_can_be_reached(
    narvi: NarviServices, jp_fetch: Any, tmp_path: Path
) -> None:
    register(
        narvi,
        ("service", service()),
        ("service", service("fixed", fixed_service_id="one")),
        ("app", app(tmp_path)),
        ("app", app(tmp_path, "fixed", "the app")),
    )
    apps = json.loads((await jp_fetch("trame", "api", "v1", "apps")).body)
    found = {one["name"]: one for one in apps}
    assert found["demo"]["address"] == ""
    assert found["narvi w/app"]["address"] == "trame/narvi/w/app/{id}/index.html"
    assert found["narvi w/app"]["needs_id"] is True
    assert found["narvi w/the app"]["address"] == "trame/narvi/w/the%20app/index.html"
    assert found["narvi w/the app"]["needs_id"] is False
    assert found["narvi w/the app"]["title"] == "the app"
    assert found["narvi w/the app"]["description"] == "An app of the workspace w"
    assert {one.keys() == apps[0].keys() for one in apps} == {True}


async def _ends_nothing(kernel_id: str) -> None:
    """What a server that has died does to a kernel."""


@pytest.fixture
def later(
    extension: TrameExtension,
    narvi: NarviServices,
    jp_serverapp: Any,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[NarviServices]:
    """The services of a server that has the same kernels, while the one before it can end none of them."""
    monkeypatch.setattr(narvi._kernels, "end", _ends_nothing)
    manager = jp_serverapp.kernel_manager
    kernels = NarviKernels(
        jp_serverapp.session_manager, manager, narvi._kernels.kernels, start_timeout=60, most=10
    )
    services = NarviServices(
        manager, kernels, NarviStore(tmp_path / "later.json"), base_url="/", request_timeout=30
    )
    yield services
    jp_asyncio_loop.run_until_complete(services.close())


def status(services: NarviServices) -> Any:
    """That of the service id that the tests visit."""
    found = services.find("/narvi/w/app/x/status")
    assert isinstance(found, ServiceAddress)
    return services.host.known.status(found)


async def test_a_shared_instance_goes_on_in_its_kernel(
    narvi: NarviServices, later: NarviServices, connect_page: Any, tmp_path: Path
) -> None:
    entries = (("service", service()), ("app", app(tmp_path)))
    register(narvi, *entries)
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    pid = int(await said(ws, "pid"))
    (kernel,) = narvi._manager.list_kernel_ids()
    await narvi._watch.close()

    register(later, *entries)
    later._adopt_for("w", "echo")  # as a notebook does that registers before the kernel is found
    await until(lambda: status(later) is not None)
    assert status(later)["session_count"] == 0
    assert later._manager.list_kernel_ids() == [kernel]
    assert psutil.pid_exists(pid)
    assert await ws.read_message() is None  # pages of the server before it are told, and come again
    await later.host.stop("w", "echo", "x")
    await until(lambda: not psutil.pid_exists(pid))


async def test_an_instance_is_taken_up_when_its_service_comes(
    narvi: NarviServices, later: NarviServices, connect_page: Any, tmp_path: Path
) -> None:
    entries = (("service", service()), ("app", app(tmp_path)))
    register(narvi, *entries)
    await greeting(await connect_page())
    await narvi._watch.close()
    later.begin()
    await until(lambda: bool(later._adoptable))
    for kind, entry in entries:
        later._put("tester", kind, entry)
    later._adopt_for("w", "echo")
    await until(lambda: status(later) is not None)
    assert not later._adoptable
    assert len(later._manager.list_kernel_ids()) == 1


async def test_what_belonged_to_a_page_alone_ends(
    narvi: NarviServices, later: NarviServices, connect_page: Any, tmp_path: Path
) -> None:
    register(narvi, ("service", service(is_shared_service=False)), ("app", app(tmp_path)))
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    pid = int(await said(ws, "pid"))
    await narvi._watch.close()
    later.begin()
    await until(lambda: not psutil.pid_exists(pid))
    await until(lambda: not later._manager.list_kernel_ids())


class _Kernel(Registrar):
    """One that registers, without a link to it."""

    def __init__(self, narvi: NarviServices, kernel_id: str, *, is_here: bool = True) -> None:
        super().__init__(kernel_id, narvi, is_here=is_here)
        narvi._registrars[kernel_id] = self
        self._narvi = narvi

    def register(self, kind: str, entry: dict[str, Any], *, again: bool = False) -> None:
        self._narvi.register(self, kind, entry, again=again)


async def test_a_kernel_that_comes_again_does_not_end_what_stays(
    narvi: NarviServices, connect_page: Any, tmp_path: Path
) -> None:
    narvi.begin()
    kernel = _Kernel(narvi, "k")
    entries = (("service", service(persist=True)), ("app", app(tmp_path, persist=True)))
    for kind, entry in entries:
        kernel.register(kind, entry)
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    for kind, entry in entries:
        kernel.register(kind, entry, again=True)
    assert not narvi._tasks, "nothing is ended"
    assert await said(ws, "still here") == "still here"
    kernel.register(*entries[0])  # its cell runs again
    assert await ws.read_message() is None
    assert ws.close_code == 1012


async def test_a_name_goes_to_and_fro_between_its_kernel_and_what_stays(
    narvi: NarviServices, tmp_path: Path
) -> None:
    narvi.begin()
    kernel = _Kernel(narvi, "k")
    kernel.register("service", service())
    kernel.register("app", app(tmp_path))
    kernel.register("service", service(persist=True))
    kernel.register("app", app(tmp_path, persist=True))
    narvi.left(kernel)
    assert [one.owner for one in narvi.registry.services] == ["kept"]
    other = _Kernel(narvi, "other")
    with pytest.raises(ValueError, match="idle_timeout"):
        other.register("service", service(idle_timeout=-1))
    assert [one.owner for one in narvi.registry.services] == ["kept"], "what is refused takes nobody's place"
    other.register("service", service())
    assert [one.owner for one in narvi.registry.services] == ["other"]
    assert narvi.registry.apps == [], "an app that nobody can use"
    narvi.left(other)
    assert narvi.registry.services == []


async def test_an_app_whose_files_are_elsewhere_does_not_stay(narvi: NarviServices, tmp_path: Path) -> None:
    narvi.begin()
    kernel = _Kernel(narvi, "far", is_here=False)
    kernel.register("service", service(persist=True))
    with pytest.raises(ValueError, match="its files are there"):
        kernel.register("app", app(tmp_path, persist=True))
    kernel.register("app", app(tmp_path))


async def test_a_redirect_leads_away_from_nobody_else_s_app(narvi: NarviServices, tmp_path: Path) -> None:
    narvi.begin()
    one, two = _Kernel(narvi, "one"), _Kernel(narvi, "two")
    one.register("service", service())
    one.register("app", app(tmp_path))
    two.register("service", service("mine"))
    two.register("app", app(tmp_path, "mine", "evil"))

    def redirection(from_url: str) -> dict[str, Any]:
        return {"from_url": from_url, "workspace": "w", "app_name": "evil"}

    for path in ("/w/app", "w/app/x/index.html", "/w/%61pp"):
        with pytest.raises(NameTakenError, match="somebody else's"):
            two.register("redirection", redirection(path))
    for path in ("", "../../api", "a//b", "a/%2e%2e/b", "a/%ff"):
        with pytest.raises(ValueError, match="a path such as"):
            two.register("redirection", redirection(path))
    one.register("redirection", redirection("/w/app/old"))
    two.register("redirection", redirection("/w/later"))
    with pytest.raises(NameTakenError):
        one.register("app", app(tmp_path, app_name="later"))
    two.register("app", app(tmp_path, "mine", "later"))
