"""The routes of a stand-alone server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame.server import Server
from jupyter_trame.server.backends import handlers

Fetch = Callable[..., Awaitable[HTTPResponse]]


def run(server: Server, scenario: Callable[[Fetch], Awaitable[None]]) -> None:
    async def main() -> None:
        server.start(exec_mode="task", port=0, timeout=0)
        await server.ready

        async def fetch(path: str, method: str = "GET", **options: object) -> HTTPResponse:
            request = HTTPRequest(f"http://127.0.0.1:{server.port}{path}", method=method, **options)  # type: ignore[arg-type]
            return await AsyncHTTPClient().fetch(request, raise_error=False)

        await scenario(fetch)
        await server.stop()

    asyncio.run(main())


def test_the_page_and_its_files() -> None:
    async def scenario(fetch: Fetch) -> None:
        page = await fetch("/")
        assert (page.code, page.body) == (200, b"<title>page</title>")
        assert page.headers["Referrer-Policy"] == "no-referrer"
        script = await fetch("/page.js")
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert (await fetch("/page.js", "HEAD")).code == 200
        assert (await fetch("/missing")).code == 404

    run(Server("app"), scenario)


def test_folders_of_packages_also_those_added_later(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    (folder / "deep").mkdir(parents=True)
    (folder / "x.mjs").write_text("1")
    (folder / "deep" / "y.wasm").write_text("2")
    (tmp_path / "secret.txt").write_text("3")
    server = Server("app")

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/__pkg_1.0/x.mjs")).code == 404
        server.serve["__pkg_1.0"] = str(folder)
        server.serve["__tuple"] = (str(folder), "anything")
        found = await fetch("/__pkg_1.0/x.mjs")
        assert (found.code, found.headers["Content-Type"]) == (200, "text/javascript")
        wasm = await fetch("/__tuple/deep/y.wasm")
        assert (wasm.code, wasm.headers["Content-Type"]) == (200, "application/wasm")
        for path in (
            "/__pkg_1.0/../secret.txt",
            "/__pkg_1.0/%2e%2e/secret.txt",
            "/__pkg_1.0/..%2fsecret.txt",
        ):
            assert (await fetch(path)).code in {403, 404}

    run(server, scenario)


def test_a_module_may_bring_its_own_page(tmp_path: Path) -> None:
    www = tmp_path / "www"
    www.mkdir()
    (www / "index.html").write_text("own")
    server = Server("app")
    server.enable_module({"www": str(www)})

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/")).body == b"own"

    run(server, scenario)


def test_the_page_that_widgets_of_trame_client_bring_is_ours() -> None:
    server = Server("app")
    with DivLayout(server):
        html.Span("x")
    assert server._www

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/")).body == (handlers.STATIC / "index.html").read_bytes()

    run(server, scenario)


def test_there_is_no_launcher() -> None:
    async def scenario(fetch: Fetch) -> None:
        for path in ("/paraview/", "/paraview"):
            answer = await fetch(path, "POST", body="{}")
            assert answer.code == 405
            assert answer.headers["Content-Type"].startswith("text/plain")

    run(Server("app"), scenario)


def test_the_socket_is_no_page() -> None:
    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/ws")).code in {400, 426}

    run(Server("app"), scenario)


def test_no_browser_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_(url: str) -> bool:
        opened.append(url)
        return False

    monkeypatch.setattr(handlers.webbrowser, "open", open_)
    handlers.open_browser("http://x")
    assert opened == ["http://x"]
