from pathlib import Path
from typing import Any

import pytest

from tests.conformance.odd_requests import DATES


@pytest.fixture(autouse=True)
def static(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "client.js").write_text("export const one = 1;")
    (folder / "client.js.map").write_text("{}")
    (folder / "font.woff2").write_bytes(b"x")
    (folder / "index.html").write_text("<title>secret page</title>")
    (folder / "INDEX.HTM").write_text("<title>secret page</title>")
    (folder / "picture.svg").write_text("<svg>secret page</svg>")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr("jupyter_trame.extension.extension_app.STATIC", folder)
    return folder


async def test_module_has_the_type_that_browsers_demand(
    jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system's own table may call it text/plain: a browser refuses the module then."""
    monkeypatch.setattr("mimetypes.guess_type", lambda *_, **__: ("text/plain", None))
    response = await jp_fetch("trame", "static", "client.js")
    assert response.body == b"export const one = 1;"
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert (await jp_fetch("trame", "static", "font.woff2")).headers["Content-Type"] == "font/woff2"
    assert (await jp_fetch("trame", "static", "client.js.map")).headers["Content-Type"] == "application/json"


async def test_unchanged_file_is_not_sent_again(jp_fetch: Any, extension: Any, static: Path) -> None:
    first = await jp_fetch("trame", "static", "client.js")
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    again = await jp_fetch("trame", "static", "client.js", headers=known, raise_error=False)
    assert again.code == 304
    assert again.body == b""
    (static / "client.js").write_text("export const two = 2;;")
    new = await jp_fetch("trame", "static", "client.js", headers=dict(known))
    assert new.body == b"export const two = 2;;"


async def test_a_date_that_no_calendar_has_is_answered(jp_fetch: Any, extension: Any) -> None:
    for date in (date for date in DATES if date.isascii() and date.isprintable()):
        headers = {"If-Modified-Since": date}
        response = await jp_fetch("trame", "static", "client.js", headers=headers, raise_error=False)
        assert response.code in {200, 304}, date


async def test_versioned_address_is_kept(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch("trame", "static", "client.js", params={"v": "1.0"})
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"


async def test_head(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch("trame", "static", "client.js", method="HEAD")
    assert response.headers["Content-Length"] == "21"


@pytest.mark.parametrize(
    "path",
    [
        *("nothing.js", "../secret.txt", "%2e%2e/secret.txt"),
        *("", "index.html", "index.html/", "INDEX.HTM", "Index.Html", "index%2Ehtml", "%69ndex.html"),
        *(
            "./index.html",
            "x/../index.html",
            "/index.html",
            "index.html%00.js",
            "client.js%00",
            "%00.js",
            "index.html;.js",
            "picture.svg",
        ),
    ],
)
async def test_nothing_else_is_served(
    http_server_client: Any, jp_auth_header: Any, jp_base_url: str, extension: Any, path: str
) -> None:
    # Not by `jp_fetch`, which would escape what is escaped.
    response = await http_server_client.fetch(
        f"{jp_base_url}trame/static/{path}", headers=jp_auth_header, raise_error=False
    )
    assert response.code in {403, 404}
    assert b"secret" not in response.body


async def test_stranger_gets_nothing(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch(
        "trame",
        "static",
        "client.js",
        headers={"Authorization": ""},
        follow_redirects=False,
        raise_error=False,
    )
    assert response.code == 302
    assert b"export" not in response.body
