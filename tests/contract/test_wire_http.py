"""Pages and files over HTTP, and the question for a launcher."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tornado.web import RequestHandler
from yarl import URL

from tests.contract.facts import fact
from tests.contract.peers import until
from tests.contract.wire import Wire, everywhere, ours, serving

pytestmark = pytest.mark.asyncio


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Folders that an app serves."""
    for name, text in {
        "www/index.html": "the page",
        "www/deep/page.js": "page of www",
        "pkg/a.js": "a of pkg",
        "pkg/nested/b.js": "nested in pkg",
        "deeper/b.js": "b of deeper",
        "pkg/data.txt": "0123456789",
        "pkg/m.mjs": "m",
        "pkg/c.cjs": "c",
        "pkg/w.wasm": "w",
        "pkg/s.css": "s",
        "secret/key": "secret",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "pkg" / "out").symlink_to(tmp_path / "secret" / "key")
    (tmp_path / "pkg" / "in.js").symlink_to(tmp_path / "pkg" / "a.js")
    return tmp_path


def files(folders: Path, **headers: str) -> Callable[[Any], None]:
    """An app with a page and packages."""

    def build(server: Any) -> None:
        server.enable_module(
            {
                "www": str(folders / "www"),
                "serve": {
                    "__pkg": str(folders / "pkg"),
                    "__pkg/nested": str(folders / "deeper"),
                },
            }
        )
        for name, value in headers.items():
            server.http_headers.set_header(name.replace("_", "-"), value)

    return build


