"""With real kernels: stopping and restarting, of apps that have a kernel of their own and of those in a notebook's."""

import asyncio
import json
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.executing import executor, run_code
from jupyter_trame.extension.extension_app import TrameExtension
from tests.extension.support import Browser, until
from tests.kernel.support import BUSY

pytestmark = pytest.mark.usefixtures("apps")

Ask = Callable[..., Awaitable[tuple[int, Any]]]
Run = Callable[[str], Awaitable[None]]

NOTEBOOK = """
from jupyter_trame import Server
server = Server("Cell")
server.state.starts = 0
ended = []

@server.controller.add("on_server_ready")
def ready(**_):
    server.state.starts += 1

@server.controller.add("on_server_exited")
async def exited(**_):
    ended.append(server.state.starts)

server.start()
"""


@pytest.fixture
def ask(jp_fetch: Any, extension: TrameExtension) -> Ask:
    """``await ask("DELETE", "servers", ...)``: status and answer of the interface."""

    async def ask(method: str, *parts: str, body: Any = None) -> tuple[int, Any]:
        options = {"body": json.dumps(body or {})} if method == "POST" else {}
        response = await jp_fetch(
            "trame", "api", "v1", *parts, method=method, raise_error=False, request_timeout=60, **options
        )
        return response.code, json.loads(response.body) if response.body else None

    return ask


