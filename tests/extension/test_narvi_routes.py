"""Addresses of services below the Jupyter server, and who may see what."""

from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.narvi_services import NarviServices
from tests.extension.narvi_support import app, greeting, kernels, refused, register, service


async def test_row_2_redirects(narvi: NarviServices, jp_fetch: Any, tmp_path: Path) -> None:
    register(
        narvi,
        ("service", service()),
        ("service", service("fixed", fixed_service_id="one")),
        ("service", service("picky", validator={"regex": "a+"})),
        ("app", app(tmp_path, chooser="choose")),
        ("app", app(tmp_path, "fixed", "choose")),
        ("app", app(tmp_path, "picky", "picky")),
        ("redirection", {"from_url": "/go/there", "workspace": "w", "app_name": "choose"}),
    )

    async def ask(*path: str) -> tuple[int, str]:
        answer = await jp_fetch(
            "trame", "narvi", *path, params={"q": "1"}, follow_redirects=False, raise_error=False
        )
        return answer.code, answer.headers.get("Location", "")

    assert await ask("w", "choose", "index.html") == (307, "one/index.html?q=1")
    assert await ask("w", "app", "index.html") == (307, "../choose/index.html?q=1")
    assert await ask("w", "choose") == (307, "choose/index.html?q=1")
    assert await ask("go", "there") == (307, "../w/choose/index.html?q=1")
    assert await ask("w", "picky", "aa", "index.html") == (200, "")
    for path in (
        ("w", "choose", "two", "index.html"),
        ("w", "picky", "b", "index.html"),
        ("w", "picky", "index.html"),
        ("w", "nothing", "index.html"),
        ("nowhere", "app", "x", "index.html"),
        ("w", "app", "x", "..", "..", "secret"),
        ("w", "app", "x", "%2e%2e%2fpage.html"),
        (),
    ):
        assert (await ask(*path))[0] == 404, path
    assert await kernels(jp_fetch) == [], "pages start nothing"


async def test_the_page_and_its_client(narvi: NarviServices, jp_fetch: Any, tmp_path: Path) -> None:
    register(narvi, ("service", service()), ("app", app(tmp_path)))
    page = await jp_fetch("trame", "narvi", "w", "app", "x", "index.html")
    assert b"<title>The page</title>" in page.body
    assert page.headers["Content-Type"].startswith("text/html")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" not in policy
    client = await jp_fetch("trame", "narvi", "w", "app", "x", "narvi", "narvi.js")
    assert b"start_narvi" in client.body
    assert await refused(jp_fetch("trame", "narvi", "w", "app", "x", "status")) == 404


async def test_row_13_refused_ids_start_nothing(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
) -> None:
    register(narvi, ("service", service(validator={"ids": ["a"]})), ("app", app(tmp_path)))
    register(narvi, ("service", service("asks", validator=None)), ("app", app(tmp_path, "asks", "asks")))
    assert await refused(connect_page("b")) == 404
    assert await refused(connect_page("b", "asks")) == 404, "who would have to be asked is gone"
    assert await refused(connect_page("b", "nothing")) == 404
    assert await kernels(jp_fetch) == []


async def test_who_may_only_read_sees_pages_and_nothing_that_runs(
    narvi: NarviServices,
    connect_page: Any,
    jp_fetch: Any,
    jp_serverapp: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register(narvi, ("service", service(cls="Web")), ("app", app(tmp_path)))
    await greeting(await connect_page())
    monkeypatch.setattr(
        jp_serverapp.authorizer, "is_authorized", lambda _handler, _user, action, _resource: action == "read"
    )
    base = ("trame", "narvi", "w", "app", "x")
    assert (await jp_fetch(*base, "index.html")).code == 200
    assert (await jp_fetch(*base, "status")).code == 200
    assert await refused(connect_page()) == 403
    assert await refused(jp_fetch(*base, "items", "a", "b")) == 403
    assert await refused(jp_fetch(*base, "items", "a", "b", method="DELETE")) == 403
    assert await refused(jp_fetch("trame", "narvi-admin")) == 403
