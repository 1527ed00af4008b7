"""The commands, asked of a real Jupyter server with real kernels."""

import asyncio
import io
import json
import re
import webbrowser
from pathlib import Path
from typing import Any
from urllib.request import url2pathname, urlopen

import pytest
from jupyter_server import serverapp

from jupyter_trame.command_line.commands import WrongUseError, server_path
from tests.command_line.conftest import Command
from tests.extension.support import Browser

pytestmark = pytest.mark.usefixtures("apps")

FILE = """
import sys
from jupyter_trame import Server
server = Server("from-file")
server.state.args = sys.argv[1:]
server.start()
"""


def read(address: str) -> str:
    with urlopen(address) as response:
        return str(response.read().decode())


async def listed(command: Command) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await command("list", "--json")).out)
    return found


async def test_a_registered_app_is_opened_listed_restarted_and_stopped(command: Command) -> None:
    before = await command("list")
    assert before.status == 0
    assert before.out.startswith("no app runs\n\nREGISTERED")
    assert re.search(r"^good +A good app +Shows x\.$", before.out, re.MULTILINE)

    opened = await command("open", "good", "--no-browser")
    assert opened.status == 0, opened.err
    assert re.search(r"/trame/[^/]+/good/\?token=\w+\n$", opened.out)
    assert "page.js" in await asyncio.to_thread(read, opened.out.strip())

    (running,) = (await listed(command))["running"]
    assert (running["name"], running["app"], running["owner"]) == ("good", "good", "launcher")
    assert f"{running['kernel_id'][:8]}/good" in (await command("list")).out

    again = await command("restart", "good")
    assert (again.status, again.err) == (0, "")
    assert "/good runs again: http" in again.out
    assert "token" not in again.out

    assert (await command("stop", "good")).out.endswith("/good has ended\n")
    assert (await listed(command))["running"] == []
    gone = await command("stop", "good")
    assert (gone.status, gone.err) == (2, "jupyter trame: no app is called 'good'; none runs\n")