@pytest.fixture
def notebook(jp_fetch: Any, jp_serverapp: Any, extension: TrameExtension) -> Callable[[], Awaitable[Any]]:
    """The kernel of a notebook that runs the server `cell`: its id, and what runs code in it."""

    async def start() -> tuple[str, Run]:
        session = {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": {"name": "python3"}}
        made = json.loads(
            (
                await jp_fetch("api", "sessions", method="POST", body=json.dumps(session), request_timeout=60)
            ).body
        )
        kernel_id = made["kernel"]["id"]

        async def run(code: str) -> None:
            manager, kernels = jp_serverapp.kernel_manager, extension.relays.kernels
            async with executor(manager, kernels, kernel_id) as execute:
                await run_code(execute, textwrap.dedent(code))

        await run(NOTEBOOK)
        return kernel_id, run

    return start


async def kernels(jp_fetch: Any) -> list[str]:
    return [each["id"] for each in json.loads((await jp_fetch("api", "kernels")).body)]


async def test_an_app_takes_its_kernel_with_it_and_is_stopped_once(ask: Ask, jp_fetch: Any) -> None:
    _, app = await ask("POST", "apps", "good")
    target = ("servers", app["kernel_id"], app["slug"])
    answers = await asyncio.gather(ask("DELETE", *target), ask("DELETE", *target))
    assert sorted(answers, key=lambda answer: answer[0]) == [
        (204, None),
        (404, {"message": "the app 'good' is not running any more"}),
    ]
    assert await kernels(jp_fetch) == []
    assert await ask("DELETE", *target) == (404, {"message": "the app 'good' is not running any more"})
    assert await ask("GET", *target) == (404, {"message": "the app 'good' is not running any more"})
    assert await ask("POST", *target, "restart") == (
        404,
        {"message": "the app 'good' is not running any more"},
    )


async def test_an_app_starts_again_in_a_new_process_under_its_address(ask: Ask, relays: Any) -> None:
    _, app = await ask("POST", "apps", "good")
    before = await relays.kernels.look_up(app["kernel_id"])
    status, again = await ask("POST", "servers", app["kernel_id"], app["slug"], "restart")
    assert status == 200
    assert (again["kernel_id"], again["slug"], again["owner"]) == (app["kernel_id"], "good", "launcher")
    assert again["started"] > app["started"]
    after = await relays.kernels.look_up(app["kernel_id"])
    assert after.pid != before.pid


async def test_a_notebook_keeps_its_kernel(ask: Ask, notebook: Any, jp_fetch: Any) -> None:
    kernel_id, run = await notebook()
    status, model = await ask("GET", "servers", kernel_id, "cell")
    assert status == 200
    assert (model["owner"], model["path"], model["app"]) == ("notebook", "a.ipynb", None)
    answers = await asyncio.gather(*(ask("DELETE", "servers", kernel_id, "cell") for _ in range(2)))
    assert sorted(status for status, _ in answers) == [204, 404]
    assert await kernels(jp_fetch) == [kernel_id]
    await run("assert not server.running; assert ended == [1], ended")
    assert (await ask("GET", "servers"))[1] == []


async def test_a_server_of_a_notebook_starts_again_in_its_kernel(ask: Ask, notebook: Any) -> None:
    kernel_id, run = await notebook()
    _, before = await ask("GET", "servers", kernel_id, "cell")
    status, model = await ask("POST", "servers", kernel_id, "cell", "restart")
    assert status == 200
    assert model["started"] > before["started"]
    await run("assert server.running; assert server.state.starts == 2; assert ended == [1], ended")


async def test_views_come_back_when_a_server_starts_again(ask: Ask, notebook: Any, jp_ws_fetch: Any) -> None:
    kernel_id, _ = await notebook()
    browser = Browser(await jp_ws_fetch("trame", kernel_id, "cell", "ws"), None)
    try:
        await until(lambda: browser.state.get("starts") == 1)
        await ask("POST", "servers", kernel_id, "cell", "restart")
        await until(lambda: browser.state.get("starts") == 2)
        assert not browser.closed
        browser.write(starts=7)
        await until(lambda: not browser.session.pending)
    finally:
        await browser.leave()


async def test_what_a_start_raises_is_told(ask: Ask, notebook: Any) -> None:
    kernel_id, run = await notebook()
    await run(
        """
        def refuse(protocol):
            raise ValueError("not again")
        server.add_protocol_to_configure(refuse)
        """
    )
    status, answer = await ask("POST", "servers", kernel_id, "cell", "restart")
    assert (status, answer["message"]) == (500, "ValueError: not again")
    assert "in refuse" in answer["trace"]


async def test_a_busy_kernel_says_so_and_does_nothing_later(ask: Ask, notebook: Any, tmp_path: Path) -> None:
    kernel_id, run = await notebook()
    busy = asyncio.ensure_future(run(BUSY.format(folder=str(tmp_path))))
    await until((tmp_path / "started").exists)
    began = time.monotonic()
    target = ("servers", kernel_id, "cell")
    answers = await asyncio.gather(ask("DELETE", *target), ask("POST", *target, "restart"))
    assert answers == [(409, {"message": "the kernel is busy; interrupt it or shut it down"})] * 2
    assert time.monotonic() - began < 5
    (tmp_path / "go").touch()
    await busy
    await run("assert server.running; assert server.state.starts == 1")


async def test_a_notebook_that_works_in_the_kernel_of_an_app_keeps_it(ask: Ask, jp_fetch: Any) -> None:
    _, app = await ask("POST", "apps", "good")
    session = {"path": "b.ipynb", "name": "b", "type": "notebook", "kernel": {"id": app["kernel_id"]}}
    await jp_fetch("api", "sessions", method="POST", body=json.dumps(session))
    _, model = await ask("GET", "servers", app["kernel_id"], "good")
    assert (model["owner"], model["path"], model["app"]) == ("notebook", "b.ipynb", None)
    assert (await ask("DELETE", "servers", app["kernel_id"], "good"))[0] == 204
    assert await kernels(jp_fetch) == [app["kernel_id"]]


async def test_a_kernel_of_nobody_here(ask: Ask) -> None:
    """Such as one of another user, on another Jupyter server."""
    for method, parts in (("GET", ()), ("DELETE", ()), ("POST", ("restart",)), ("GET", ("viewers",))):
        status, answer = await ask(method, "servers", "0f0e0d0c-0b0a-4908-8706-050403020100", "x", *parts)
        assert (status, answer) == (404, {"message": "the app 'x' is not running any more"})


async def test_an_unknown_app_names_the_known_ones(ask: Ask, jp_fetch: Any) -> None:
    status, answer = await ask("POST", "apps", "gud")
    assert status == 404
    assert answer["message"].startswith("no app 'gud' is registered; there: ")
    assert "good" in answer["message"]
    assert await kernels(jp_fetch) == []


FILE = """
import sys
from pathlib import Path
from jupyter_trame import Server

server = Server("Plot")
server.state.update({"args": sys.argv[1:], "beside": Path("beside.txt").read_text()})
server.start()
"""


async def test_a_file_runs_in_its_folder_and_starts_again_with_the_text_that_it_has_then(
    ask: Ask, jp_fetch: Any, jp_ws_fetch: Any, jp_root_dir: Path
) -> None:
    folder = jp_root_dir / "apps"
    folder.mkdir()
    (folder / "beside.txt").write_text("here")
    (folder / "plot.trame.py").write_text(FILE)
    status, app = await ask("POST", "files", body={"path": "apps/plot.trame.py", "args": ["--fast"]})
    assert (status, app["owner"], app["path"], app["app"]) == (201, "file", "apps/plot.trame.py", None)
    restart = ("POST", "servers", app["kernel_id"], "plot", "restart")
    (folder / "plot.trame.py").write_bytes(b"\xff")
    status, answer = await ask(*restart)
    assert status == 400
    assert answer["message"].startswith("the file 'apps/plot.trame.py' cannot be read: ")
    assert (await ask("GET", "servers"))[1][0]["started"] == app["started"]
    (folder / "plot.trame.py").write_text(FILE + "server.state.anew = True\n")
    for _ in range(2):  # without the file it is as it was
        status, again = await ask(*restart)
        assert (status, again["path"]) == (200, "apps/plot.trame.py")
        browser = Browser(await jp_ws_fetch("trame", app["kernel_id"], "plot", "ws"))
        await until(lambda view=browser: view.state.get("anew"))
        assert (browser.state["args"], browser.state["beside"]) == (["--fast"], "here")
        await browser.leave()
        (folder / "plot.trame.py").unlink(missing_ok=True)
    assert (await ask("DELETE", "servers", app["kernel_id"], "plot"))[0] == 204
    assert await kernels(jp_fetch) == []


async def test_a_restart_that_fails_keeps_the_address_and_may_be_tried_again(
    ask: Ask, jp_fetch: Any, jp_root_dir: Path, jp_ws_fetch: Any, extension: TrameExtension
) -> None:
    file, good = jp_root_dir / "x.trame.py", FILE.replace('Path("beside.txt").read_text()', "1")
    file.write_text(good)
    _, app = await ask("POST", "files", body={"path": "x.trame.py"})
    target = ("servers", app["kernel_id"], "plot")
    browser = Browser(await jp_ws_fetch("trame", app["kernel_id"], "plot", "ws"))
    await until(lambda: browser.state)
    file.write_text("raise ValueError('a typo')\n")
    status, answer = await ask("POST", *target, "restart")
    assert (status, answer["message"]) == (500, "ValueError: a typo (x.trame.py, line 1)")
    assert await kernels(jp_fetch) == [app["kernel_id"]]
    for _ in range(2):
        await extension.ended_apps._look()
    assert (await ask("GET", *target))[0] == 404
    file.write_text(good + "server.state.anew = True\n")
    assert (await ask("POST", *target, "restart"))[0] == 200
    await until(lambda: browser.state.get("anew"))
    assert not browser.closed
    await browser.leave()
    file.write_text("raise ValueError('a typo')\n")
    assert (await ask("POST", *target, "restart"))[0] == 500
    assert (await ask("DELETE", *target))[0] == 204
    assert await kernels(jp_fetch) == []


async def test_a_file_that_raises_is_told_with_its_line_and_leaves_no_kernel(
    ask: Ask, jp_fetch: Any, jp_root_dir: Path
) -> None:
    (jp_root_dir / "bad.py").write_text("x = 1\nraise ValueError('no data')\n")
    status, answer = await ask("POST", "files", body={"path": "bad.py"})
    assert (status, answer["message"]) == (500, "ValueError: no data (bad.py, line 2)")
    assert "raise ValueError('no data')" in answer["trace"]
    assert "run_file" not in answer["trace"]
    assert await kernels(jp_fetch) == []


async def test_a_kernel_without_the_package_names_the_command(
    ask: Ask, jp_fetch: Any, jp_root_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "hidden" / "jupyter_trame"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'jupyter_trame'\")")
    monkeypatch.setenv("PYTHONPATH", str(hidden.parent))
    (jp_root_dir / "app.py").write_text("")
    for parts, body in ((("apps", "good"), {}), (("files",), {"path": "app.py"})):
        status, answer = await ask("POST", *parts, body=body)
        assert status == 500
        assert answer["message"].startswith("the environment that the kernel runs in has no jupyter-trame")
        assert answer["install"] == "pip install jupyter-trame"
    assert await kernels(jp_fetch) == []


@pytest.mark.parametrize("again", [True, False])
async def test_an_app_whose_kernel_was_started_again_may_be_so_too_under_its_address(
    ask: Ask, jp_fetch: Any, again: bool
) -> None:
    """As after a crash: the kernel is there, and the app is not."""
    _, app = await ask("POST", "apps", "good")
    target = ("servers", app["kernel_id"], app["slug"])
    await jp_fetch("api", "kernels", app["kernel_id"], "restart", method="POST", body="", request_timeout=60)
    assert (await ask("GET", *target))[0] == 404
    assert (await ask("POST", "servers", app["kernel_id"], "other", "restart"))[0] == 404
    if again:
        status, started = await ask("POST", *target, "restart")
        assert (status, started["kernel_id"], started["slug"]) == (200, app["kernel_id"], app["slug"])
    assert (await ask("DELETE", *target))[0] == 204
    assert await kernels(jp_fetch) == []


async def test_a_process_that_has_to_be_killed_leaves_no_record(
    ask: Ask, jp_serverapp: Any, jp_root_dir: Path, extension: TrameExtension
) -> None:
    jp_serverapp.kernel_manager.shutdown_wait_time = 0.2
    stays = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    (jp_root_dir / "stays.py").write_text(
        f"{stays}from jupyter_trame import Server\nServer('Stays').start()\n"
    )
    _, app = await ask("POST", "files", body={"path": "stays.py"})
    path = extension.relays.kernels.record_path(app["kernel_id"])
    assert path is not None
    assert path.exists()
    assert (await ask("DELETE", "servers", app["kernel_id"], "stays"))[0] == 204
    assert not path.exists()


async def test_who_stops_an_app_during_its_slow_shutdown_finds_it_gone(
    ask: Ask, jp_fetch: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, app = await ask("POST", "apps", "good")
    target = ("servers", app["kernel_id"], app["slug"])
    asked, go_on = asyncio.Event(), asyncio.Event()
    delete_session = jp_serverapp.session_manager.delete_session

    async def slowly(session_id: str) -> None:
        asked.set()
        await go_on.wait()
        await delete_session(session_id)

    monkeypatch.setattr(jp_serverapp.session_manager, "delete_session", slowly)
    first = asyncio.ensure_future(ask("DELETE", *target))
    await asked.wait()
    others = [
        asyncio.ensure_future(ask("DELETE", *target)),
        asyncio.ensure_future(ask("POST", *target, "restart")),
    ]
    await kernels(jp_fetch)  # both have been asked by then
    go_on.set()
    assert (await first)[0] == 204
    gone = (404, {"message": "the app 'good' is not running any more"})
    assert await asyncio.gather(*others) == [gone, gone]
