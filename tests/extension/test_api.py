import json
from http import HTTPStatus
from typing import Any

import pytest

from jupyter_trame.apps.entry_points import RegisteredApp
from jupyter_trame.extension import api
from jupyter_trame.extension.launcher import Launched, Launcher, LaunchError
from tests.extension.support import KernelProcess


async def test_lists_apps(jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = [
        RegisteredApp("a", "An app", "<svg/>", "does"),
        RegisteredApp("b", "B", "", "", "there is no module b"),
    ]
    monkeypatch.setattr(api, "read_apps", lambda: apps)
    response = await jp_fetch("trame", "api", "apps")
    assert response.headers["Content-Type"].startswith("application/json")
    in_a_kernel = {"address": "", "needs_id": False}
    assert json.loads(response.body) == [
        {"name": "a", "title": "An app", "icon": "<svg/>", "description": "does", "error": None}
        | in_a_kernel,
        {"name": "b", "title": "B", "icon": "", "description": "", "error": "there is no module b"}
        | in_a_kernel,
    ]


async def test_lists_servers(jp_fetch: Any, kernel: KernelProcess) -> None:
    kernel.run("Demo")
    assert json.loads((await jp_fetch("trame", "api", "servers")).body) == [
        {
            "kernel_id": kernel.id,
            "slug": "demo",
            "title": "Demo <title>",
            "name": "Demo",
            "way": "socket",
            "added": 0,
        }
    ]


async def test_launches(jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def launch(self: Launcher, name: str) -> Launched:
        return Launched("k", name, "T")

    monkeypatch.setattr(Launcher, "launch", launch)
    response = await jp_fetch("trame", "api", "apps", "my app", method="POST", body="")
    assert response.code == 201
    assert json.loads(response.body) == {"kernel_id": "k", "slug": "my app", "title": "T"}


async def test_tells_why_nothing_was_launched(
    jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def launch(self: Launcher, name: str) -> Launched:
        raise LaunchError("no such", trace="line 1", status=HTTPStatus.NOT_FOUND)

    monkeypatch.setattr(Launcher, "launch", launch)
    response = await jp_fetch("trame", "api", "apps", "x", method="POST", body="", raise_error=False)
    assert response.code == 404
    assert json.loads(response.body) == {"message": "no such", "trace": "line 1"}


async def test_a_foreign_page_launches_nothing(
    jp_fetch: Any, extension: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie alone is not enough for a POST: the _xsrf cookie's value has to come along."""
    launched: list[str] = []

    async def launch(self: Launcher, name: str) -> Launched:
        launched.append(name)
        return Launched("k", name, "T")

    monkeypatch.setattr(Launcher, "launch", launch)
    login = await jp_fetch(
        "tree",
        headers={"Authorization": ""},
        params={"token": jp_serverapp.identity_provider.token},
        raise_error=False,
    )
    cookie = "; ".join(cookie.partition(";")[0] for cookie in login.headers.get_list("Set-Cookie"))
    response = await jp_fetch(
        "trame",
        "api",
        "apps",
        "x",
        method="POST",
        body="",
        headers={"Authorization": "", "Cookie": cookie},
        raise_error=False,
    )
    assert response.code == 403
    assert launched == []
