import json
from typing import Any

import pytest

from jupyter_trame.apps.entry_points import RegisteredApp
from jupyter_trame.extension import api_apps
from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.launch import AppLaunch
from jupyter_trame.extension.server_models import ServerModel

MODEL = ServerModel(
    "k", "s", "T", "n", "socket", 0, "n", None, "launcher", 0, "2026-11-30T22:00:00.000Z", "idle"
)


async def test_lists_apps(jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = [
        RegisteredApp("a", "An app", "<svg/>", "does"),
        RegisteredApp("b", "B", "", "", "there is no module b", "pip install 'b[x]'", "b[x]"),
    ]
    monkeypatch.setattr(api_apps, "read_apps", lambda: apps)
    response = await jp_fetch("trame", "api", "v1", "apps")
    rest = {"address": "", "needs_id": False, "source": "package"}
    good = {"name": "a", "title": "An app", "icon": "<svg/>", "description": "does"}
    bad = {"name": "b", "title": "B", "icon": "", "description": ""}
    assert json.loads(response.body) == [
        good | {"error": None, "install": None} | rest,
        bad | {"error": "there is no module b", "install": "pip install 'b[x]'"} | rest,
    ]


async def test_starts_an_app(jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def start_app(self: AppControl, name: str) -> ServerModel:
        asked.append(name)
        return MODEL

    monkeypatch.setattr(AppControl, "start_app", start_app)
    response = await jp_fetch("trame", "api", "v1", "apps", "my app", method="POST", body="")
    assert (response.code, asked) == (201, ["my app"])
    assert json.loads(response.body)["started"] == MODEL.started


async def test_tells_why_nothing_was_started(
    jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start_app(self: AppControl, name: str) -> ServerModel:
        raise ApiError(404, "no such", trace="line 1", install="pip install x")  # type: ignore[arg-type]

    monkeypatch.setattr(AppControl, "start_app", start_app)
    response = await jp_fetch("trame", "api", "v1", "apps", "x", method="POST", body="", raise_error=False)
    assert response.code == 404
    assert json.loads(response.body) == {"message": "no such", "trace": "line 1", "install": "pip install x"}


async def test_starts_a_file(
    jp_fetch: Any, extension: Any, jp_root_dir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jp_root_dir / "app.py").write_text("print(1)\n")
    asked: list[AppLaunch] = []

    async def start(self: AppControl, launch: AppLaunch) -> ServerModel:
        asked.append(launch)
        return MODEL

    monkeypatch.setattr(AppControl, "start", start)
    body = json.dumps({"path": "app.py", "args": ["--fast"]})
    response = await jp_fetch("trame", "api", "v1", "files", method="POST", body=body)
    assert response.code == 201
    (launch,) = asked
    assert launch.path == "app.py"
    assert "print(1)" in launch.code
    assert "--fast" in launch.code