async def get(wire: Wire, path: str, method: str = "GET", **headers: str) -> tuple[int, Any, str]:
    """Status, headers and text."""
    url = URL(f"{wire.url}/{path}", encoded=True)
    async with wire.http.request(method, url, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers, await response.text()


def aiohttp_route(method: str, path: str, status: int, body: str, kind: str) -> Callable[[Any], None]:
    """Adds a route of the app to a web server of aiohttp."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    return lambda bound: bound.app.add_routes([web.route(method, path, answer)])


def tornado_route(method: str, path: str, status: int, body: str, kind: str) -> Callable[[Any], None]:
    """The same for tornado."""

    class Handler(RequestHandler):
        def _answer(self) -> None:
            self.set_status(status)
            self.set_header("Content-Type", kind)
            self.finish(body)

    setattr(Handler, method.lower(), Handler._answer)
    return lambda bound: bound.app.add_handlers(r".*", [(path, Handler)])


def route(
    kind: str, method: str, path: str, status: int, body: str, content: str = "text/plain"
) -> Callable[[Any], None]:
    """An app that adds a route when the server is bound."""
    make = tornado_route if kind == "tornado" else aiohttp_route
    return lambda server: server.controller.add("on_server_bind")(make(method, path, status, body, content))


# -- routes


@fact("wire 12", "`GET /` redirects to `index.html`, relative, with the query")
@everywhere
async def test_root(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        status, headers, _ = await get(wire, "")
        assert (status, headers["Location"]) == (302, "index.html")
        status, headers, _ = await get(wire, "?ui=a&b=%20")
        assert status == 302
        location = URL(headers["Location"])
        assert location.path == "index.html"
        assert dict(location.query) == {"ui": "a", "b": " "}


@fact("wire 12", "`/<prefix>/...` is a file of `serve[prefix]`, all else one of the page's folder")
@everywhere
async def test_folders(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        assert (await get(wire, "index.html"))[2] == "the page"
        assert (await get(wire, "deep/page.js"))[2] == "page of www"
        assert (await get(wire, "__pkg/a.js"))[2] == "a of pkg"


@fact("wire 12", "a longer prefix comes before its own parent")
@everywhere
async def test_longer_prefixes(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        assert (await get(wire, "__pkg/nested/b.js"))[2] == "b of deeper"


@fact("wire 12", "a route that `on_server_bind` adds comes before every file")
@everywhere
async def test_routes_of_the_app(kind: str, folders: Path) -> None:
    def build(server: Any) -> None:
        files(folders)(server)
        route(kind, "GET", "/__pkg/a.js", 200, "a of the app")(server)

    async with serving(kind, build) as wire:
        assert (await get(wire, "__pkg/a.js"))[2] == "a of the app"
        assert (await get(wire, "__pkg/data.txt"))[2] == "0123456789"


@fact("wire 12", "the websocket comes before routes of an app that adds them to aiohttp")
@pytest.mark.parametrize("kind", ["aiohttp", "trame"])
async def test_the_websocket_comes_first(kind: str) -> None:
    async with serving(kind, route(kind, "GET", "/{any:.*}", 200, "all")) as wire:
        assert (await get(wire, "anything"))[2] == "all"
        assert (await (await wire.client()).call("trame.state.get"))["name"] == "wire"


# -- files


@fact("wire 12", "GET and HEAD with ETag, Last-Modified and Accept-Ranges; parts and 304 on request")
@everywhere
async def test_files(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        status, headers, text = await get(wire, "__pkg/data.txt")
        assert (status, text) == (200, "0123456789")
        assert all(headers.get(name) for name in ("ETag", "Last-Modified", "Accept-Ranges"))
        assert (await get(wire, "__pkg/data.txt", **{"If-None-Match": headers["ETag"]}))[0] == 304
        status, part, text = await get(wire, "__pkg/data.txt", Range="bytes=2-4")
        assert (status, text, part["Content-Range"]) == (206, "234", "bytes 2-4/10")
        status, head, text = await get(wire, "__pkg/data.txt", "HEAD")
        assert (status, head["Content-Length"], text) == (200, "10", "")


@fact(
    "wire 12",
    "`Cache-Control: no-cache`, so that a new build is seen at once; the ETag saves the transfer",
    trame="sends no Cache-Control",
)
@everywhere
async def test_caching(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        _, headers, _ = await get(wire, "__pkg/a.js")
        assert headers.get("Cache-Control") == (None if kind == "trame" else "no-cache")


@fact("wire 12", "a folder without a file name gets 403, a missing file 404")
@everywhere
async def test_refusals(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        assert (await get(wire, "__pkg/"))[0] == 403
        assert (await get(wire, "deep/"))[0] == 403
        assert (await get(wire, "__pkg/missing.js"))[0] == 404
        assert (await get(wire, "missing.js"))[0] == 404


@pytest.mark.parametrize(
    "path", ["../secret/key", "%2e%2e/secret/key", "__pkg/../../secret/key", "__pkg/%2e%2e%2fsecret/key"]
)
@fact("wire 12", "`..` never leads out of a folder")
@everywhere
async def test_parents(kind: str, folders: Path, path: str) -> None:
    async with serving(kind, files(folders)) as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.server.port)
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert answer.split()[1] in (b"404", b"403")
        assert b"secret\n" not in answer


@fact("wire 12", "a link that leads out of its folder gets 404, one inside is followed")
@everywhere
async def test_links(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        assert (await get(wire, "__pkg/out"))[0] == 404
        assert (await get(wire, "__pkg/in.js"))[2] == "a of pkg"


@fact("wire 12", "with `WSLINK_FOLLOW_SYMLINKS=1` links are followed")
@ours
async def test_links_by_environment(kind: str, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSLINK_FOLLOW_SYMLINKS", "1")
    async with serving(kind, files(folders)) as wire:
        assert (await get(wire, "__pkg/out"))[2] == "secret"


@fact("wire 12", "`--follow-symlinks` does the same", trame="takes it and ignores it")
@everywhere
async def test_links_by_argument(kind: str, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--follow-symlinks")
    async with serving(kind, files(folders)) as wire:
        assert (await get(wire, "__pkg/out"))[0] == (404 if kind == "trame" else 200)


@fact(
    "wire 12",
    "headers of `server.http_headers` are added to successful answers only, where they are absent",
    trame="adds them to the 404 of a missing file too",
)
@everywhere
async def test_headers(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders, X_App="mine", Last_Modified="never")) as wire:
        for path in ("index.html", "__pkg/a.js"):
            _, headers, _ = await get(wire, path)
            assert headers["X-App"] == "mine"
            assert headers["Last-Modified"] != "never"
        assert ("X-App" in (await get(wire, "missing.js"))[1]) == (kind == "trame")
        assert "X-App" not in (await get(wire, "__pkg/"))[1]


@fact(
    "wire 12",
    "pages and files carry a `Content-Security-Policy`: scripts talk to the page's own host",
    trame="carry none",
)
@everywhere
async def test_content_policy(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        policy = (await get(wire, "index.html"))[1].get("Content-Security-Policy", "")
        assert policy.startswith("" if kind == "trame" else "connect-src 'self' data: blob: ws://")


@pytest.fixture
def broken_types(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host that calls scripts plain text."""
    import mimetypes

    known = mimetypes.types_map[".js"]
    mimetypes.add_type("text/plain", ".js")
    yield
    mimetypes.add_type(known, ".js")


@pytest.mark.usefixtures("broken_types")
@fact(
    "wire 12",
    "scripts, `.mjs` and `.cjs` too, are JavaScript, `.wasm` is `application/wasm`, whatever the host says",
)
@ours
async def test_types(kind: str, folders: Path) -> None:
    async with serving(kind, files(folders)) as wire:
        types = {}
        for name in ("a.js", "m.mjs", "c.cjs", "w.wasm", "s.css", "data.txt"):
            types[name] = (await get(wire, f"__pkg/{name}"))[1]["Content-Type"].partition(";")[0]
        script = "text/javascript"
        assert types == {
            "a.js": script,
            "m.mjs": script,
            "c.cjs": script,
            "w.wasm": "application/wasm",
            "s.css": "text/css",
            "data.txt": "text/plain",
        }


@fact("wire 12", "`--ssl adhoc` serves https and wss with a certificate of the moment")
@ours
async def test_ssl(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography")
    monkeypatch.setenv("TRAME_ARGS", "--ssl adhoc")
    async with serving(kind) as wire:
        wire.url = wire.url.replace("http", "https")
        client = await wire.client(ssl=False)
        assert (await client.call("trame.state.get"))["name"] == "wire"
        async with wire.http.get(f"{wire.url}/index.html", ssl=False) as response:
            assert response.status == 200


# -- launcher


@pytest.mark.parametrize("path", ["paraview", "paraview/"])
@fact(
    "wire 13",
    "the question for a launcher, a POST, gets 405 and text: stock pages then use the socket beside the page",
)
@everywhere
async def test_no_launcher(kind: str, path: str) -> None:
    async with serving(kind) as wire, wire.http.post(f"{wire.url}/{path}", json={}) as response:
        assert response.status == 405
        assert "json" not in response.headers["Content-Type"]
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.text())


@fact("wire 13", "an app may be the launcher itself, with a route; its answer arrives as it is")
@everywhere
async def test_a_launcher_of_the_app(kind: str) -> None:
    config = {"sessionURL": "ws://USE_HOST/ws", "secret": "s", "id": "7"}
    build = route(kind, "POST", "/paraview/", 200, json.dumps(config), "application/json")
    async with serving(kind, build) as wire, wire.http.post(f"{wire.url}/paraview/", json={}) as response:
        assert (response.status, await response.json()) == (200, config)


@fact("wire 12", "what modules bring while the server runs is served from then on")
@ours
async def test_late_modules(kind: str, folders: Path) -> None:
    async with serving(kind) as wire:
        files(folders)(wire.server)
        await until(lambda: wire.server.running)
        assert (await get(wire, "__pkg/a.js"))[2] == "a of pkg"
