"""With real kernels: what a launcher card does."""

import asyncio
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from jupyter_trame.extension.launch import launch_file
from jupyter_trame.extension.launcher import Launcher
from tests.extension.support import until

pytestmark = pytest.mark.usefixtures("apps")


async def launch(jp_fetch: Any, name: str) -> tuple[int, dict[str, Any]]:
    response = await jp_fetch(
        "trame", "api", "v1", "apps", name, method="POST", body="{}", raise_error=False, request_timeout=60
    )
    return response.code, json.loads(response.body)


async def listed(jp_fetch: Any, *parts: str) -> Any:
    return json.loads((await jp_fetch(*parts)).body)


async def test_app_runs_in_a_kernel_that_is_listed(jp_fetch: Any, jp_ws_fetch: Any) -> None:
    code, launched = await launch(jp_fetch, "good")
    assert code == 201
    assert launched["slug"] == "good"
    assert (launched["owner"], launched["app"], launched["path"]) == ("launcher", "good", None)
    assert launched["started"].endswith("Z")
    (session,) = await listed(jp_fetch, "api", "sessions")
    assert session["kernel"]["id"] == launched["kernel_id"]
    assert session["name"] == "A good app"
    (server,) = await listed(jp_fetch, "trame", "api", "v1", "servers")
    assert server | {"kernel_state": ""} == launched | {"kernel_state": ""}
    ws = await jp_ws_fetch("trame", launched["kernel_id"], "good", "ws")
    ws.close()
    await ws.read_message()


async def test_each_launch_has_a_kernel_of_its_own(jp_fetch: Any) -> None:
    _, one = await launch(jp_fetch, "good")
    _, two = await launch(jp_fetch, "good")
    assert one["kernel_id"] != two["kernel_id"]


@pytest.mark.parametrize(
    ("name", "message", "trace"),
    [
        ("failing", "ValueError: no data today", "in failing"),
        ("missing", "ModuleNotFoundError: No module named 'trame_test_nowhere'", "run_app"),
    ],
)
async def test_failure_is_told_with_its_trace_and_leaves_no_kernel(
    jp_fetch: Any, name: str, message: str, trace: str
) -> None:
    code, answer = await launch(jp_fetch, name)
    assert code == 500
    assert answer["message"] == message
    assert trace in answer["trace"]
    assert "\x1b" not in answer["trace"]
    assert await listed(jp_fetch, "api", "sessions") == []
    assert await listed(jp_fetch, "api", "kernels") == []


async def test_the_demo_says_what_a_plain_install_lacks(
    jp_fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pandas.py").write_text("raise ModuleNotFoundError(\"No module named 'pandas'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code, answer = await launch(jp_fetch, "demo")
    assert code == 500
    assert "No module named 'pandas'" in answer["message"]
    assert "pip install 'jupyter-trame[demo]'" in answer["message"]
    assert answer["install"] == "pip install 'jupyter-trame[demo]'"


async def test_dead_kernel_is_noticed(jp_fetch: Any) -> None:
    code, answer = await launch(jp_fetch, "deadly")
    assert code == 500
    assert "died" in answer["message"]
    assert await listed(jp_fetch, "api", "sessions") == []


async def test_a_kernel_that_somebody_ends_while_the_app_starts_is_told_of(
    jp_fetch: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_alive = jp_serverapp.kernel_manager.is_alive

    async def ended_first(kernel_id: str) -> bool:
        await jp_fetch("api", "kernels", kernel_id, method="DELETE", request_timeout=60)
        return bool(await is_alive(kernel_id))

    monkeypatch.setattr(jp_serverapp.kernel_manager, "is_alive", ended_first)
    code, answer = await launch(jp_fetch, "endless")
    assert (code, answer) == (500, {"message": "the kernel died while it started the app 'endless'"})
    assert await listed(jp_fetch, "api", "sessions") == []
    assert "was not shut down" not in caplog.text


async def test_unknown_app_names_the_known_ones(jp_fetch: Any, jp_serverapp: Any) -> None:
    code, answer = await launch(jp_fetch, "nothing")
    assert code == 404
    assert "no app 'nothing' is registered" in answer["message"]
    assert "good" in answer["message"]
    assert await listed(jp_fetch, "api", "sessions") == []


class TestTimeout:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"app_start_timeout": 3.0}

    async def test_app_that_does_not_come_up_is_given_up(self, jp_fetch: Any) -> None:
        code, answer = await launch(jp_fetch, "endless")
        assert code == 504
        assert answer["message"] == "the app 'endless' did not start within 3 seconds"
        assert await listed(jp_fetch, "api", "sessions") == []


class TestKernelName:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"app_kernel_name": "no-such-kernel"}

    async def test_kernel_that_cannot_start_is_reported(self, jp_fetch: Any) -> None:
        code, answer = await launch(jp_fetch, "good")
        assert code == 500
        assert "no-such-kernel" in answer["message"]
        assert await listed(jp_fetch, "api", "sessions") == []


async def test_cancelled_while_the_kernel_starts_it_leaves_none() -> None:
    class Sessions:
        asked, started = asyncio.Event(), asyncio.Event()
        deleted: ClassVar[list[str]] = []

        async def create_session(self, **_: Any) -> dict[str, Any]:
            self.asked.set()
            await self.started.wait()
            return {"id": "s1", "kernel": {"id": "k1"}}

        async def delete_session(self, session: str) -> None:
            self.deleted.append(session)

    sessions = Sessions()
    nobody: Any = None
    launcher = Launcher(sessions, nobody, nobody, timeout=5)  # type: ignore[arg-type]
    launching = asyncio.create_task(launcher.launch(launch_file("app.py", "", ())))
    await sessions.asked.wait()
    launching.cancel()
    await asyncio.wait([launching])
    assert launching.cancelled()
    assert sessions.deleted == []
    sessions.started.set()
    await until(lambda: sessions.deleted == ["s1"])
