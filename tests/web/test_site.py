"""What a server that carries itself offers: the same through every web server."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.web import RequestHandler
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

from jupyter_trame.files.media_types import MEDIA_TYPES, content_type
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from tests.contract.rules import rule
from tests.support.sockets import SocketClient, file_cookie

Fetch = Callable[..., Awaitable[HTTPResponse]]

pytestmark = pytest.mark.usefixtures("web_backend")

POLICY = "Content-Security-Policy"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "x" * 22 + "==",
    "Sec-WebSocket-Version": "13",
}


def run(server: Server, scenario: Callable[[Fetch], Awaitable[None]], *arguments: str) -> None:
    async def main() -> None:
        task = server.start(exec_mode="task", port=0, timeout=0, args=arguments)
        await server.ready

        async def fetch(path: str, method: str = "GET", **options: Any) -> HTTPResponse:
            url = f"http://127.0.0.1:{server.port}{path}"
            headers = {**file_cookie(server), **options.pop("headers", {})}
            options = {"follow_redirects": False, **options}
            request = HTTPRequest(url, method=method, headers=headers, **options)
            return await AsyncHTTPClient().fetch(request, raise_error=False)

        await scenario(fetch)
        await server.stop()
        assert task is not None
        await task

    asyncio.run(main())


def test_the_root_leads_to_the_page_and_keeps_the_query() -> None:
    async def scenario(fetch: Fetch) -> None:
        for path, location in (("/", "index.html"), ("/?a=1&b=x%2Fy", "index.html?a=1&b=x%2Fy")):
            answer = await fetch(path)
            assert (answer.code, answer.headers["Location"]) == (302, location)
        page = await fetch("/", follow_redirects=True)
        assert (page.code, page.body) == (200, b"<title>page</title>")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["Referrer-Policy"] == "no-referrer"

    run(Server("app"), scenario)


def test_each_suffix_has_the_type_of_the_table(static: Path) -> None:
    names = [f"a{suffix}" for suffix in (*MEDIA_TYPES, ".unknown", "")]
    for name in names:
        (static / name).write_bytes(b"x")

    async def scenario(fetch: Fetch) -> None:
        types = {name: (await fetch(f"/{name}")).headers["Content-Type"] for name in names}
        assert types == {name: content_type(name) for name in names}

    run(Server("app"), scenario)


@pytest.mark.parametrize("size", [0, 9, 1_000_000])
def test_files_have_a_type_and_can_be_asked_for_again(static: Path, size: int) -> None:
    (static / "page.js").write_bytes((b"export {}" * size)[:size])

    async def scenario(fetch: Fetch) -> None:
        script = await fetch("/page.js?v=1")
        assert (script.code, len(script.body)) == (200, size)
        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert script.headers["Accept-Ranges"] == "bytes"
        assert script.headers["Last-Modified"]
        again = await fetch("/page.js", headers={"If-None-Match": script.headers["ETag"]})
        assert (again.code, again.body) == (304, b"")
        assert again.headers["ETag"] == script.headers["ETag"]
        assert (await fetch("/page.js", headers={"If-None-Match": '"other"'})).code == 200
        later = await fetch("/page.js", headers={"If-Modified-Since": script.headers["Last-Modified"]})
        assert later.code == 304
        earlier = await fetch("/page.js", headers={"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"})
        assert earlier.code == 200
        head = await fetch("/page.js", "HEAD")
        assert (head.code, head.headers.get("Content-Length", "0"), head.body) == (200, str(size), b"")
        if size:
            part = await fetch("/page.js", headers={"Range": "bytes=2-5"})
            assert (part.code, part.body) == (206, b"port")
            assert part.headers["Content-Range"] == f"bytes 2-5/{size}"
            assert (await fetch("/page.js", headers={"Range": f"bytes={size}-"})).code == 416

    run(Server("app"), scenario)


def test_small_files_need_no_thread() -> None:
    """trame-client's page asks for its `loading.tpl` first and draws it whenever it comes, also over the app."""
    occupied, free = threading.Event(), threading.Event()
    server = Server("app")

    async def scenario(_: Fetch) -> None:
        pool = ThreadPoolExecutor(1)
        asyncio.get_running_loop().set_default_executor(pool)
        pool.submit(lambda: (occupied.set(), free.wait()))
        occupied.wait()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            cookie = file_cookie(server)["Cookie"].encode()
            writer.write(b"GET /page.js HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie)
            writer.write(b"\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(10):
                assert (await reader.read()).endswith(b"\r\n\r\nexport {}")
            writer.close()
        finally:
            free.set()

    run(server, scenario)


def test_a_changed_file_has_another_etag(static: Path) -> None:
    async def scenario(fetch: Fetch) -> None:
        before = (await fetch("/page.js")).headers["ETag"]
        (static / "page.js").write_text("export { changed }")
        after = await fetch("/page.js")
        assert after.headers["ETag"] != before
        assert after.body == b"export { changed }"

    run(Server("app"), scenario)


def test_what_is_not_served() -> None:
    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/missing")).code == 404
        assert (await fetch("/__package/")).code == 403
        assert (await fetch("/__package")).code == 403

    server = Server("app")
    server.serve["__package"] = str(Path(__file__).parent)
    run(server, scenario)


def test_folders_of_packages_also_those_added_later(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    (folder / "deep").mkdir(parents=True)
    (folder / "x.mjs").write_text("1")
    (folder / "deep" / "y.wasm").write_text("2")
    (folder / "a b.js").write_text("3")
    (tmp_path / "secret.txt").write_text("4")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "z.js").write_text("5")
    server = Server("app")

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/__pkg_1.0/x.mjs")).code == 404
        server.serve["__pkg_1.0"] = str(folder)
        server.serve["__tuple"] = (str(folder), "anything")
        server.serve["__pkg_1.0/deep/er"] = str(tmp_path / "other")
        found = await fetch("/__pkg_1.0/x.mjs")
        assert (found.code, found.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
        assert (await fetch("/__pkg_1.0/a%20b.js")).body == b"3"
        assert (await fetch("/__pkg_1.0/deep/er/z.js")).body == b"5"
        wasm = await fetch("/__tuple/deep/y.wasm")
        assert (wasm.code, wasm.headers["Content-Type"]) == (200, "application/wasm")
        for path in (
            "/__pkg_1.0/../secret.txt",
            "/__pkg_1.0/%2e%2e/secret.txt",
            "/__pkg_1.0/..%2fsecret.txt",
        ):
            assert (await fetch(path)).code in {403, 404}

    run(server, scenario)


def test_symlinks_that_lead_out_are_followed_on_demand(tmp_path: Path) -> None:
    (tmp_path / "outside.js").write_text("out")
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "link.js").symlink_to(tmp_path / "outside.js")

    def scenario(code: int) -> Callable[[Fetch], Awaitable[None]]:
        async def fetch_it(fetch: Fetch) -> None:
            assert (await fetch("/pkg/link.js")).code == code

        return fetch_it

    run(Server("app"), scenario(404), "--fs-endpoints", f"pkg={folder}")
    run(Server("app"), scenario(200), "--fs-endpoints", f"pkg={folder}", "--follow-symlinks")


def test_the_type_is_that_of_the_address_and_not_of_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "stored").write_text("1")
    (tmp_path / "a.js").symlink_to(tmp_path / "stored")

    async def scenario(fetch: Fetch) -> None:
        for path in ("/pkg/a.js", "/pkg/a.js?v=1"):
            found = await fetch(path)
            assert found.headers["Content-Type"] == "text/javascript; charset=utf-8"
            assert found.headers.get_list("Cache-Control") == ["no-cache"]
            assert "Expires" not in found.headers

    run(Server("app"), scenario, "--fs-endpoints", f"pkg={tmp_path}")


def test_the_folders_of_the_server_come_before_those_of_the_command_line(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.js").write_text(name)
    server = Server("app")
    server.serve["both"] = str(tmp_path / "one")

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/both/a.js")).body == b"one"
        assert (await fetch("/line/a.js")).body == b"two"

    two = tmp_path / "two"
    run(server, scenario, "--fs-endpoints", f"both={two}|line={two}")


def test_the_content_of_the_command_line_is_the_page(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("theirs")

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/index.html")).body == b"theirs"

    run(Server("app"), scenario, "--content", str(tmp_path))


def test_the_page_that_widgets_of_trame_client_bring_is_ours(static: Path) -> None:
    server = Server("app")
    with DivLayout(server):
        html.Span("x")
    assert server._www

    async def scenario(fetch: Fetch) -> None:
        assert (await fetch("/index.html")).body == (static / "index.html").read_bytes()

    run(server, scenario)


def test_headers_are_added_to_what_succeeds() -> None:
    server = Server("app")
    server.http_headers.shared_array_buffer = True
    server.http_headers.set_header("cache-control", "max-age=5")
    server.http_headers.set_header("Content-Type", "text/plain")
    server.http_headers.set_header("X-Content-Type-Options", "")

    async def scenario(fetch: Fetch) -> None:
        found, missing = await fetch("/page.js?v=1"), await fetch("/missing")
        assert found.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert found.headers.get_list("Cache-Control") == ["max-age=5"]
        assert found.headers.get_list("Content-Type") == ["text/javascript; charset=utf-8"]
        assert found.headers.get_list("X-Content-Type-Options") == ["nosniff"]
        assert "Expires" not in found.headers
        assert missing.code == 404
        assert "Cross-Origin-Opener-Policy" not in missing.headers

    run(server, scenario)


@rule("sandboxes_documents")
@pytest.mark.parametrize("compat", [None, "trame"])
def test_a_served_file_is_no_page_of_this_origin(tmp_path: Path, compat: Any) -> None:
    for name in ("index.html", "x.svg", "x.js", "x.pdf"):
        (tmp_path / name).write_text("<svg/>")
    server = Server("app", compat=compat)
    server.http_headers.set_header("content-security-policy", "img-src *")

    async def policies(fetch: Fetch, path: str) -> str:
        answer = await fetch(path)
        assert answer.code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return ", ".join(answer.headers.get_list("Content-Security-Policy"))

    async def scenario(fetch: Fetch) -> None:
        for path in ("/data/index.html", "/data/x.svg"):
            found = await policies(fetch, path)
            assert "img-src *" in found
            assert ("sandbox allow-scripts" in found) is (compat is None)
            assert "allow-same-origin" not in found
        for path in ("/index.html", "/data/x.js", "/data/x.pdf"):
            assert "sandbox" not in await policies(fetch, path)

    run(server, scenario, "--fs-endpoints", f"data={tmp_path}", "--content", str(tmp_path))


def test_there_is_no_launcher() -> None:
    async def scenario(fetch: Fetch) -> None:
        for path in ("/paraview/", "/paraview"):
            answer = await fetch(path, "POST", body="{}")
            assert answer.code == 405
            assert answer.headers["Content-Type"].startswith("text/plain")

    run(Server("app"), scenario)


def test_the_socket_is_no_page() -> None:
    async def scenario(fetch: Fetch) -> None:
        answer = await fetch("/ws")
        assert answer.code == 426
        assert answer.headers["Content-Type"].startswith("text/plain")

    run(Server("app"), scenario)


def test_the_sockets_place_can_be_chosen() -> None:
    async def elsewhere(fetch: Fetch) -> None:
        assert (await fetch("/deep/socket")).code == 426
        assert (await fetch("/ws")).code == 404

    async def nowhere(fetch: Fetch) -> None:
        assert (await fetch("/ws")).code == 404
        assert (await fetch("/page.js")).code == 200

    async def only(fetch: Fetch) -> None:
        assert (await fetch("/ws")).code == 426
        assert (await fetch("/page.js")).code == 404
        assert (await fetch("/")).code == 404

    run(Server("app"), elsewhere, "--ws-endpoint", "deep/socket")
    run(Server("app"), nowhere, "--no-ws-endpoint")
    run(Server("app"), only, "--no-http")


def test_a_foreign_page_is_refused() -> None:
    server = Server("app")

    async def scenario(fetch: Fetch) -> None:
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
            assert (await fetch("/ws", headers={"Origin": origin, **UPGRADE})).code == 403
        client = SocketClient(runtime_of(server).secret)
        await (await client.open(server, Origin=f"http://127.0.0.1:{server.port}")).ready()
        await client.shut()

    run(server, scenario)


@pytest.mark.parametrize(("first", "then"), [("wslink-secret", "rare"), ("rare", "wslink-secret")])
def test_the_secret_in_force_says_which_names_the_page_may_have(first: str, then: str) -> None:
    """A name that was made to resolve to this machine: its page passes where only who knows a secret gets in."""
    server = Server("app")

    async def scenario(_: Fetch) -> None:
        site = cast("Any", life_cycle_of(server).backend).site
        named = ("http://rebound.example:1", "rebound.example:1", None)
        assert site.may_connect(*named) is (first == "rare")
        assert server.protocol is not None
        server.protocol.updateSecret(then)
        assert site.may_connect(*named) is (then == "rare")

    run(server, scenario, "--authKey", first)


def cookie_of(answer: HTTPResponse) -> str:
    (cookie,) = answer.headers.get_list("Set-Cookie")
    return str(cookie)


def test_files_need_the_secret_or_the_cookie_that_a_page_with_it_sets(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1")
    server = Server("app")
    server.serve["data"] = str(tmp_path)

    async def scenario(fetch: Fetch) -> None:
        secret = runtime_of(server).secret
        for path in ("/", "/index.html", "/page.js", "/data/data.csv", "/data", "/missing", "/?secret=wrong"):
            for headers in ({"Cookie": ""}, {"Cookie": "jupyter_trame_1=x"}):
                for method in ("GET", "HEAD"):
                    answer = await fetch(path, method, headers=headers)
                    assert answer.code == 403, path
                    assert "Set-Cookie" not in answer.headers
        refused = await fetch("/index.html", headers={"Cookie": ""})
        assert b"holds the secret" in refused.body
        bare = {"Cookie": ""}
        root = await fetch(f"/?secret={secret}", headers=bare)
        assert root.code == 302
        page = await fetch(f"/index.html?secret={secret}", headers=bare)
        assert page.code == 200
        assert cookie_of(root) == cookie_of(page)
        cookie, *flags = cookie_of(page).split("; ")
        assert flags == ["HttpOnly", "SameSite=Strict"]
        assert cookie.startswith(f"jupyter_trame_{server.port}=")
        assert secret not in cookie
        for path in ("/page.js", "/index.html", "/data/data.csv"):
            answer = await fetch(path, headers={"Cookie": f"other=1; {cookie}"})
            assert answer.code == 200
            assert "Set-Cookie" not in answer.headers
        assert (await fetch(f"/data/data.csv?secret={secret}", headers=bare)).code == 200
        behind = {"X-Forwarded-Proto": "https", **bare}
        assert cookie_of(await fetch(f"/?secret={secret}", headers=behind)).endswith("; Secure")
        assert server.protocol is not None
        server.protocol.updateSecret("another")
        assert (await fetch("/page.js", headers={"Cookie": cookie})).code == 403
        assert (await fetch(f"/page.js?secret={secret}", headers=bare)).code == 403

    run(server, scenario)


def test_a_web_page_gets_nothing_from_an_app_whose_secret_all_know() -> None:
    server = Server("app", compat="trame")
    assert server.page_policy.frame_ancestors == ()

    async def scenario(fetch: Fetch) -> None:
        port = server.port
        origins = [
            "null",
            "file://",
            "",
            "http://evil.example",
            "http://127.0.0.1:1",
            f"http://localhost:{port}",
        ]
        origins += [f"http://sub.127.0.0.1:{port}", f"http://127.0.0.1:{port}.evil.example"]
        for origin in origins:
            answer = await fetch("/ws", headers={"Origin": origin, **UPGRADE})
            assert answer.code == 403, origin
        # The name of a page that was made to lead here (DNS rebinding), whose own server this then seems to be.
        for name in ("evil.example", "localhost.evil.example", "2130706433", "127.1", "0.0.0.0"):
            for path in ("/ws", "/", "/index.html", "/page.js"):
                origin, host = f"http://{name}:{port}", f"{name}:{port}"
                for forwarded in ({}, {"X-Forwarded-Host": f"127.0.0.1:{port}"}):
                    headers = {
                        "Host": host,
                        "Origin": origin,
                        **forwarded,
                        **(UPGRADE if path == "/ws" else {}),
                    }
                    assert (await fetch(path, headers=headers)).code == 403, (name, path)
        file = await fetch("/page.js", headers={"Origin": "http://evil.example"})
        assert "Access-Control-Allow-Origin" not in file.headers
        assert file.headers["X-Content-Type-Options"] == "nosniff"

    run(server, scenario)


def test_a_page_in_a_frame_of_a_site_that_may_show_it_gets_a_cookie_of_that_site() -> None:
    async def scenario(fetch: Fetch) -> None:
        for path in ("/", "/index.html"):
            answer = await fetch(f"{path}?secret={runtime_of(server).secret}", headers={"Cookie": ""})
            own, framed = answer.headers.get_list("Set-Cookie")
            assert own.endswith("; HttpOnly; SameSite=Strict")
            assert framed.endswith("; HttpOnly; SameSite=None; Secure; Partitioned")

    server = Server("app", frame_ancestors=["https://portal.example"])
    run(server, scenario)
    # With trame's manners all pages may show it; this secret is one that not all know.
    server = Server("app", compat="trame")
    run(server, scenario, "--authKey", "private")


def test_files_are_public_where_all_know_the_secret_or_the_app_decides() -> None:
    async def scenario(fetch: Fetch) -> None:
        for path in ("/index.html", "/index.html?secret=wslink-secret"):
            answer = await fetch(path, headers={"Cookie": ""})
            assert answer.code == 200
            assert "Set-Cookie" not in answer.headers

    run(Server("app", compat="trame"), scenario)
    judging = Server("judged")
    judging.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Judge()))
    run(judging, scenario)


def test_requests_for_other_names_are_refused(web_backend: str) -> None:
    server = Server("app", compat="trame")

    @server.controller.add("on_server_bind")
    def bind(bound: Any) -> None:
        if web_backend == "aiohttp":

            async def hello(_: web.Request) -> web.Response:
                return web.Response(text="hello")

            bound.app.router.add_get("/hello", hello)
        else:

            class Hello(RequestHandler):
                def get(self) -> None:
                    self.finish("hello")

            bound.app.add_handlers(r".*", [("/hello", Hello)])

    async def scenario(fetch: Fetch) -> None:
        port = server.port
        for path in ("/", "/index.html", "/missing", "/hello", "/paraview/", "/ws"):
            for host in (f"rebound.example:{port}", f"192.0.2.1:{port}"):
                answer = await fetch(path, headers={"Host": host, **(UPGRADE if path == "/ws" else {})})
                assert answer.code == 403, path
                assert answer.body.count(b"--allowed-host") == 1
        for host in (f"localhost:{port}", "127.0.0.1", "proxy.example:8443", "second.example"):
            assert (await fetch("/hello", headers={"Host": host})).body == b"hello"

    run(server, scenario, "--allowed-host", "proxy.example", "--allowed-host", "x.example,Second.example")


def _upgrade(**changes: str) -> str:
    return ";".join(["GET /ws", *(f"{name}: {value}" for name, value in {**UPGRADE, **changes}.items())])


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (403, "GET /index.html"),
        (403, "GET /index.html;Host: rebound.example"),
        (403, "GET /served?secret={secret}"),
        (404, "GET /%3Cscript%3E?secret={secret}"),
        (404, "GET /missing/?secret={secret}"),
        (405, "POST /index.html?secret={secret}"),
        (405, "PUT /paraview/"),
        (405, "POST /paraview/"),
        (405, "TRACE /ws"),
        (426, "GET /ws"),
        (400, _upgrade(Connection="close")),
        (426, _upgrade(**{"Sec-WebSocket-Version": "8"})),
        (400, _upgrade(**{"Sec-WebSocket-Key": "short"})),
        (403, _upgrade(Origin="http://other.example")),
        (None, "GET *"),
        (None, "GET http://other.example/?secret={secret}"),
    ],
)
@pytest.mark.parametrize("compat", [None, "trame"])
def test_what_is_refused_is_one_line_of_text(
    tmp_path: Path, status: int | None, line: str, compat: Any
) -> None:
    """None of a browser's guesses makes a page of it, nobody frames it, and no address that holds the secret leaks."""
    server = Server("app", compat=compat)
    server.serve["served"] = str(tmp_path)

    async def scenario(fetch: Fetch) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        first, *headers = line.format(secret=runtime_of(server).secret).split(";")
        if not any(header.startswith("Host") for header in headers):
            headers.append(f"Host: localhost:{server.port}")
        writer.write("\r\n".join([f"{first} HTTP/1.1", "Content-Length: 0", *headers, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        given = HTTPHeaders.parse(head.partition("\r\n")[2])
        body = await reader.readexactly(int(given["Content-Length"]))
        writer.close()
        code = int(head.split()[1])
        if code < 400:  # where all know the secret, or in a form that a web server understands
            assert status != code
            return
        assert status in {None, code} or compat
        assert body.startswith(str(code).encode())
        assert runtime_of(server).secret.encode() not in body
        assert given["Content-Type"].startswith("text/plain")
        assert given["X-Content-Type-Options"] == "nosniff"
        assert given["Referrer-Policy"] == "no-referrer"
        assert given[POLICY] == "default-src 'none'; frame-ancestors 'self'"

    run(server, scenario)


def test_a_request_that_breaks_http_is_not_repeated_to_anybody(web_backend: str) -> None:
    server = Server("app")

    async def scenario(fetch: Fetch) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET /?secret={runtime_of(server).secret} HTTP/1.1\r\n<b>: 1\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.split()[1] == b"400"
        assert b"<b>" not in answer
        assert runtime_of(server).secret.encode() not in answer
        assert web_backend == "tornado" or b"nosniff" in answer

    run(server, scenario)


def test_no_request_puts_the_secret_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    server = Server("app")

    async def scenario(fetch: Fetch) -> None:
        caplog.clear()  # a start names the variables of the environment that it ignores
        secret = runtime_of(server).secret
        for path in ("/%ff", "/served/%ff", "/missing", "/index.html", "/ws", "/%0a"):
            for method in ("GET", "HEAD", "DELETE"):
                await fetch(f"{path}?secret={secret}&x=%ff", method)
        await fetch(f"/ws?secret={secret}", headers={**UPGRADE, "Sec-WebSocket-Version": "5"})

    with caplog.at_level(logging.INFO):
        run(server, scenario)
    assert runtime_of(server).secret not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_files_that_need_the_secret_are_for_pages_of_their_own_origin() -> None:
    """Their cookie goes to all ports of a host, and with the requests of pages of another server there."""

    def check(server: Server, expected: str | None) -> None:
        async def scenario(fetch: Fetch) -> None:
            for path in ("/index.html", "/page.js"):
                assert (await fetch(path)).headers.get("Cross-Origin-Resource-Policy") == expected

        run(server, scenario)

    check(Server("app"), "same-origin")
    check(Server("app", compat="trame"), None)
    lenient = Server("app")
    lenient.http_headers.set_header("cross-origin-resource-policy", "cross-origin")
    check(lenient, "cross-origin")


@rule("framed_by_all")
@pytest.mark.parametrize("compat", [None, "trame"])
def test_pages_say_whom_they_may_talk_to(compat: Any) -> None:
    server = Server("app", compat=compat, connect_src=["https://tiles.example"])

    async def scenario(fetch: Fetch) -> None:
        for path in ("/index.html", "/page.js") if compat is None else ("/index.html",):
            policy = (await fetch(path)).headers[POLICY]
            host = f"127.0.0.1:{server.port}"
            sources = f"'self' data: blob: ws://{host} wss://{host} https://tiles.example"
            assert policy.startswith(
                f"connect-src {sources}; object-src 'none'; base-uri 'self'; form-action 'self'"
            )
            assert policy.endswith("; frame-ancestors 'self'") is (compat is None)
            assert ("frame-ancestors" in policy) is (compat is None)
        forwarded = (await fetch("/index.html", headers={"X-Forwarded-Host": "outer.example"})).headers[
            POLICY
        ]
        assert " wss://outer.example " in forwarded
        known = {"If-None-Match": (await fetch("/index.html")).headers["ETag"]}
        again = await fetch("/index.html", headers=known)
        assert (again.code, POLICY in again.headers) == (304, True)

    run(server, scenario)


def test_a_policy_of_the_app_joins_the_page_s_own() -> None:
    server = Server("app", frame_ancestors=["https://portal.example"])
    server.http_headers.set_header(
        "content-security-policy", "img-src 'self'; connect-src *; frame-ancestors *"
    )

    async def scenario(fetch: Fetch) -> None:
        first, second = (await fetch("/index.html")).headers[POLICY].split(", ")
        assert first.endswith("frame-ancestors 'self' https://portal.example")
        assert "connect-src 'self' data:" in first
        assert second == "img-src 'self'; connect-src *; frame-ancestors *"

    run(server, scenario)


@pytest.mark.parametrize("path", ["index.html", "", "%69ndex.html", "INDEX.HTML"])
def test_no_page_lies_below_static(path: str) -> None:
    async def scenario(fetch: Fetch) -> None:
        for folder in ("/static/", "/trame/static/"):
            assert (await fetch(f"{folder}{path}")).code == 404

    run(Server("app"), scenario)


class Judge:
    """A protocol object that lets one token in, and notes who comes and goes."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
        self.calls.append(("connect", client_id, getattr(request, "path", None)))

    def onClose(self, client_id: str) -> None:  # noqa: N802
        self.calls.append(("close", client_id))

    async def validateToken(self, token: Any, client_id: str) -> bool:  # noqa: N802
        await asyncio.sleep(0)
        self.calls.append(("validate", client_id, token))
        return bool(token == "yes")


def test_protocols_decide_about_clients_and_hear_of_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    judge, server = Judge(), Server("app")
    server.state.n = 1
    server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(judge))

    async def scenario(fetch: Fetch) -> None:
        wrong = await SocketClient(runtime_of(server).secret).open(server)
        await wrong.until(lambda: wrong.events)
        assert not wrong.state
        right = await (await SocketClient("yes").open(server)).ready()
        assert right.state["n"] == 1
        own = (right.session.client_id or "").removeprefix("c")
        assert ("connect", own, "/ws") in judge.calls
        assert ("validate", own, "yes") in judge.calls
        assert ("close", own) not in judge.calls
        await right.shut()
        await right.until(lambda: ("close", own) in judge.calls)
        await wrong.shut()

    run(server, scenario)
    assert [call[0] for call in judge.calls].count("close") == 2


def test_after_the_end_a_connection_that_was_kept_alive_is_answered_no_more() -> None:
    async def main() -> None:
        server = Server("app")
        task = server.start(exec_mode="task", port=0, timeout=0, args=[])
        await server.ready
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        cookie = file_cookie(server)["Cookie"].encode()
        writer.write(b"GET /page.js HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie + b"\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"export {}")
        await server.stop()
        assert task is not None
        await task
        assert await reader.read() == b""
        writer.close()

    asyncio.run(main())
