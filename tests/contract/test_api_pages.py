"""Pages, folders and HTTP headers."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, TRAME, Peer, both, live


async def get(server: Any, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{server.port}/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


@fact("api 2", "where no module brought a page, `trame_client`'s own module is enabled")
@both
@pytest.mark.asyncio
async def test_default_page(peer: Peer) -> None:
    async with live(peer) as (server, _):
        assert "trame_client" in str(server._www)
        status, text = await get(server, "index.html")
        assert (status, "<html" in text) == (200, True)
        assert (await get(server, ""))[0] == 200


@fact("api 2", "a module's `www` is served instead")
@both
@pytest.mark.asyncio
async def test_page_of_a_module(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("of the module")
    async with live(peer, lambda server: server.enable_module({"www": str(tmp_path)})) as (server, _):
        assert await get(server, "index.html") == (200, "of the module")


@fact("api 2", "`--content` beats the page of modules")
@both
@pytest.mark.asyncio
async def test_content(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text("of the command line")
    monkeypatch.setenv("TRAME_ARGS", f"--content {tmp_path}")
    async with live(peer) as (server, _):
        assert await get(server, "index.html") == (200, "of the command line")


@fact("api 2", "folders of `server.serve` are served under their prefixes")
@fact("api 1", "`serve` is URL prefix -> folder, or a tuple that begins with the folder")
@both
@pytest.mark.asyncio
async def test_folders(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("content")
    folders = {"own": str(tmp_path), "both": (str(tmp_path), "more")}
    async with live(peer, lambda server: server.serve.update(folders)) as (server, _):
        assert await get(server, "own/file.txt") == (200, "content")
        assert await get(server, "both/file.txt") == (200, "content")


@fact(
    "api 2",
    "`server.serve` and `--fs-endpoints` are both served; the former wins for the same prefix",
    trame="where `server.serve` is not empty, and trame-client's page fills it, `--fs-endpoints` is ignored",
)
@both
@pytest.mark.asyncio
async def test_both_kinds_of_folders(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file.txt").write_text("content")
    monkeypatch.setenv("TRAME_ARGS", f"--fs-endpoints given={tmp_path}")
    async with live(peer, lambda server: server.serve.update(own=str(tmp_path))) as (server, _):
        assert (await get(server, "given/file.txt"))[0] == (200 if peer is OURS else 404)


@fact("api 2", "`--no-http` serves the socket alone")
@both
@pytest.mark.asyncio
async def test_no_http(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--no-http")
    async with live(peer) as (server, make_client):
        assert (await get(server, "index.html"))[0] == 404
        async with make_client() as client:
            assert client.connected


@fact(
    "api 8",
    "what `http_headers` holds is sent with pages and files",
    trame="process-global, and fixed at start",
)
@both
@pytest.mark.asyncio
async def test_headers(peer: Peer) -> None:
    def build(server: Any) -> None:
        server.http_headers.set_header("X-Contract", "1")
        server.http_headers.shared_array_buffer = True

    async with (
        live(peer, build) as (server, _),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}/index.html") as response,
    ):
        found = response.headers
    if peer is TRAME:
        server.http_headers.headers.clear()
        server.http_headers.apply()
    assert (found["X-Contract"], found["Cross-Origin-Opener-Policy"]) == ("1", "same-origin")