async def test_a_browser_is_led_there_by_a_file_that_is_gone_then(
    command: Command, jp_ws_fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address with the token is on no command line."""
    loop, pages, browsers = asyncio.get_running_loop(), list[Path](), list[Browser]()

    async def visit(kernel_id: str) -> Browser:
        return Browser(await jp_ws_fetch("trame", kernel_id, "good", "ws"))

    def browse(address: str) -> bool:
        assert "token" not in address
        path = Path(url2pathname(address.removeprefix("file:")))
        pages.append(path)
        match = re.search(r"/trame/([^/]+)/good/\?token=", path.read_text())
        assert match is not None
        browsers.append(asyncio.run_coroutine_threadsafe(visit(match[1]), loop).result(20))
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    opened = await command("open", "good")
    assert opened.status == 0, opened.err
    assert "is open in the browser: http" in opened.out
    assert "token" not in opened.out
    assert not pages[0].exists()
    browsers[0].ws.close()
    await browsers[0]._task


async def test_without_a_browser_the_address_is_printed(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    opened = await command("open", "good", "--json")
    assert opened.status == 0, opened.err
    assert "?token=" in json.loads(opened.out)["page"]


async def test_no_address_has_the_token_of_a_hub(
    command: Command, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = jp_serverapp.identity_provider.token
    info = {**jp_serverapp.server_info(), "token": ""}
    monkeypatch.setattr(serverapp, "list_running_servers", lambda: [info])
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", jp_serverapp.base_url)
    monkeypatch.setenv("JUPYTERHUB_PUBLIC_URL", f"https://hub.example{jp_serverapp.base_url}")
    for options in ((), ("--json",)):
        opened = await command("open", "good", "--no-browser", *options)
        assert opened.status == 0, opened.err
        assert f"https://hub.example{jp_serverapp.base_url}trame/" in opened.out
        assert "token" not in opened.out
        assert token not in opened.out


async def test_a_file_runs_with_its_arguments(
    command: Command, jp_root_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jp_root_dir / "work").mkdir()
    (jp_root_dir / "work" / "app.py").write_text(FILE)
    monkeypatch.chdir(jp_root_dir / "work")
    ran = await command("run", "app.py", "--option", "a b")
    assert ran.status == 0, ran.err
    assert "/from-file runs: http" in ran.out
    (running,) = (await listed(command))["running"]
    assert (running["path"], running["owner"]) == ("work/app.py", "file")

    (tmp_path / "elsewhere.py").write_text(FILE)
    outside = await command("run", str(tmp_path / "elsewhere.py"))
    assert outside.status == 2
    assert outside.err.startswith(f"jupyter trame: copy {tmp_path / 'elsewhere.py'} below {jp_root_dir}, ")
    missing = await command("run", "nothing.py")
    assert (missing.status, missing.err) == (2, "jupyter trame: there is no file nothing.py\n")


async def test_a_file_that_raises_is_told_with_its_trace(command: Command, jp_root_dir: Path) -> None:
    (jp_root_dir / "bad.py").write_text("def fail():\n    raise ValueError('no data today')\n\nfail()\n")
    ran = await command("run", str(jp_root_dir / "bad.py"))
    assert ran.status == 1
    assert "in fail" in ran.err
    assert re.fullmatch(r"jupyter trame: .*ValueError: no data today.*", ran.err.splitlines()[-1])
    assert (await listed(command))["running"] == []


async def test_two_of_one_name_are_told_apart_by_their_kernels(
    command: Command, jp_fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await jp_fetch("trame", "api", "v1", "apps", "good", method="POST", body="{}", request_timeout=60)
    both = (await listed(command))["running"]
    references = [f"{entry['kernel_id'][:8]}/good" for entry in both]
    stopped = await command("stop", "good")
    assert stopped.status == 2
    assert stopped.err == (
        "jupyter trame: say which app 'good' is meant, with the kernel that it runs in: "
        f"{', '.join(references)}\n"
    )

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    errors = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal("2\n"))
    monkeypatch.setattr("sys.stderr", errors)
    assert (await command("stop", "good")).status == 0
    assert all(reference in errors.getvalue() for reference in references)
    (left,) = (await listed(command))["running"]
    assert left["kernel_id"] == both[0]["kernel_id"]
    monkeypatch.undo()


async def test_the_doctor_looks_at_the_server_and_at_an_app(command: Command) -> None:
    looked = await command("doctor")
    assert looked.out.startswith("jupyter_trame doctor: "), looked.err
    assert (await command("open", "good", "--no-browser")).status == 0
    report = json.loads((await command("doctor", "good", "--json")).out)
    assert "good" in report["subject"].lower()
    assert report["environments"]
    assert (await command("doctor", "godo")).status == 2


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["open", "godo"], 2, "is 'good' meant? no app is called 'godo'"),
        (["open", "failing"], 1, "ValueError: no data today"),
        (["list", "--token", "wrong"], 1, "does not allow it with this token: give one with --token"),
        (["list", "--url", "http://localhost:1/"], 3, "no Jupyter server answers at http://localhost:1/"),
    ],
)
async def test_what_fails_says_so_and_has_its_exit_status(
    command: Command, arguments: list[str], status: int, words: str
) -> None:
    result = await command(*arguments)
    assert (result.status, result.out) == (status, "")
    assert words in result.err


def test_a_file_is_called_as_the_server_calls_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "app.py").write_text("")
    monkeypatch.chdir(tmp_path / "work")
    assert server_path("app.py", tmp_path) == "work/app.py"
    assert server_path("app.py", tmp_path / "work") == "app.py"
    assert server_path("folder/app.py", None) == "folder/app.py"


def test_a_file_that_the_server_does_not_reach_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text("")
    with pytest.raises(
        WrongUseError, match=re.escape(f"copy {path} below {tmp_path / 'root'}, the folder of")
    ):
        server_path(str(path), tmp_path / "root")
    with pytest.raises(WrongUseError, match="there is no file"):
        server_path(str(tmp_path / "nothing.py"), tmp_path)
