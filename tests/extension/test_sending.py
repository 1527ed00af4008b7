"""Files as answers to requests."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.sending import parse_range
from jupyter_trame.files.media_types import MEDIA_TYPES, content_type
from jupyter_trame.files.shared import PART
from tests.conformance.odd_requests import KNOWN_ANSWERS, NoTracebacks, exchange, known_requests, odd_requests
from tests.extension.support import KernelProcess

SUFFIXED = [f"a{suffix}" for suffix in (*MEDIA_TYPES, ".unknown", "")]
"""A file of each suffix."""
CONTENT = bytes(range(256)) * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pkg"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.bin").write_bytes(CONTENT)
    (folder / "ä b.mjs").write_text("let a")
    (folder / "x.wasm").write_bytes(b"\0asm")
    (folder / "empty.css").write_bytes(b"")
    return folder


@pytest.fixture(params=["here", "elsewhere"])
def served(
    kernel: KernelProcess,
    folder: Path,
    request: pytest.FixtureRequest,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> KernelProcess:
    """A kernel whose disk is seen by the extension, and one whose disk is not."""

    async def start() -> None:
        kernel.hidden = request.param == "elsewhere"
        kernel.run()
        kernel.serve({"__pkg_1.0": folder}, X_One="1")

    jp_asyncio_loop.run_until_complete(start())
    return kernel


@pytest.fixture
def fetch(http_server_client: Any, jp_auth_header: dict[str, str], kernel: KernelProcess) -> Any:
    """Paths are sent as they are."""

    async def fetch(path: str, headers: Any = None, **options: Any) -> Any:
        url = f"/a%40b/trame/{kernel.id}/demo/{path}"
        return await http_server_client.fetch(
            url, headers={**jp_auth_header, **(headers or {})}, raise_error=False, **options
        )

    return fetch


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, 100)),
        ("bytes=-7", (93, 100)),
        ("bytes=-700", (0, 100)),
        ("bytes=90-200", (90, 100)),
        ("bytes=100-", (100, 100)),
        ("bytes=-0", (100, 100)),
        ("bytes=9-3", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
    ],
)
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 100) == expected


async def test_a_file_with_its_headers(served: KernelProcess, fetch: Any) -> None:
    response = await fetch("__pkg_1.0/a.bin")
    assert response.code == 200
    assert response.body == CONTENT
    headers = response.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["X_One"] == "1"
    assert headers["Cache-Control"] == "private, no-cache"
    assert "Last-Modified" in headers
    assert bool(served.fetches) is served.hidden


async def test_the_app_says_how_long_a_browser_keeps_a_file(
    kernel: KernelProcess, folder: Path, fetch: Any
) -> None:
    kernel.run()
    kernel.serve({"pkg": folder}, None, None, **{"Cache-Control": "max-age=60"})
    headers = (await fetch("pkg/a.bin")).headers
    assert headers.get_list("Cache-Control") == ["private, max-age=60"]


async def test_types(served: KernelProcess, fetch: Any) -> None:
    assert (await fetch("__pkg_1.0/%C3%A4%20b.mjs")).headers[
        "Content-Type"
    ] == "text/javascript; charset=utf-8"
    assert (await fetch("__pkg_1.0/x.wasm")).headers["Content-Type"] == "application/wasm"


async def test_each_suffix_has_the_type_of_the_table(kernel: KernelProcess, folder: Path, fetch: Any) -> None:
    for name in SUFFIXED:
        (folder / name).write_bytes(b"x")
    kernel.run()
    kernel.serve({"pkg": folder})
    types = {name: (await fetch(f"pkg/{name}")).headers["Content-Type"] for name in SUFFIXED}
    assert types == {name: content_type(name) for name in SUFFIXED}


async def test_what_is_known_is_not_sent_again(served: KernelProcess, fetch: Any) -> None:
    first = (await fetch("__pkg_1.0/a.bin")).headers
    for name, value in [("If-None-Match", first["ETag"]), ("If-Modified-Since", first["Last-Modified"])]:
        response = await fetch("__pkg_1.0/a.bin", headers={name: value})
        assert (response.code, response.body) == (304, b"")
        assert response.headers["ETag"] == first["ETag"]
    for name, value in [("If-None-Match", '"x"'), ("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")]:
        assert (await fetch("__pkg_1.0/a.bin", headers={name: value})).code == 200
    assert (await fetch("__pkg_1.0/a.bin", headers={"If-Modified-Since": "?"})).code == 200


async def test_parts_of_a_file(served: KernelProcess, fetch: Any) -> None:
    response = await fetch("__pkg_1.0/a.bin", headers={"Range": "bytes=10-19"})
    assert (response.code, response.body) == (206, CONTENT[10:20])
    assert response.headers["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"
    beyond = await fetch("__pkg_1.0/a.bin", headers={"Range": f"bytes={len(CONTENT)}-"})
    assert (beyond.code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    stale = await fetch("__pkg_1.0/a.bin", headers={"Range": "bytes=10-19", "If-Range": '"old"'})
    assert (stale.code, stale.body) == (200, CONTENT)


async def test_head_has_the_headers_of_get(served: KernelProcess, fetch: Any) -> None:
    response = await fetch("__pkg_1.0/a.bin", method="HEAD")
    assert (response.code, response.body) == (200, b"")
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["ETag"] == (await fetch("__pkg_1.0/a.bin")).headers["ETag"]


async def test_empty_and_large_files(served: KernelProcess, folder: Path, fetch: Any) -> None:
    large = bytes(range(256)) * (PART // 100)
    (folder / "large.bin").write_bytes(large)
    assert (await fetch("__pkg_1.0/large.bin")).body == large
    response = await fetch("__pkg_1.0/empty.css")
    assert (response.code, response.body) == (200, b"")


async def test_what_is_not_a_file_of_a_folder(served: KernelProcess, folder: Path, fetch: Any) -> None:
    (folder.parent / "secret").write_text("s")
    (folder / "out").symlink_to(folder.parent / "secret")
    assert (await fetch("__pkg_1.0/inner")).code == 403
    for path in (
        "__pkg_1.0/none",
        "none",
        "__pkg_1.0/..%2fsecret",
        "__pkg_1.0/%2e%2e/secret",
        "__pkg_1.0/out",
    ):
        response = await fetch(path)
        assert response.code == 404, path
        assert response.headers["Content-Type"].startswith("text/plain")
        assert "X_One" not in response.headers


async def test_a_folder_that_comes_later(served: KernelProcess, folder: Path, fetch: Any) -> None:
    assert (await fetch("later/a.bin")).code == 404
    served.serve({"__pkg_1.0": folder, "later": folder})
    assert (await fetch("later/a.bin")).body == CONTENT


async def test_without_the_kernel_only_what_lies_here(served: KernelProcess, fetch: Any, browse: Any) -> None:
    await browse()
    assert (await fetch("__pkg_1.0/a.bin")).code == 200
    served.kill()
    assert (await fetch("__pkg_1.0/a.bin")).code == (503 if served.hidden else 200)


async def test_odd_requests_are_answered(
    served: KernelProcess,
    jp_serverapp: Any,
    http_server_client: Any,
    http_server_port: Any,
    jp_auth_header: dict[str, str],
) -> None:
    """Whatever the address and the headers: no 5xx, and no traceback in the log."""
    login = [f"{name}: {value}" for name, value in jp_auth_header.items()]
    base = f"/a%40b/trame/{served.id}"
    names = {
        f"{base}/demo/__pkg_1.0/": ["a.bin", "x.wasm"],
        "/a%40b/trame/static/": ["client.js", "page.css"],
    }
    found: dict[str, int] = {}
    logs = [logging.getLogger(), logging.getLogger("tornado.application"), jp_serverapp.log]
    with NoTracebacks(*logs) as log:
        for place in (*names, f"{base}/demo/", f"{base}/", "/a%40b/trame/api/v1/apps/"):
            for what, head in odd_requests(11, 40, place, names.get(place, [])):
                found[what] = await exchange(http_server_port[-1], head, *login)
        known = {
            header: await exchange(http_server_port[-1], head, *login)
            for header, head in known_requests(f"{base}/demo/__pkg_1.0/a.bin")
        }
    assert {what: status for what, status in found.items() if status >= 500} == {}
    assert log.found == []
    assert known == KNOWN_ANSWERS
    assert {200, 304, 404} <= set(found.values())
