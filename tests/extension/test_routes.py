"""No address of the extension answers before it has asked who is there and what they may do."""

import json
import logging
import re
from typing import Any

import pytest
from jupyter_server.base.handlers import APIHandler
from tornado.websocket import WebSocketHandler

from jupyter_trame.extension.extension_app import TrameExtension
from tests.extension.support import KernelProcess

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "eHh4eHh4eHh4eHh4eHh4eA==",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

RIGHTS = {
    ("trame/static/client.js", "GET"): [("read", "kernels")],
    ("trame/static/client.js", "HEAD"): [("read", "kernels")],
    ("trame/api/v1", "GET"): [("read", "kernels")],
    ("trame/api/v1/openapi.json", "GET"): [("read", "kernels")],
    ("trame/api/v1/apps", "GET"): [("read", "kernels")],
    ("trame/api/v1/apps/demo", "POST"): [("write", "sessions"), ("execute", "kernels")],
    ("trame/api/v1/files", "POST"): [("read", "contents"), ("write", "sessions"), ("execute", "kernels")],
    ("trame/api/v1/starts/x", "GET"): [("read", "kernels")],
    ("trame/api/v1/starts/x", "DELETE"): [("write", "kernels"), ("execute", "kernels")],
    ("trame/api/v1/servers", "GET"): [("read", "kernels")],
    ("trame/api/v1/servers/{kernel}/demo", "GET"): [("read", "kernels")],
    ("trame/api/v1/servers/{kernel}/demo", "DELETE"): [("write", "kernels"), ("execute", "kernels")],
    ("trame/api/v1/servers/{kernel}/demo/restart", "POST"): [("write", "kernels"), ("execute", "kernels")],
    ("trame/api/v1/servers/{kernel}/demo/viewers", "GET"): [("read", "kernels")],
    ("trame/api/v1/servers/{kernel}/demo/doctor", "GET"): [("read", "kernels")],
    ("trame/api/v1/doctor", "GET"): [("read", "kernels")],
    ("trame/api/v1/templates", "GET"): [("read", "kernels")],
    ("trame/api/v1/templates/app", "GET"): [("read", "kernels")],
    ("trame/api/v1/apps/demo/", "GET"): [("read", "kernels")],
    ("trame/api/v1/apps/demo/", "HEAD"): [("read", "kernels")],
    ("trame/api/v1/apps/demo/", "POST"): [("read", "kernels")],
    ("trame/api/v1/apps/demo/", "PUT"): [("read", "kernels")],
    ("trame/api/v1/apps/demo/", "PATCH"): [("read", "kernels")],
    ("trame/api/v1/apps/demo/", "DELETE"): [("read", "kernels")],
    ("trame/{kernel}/demo", "GET"): [("read", "kernels")],
    ("trame/{kernel}/demo/", "GET"): [("read", "kernels")],
    ("trame/{kernel}/demo/", "HEAD"): [("read", "kernels")],
    ("trame/{kernel}/demo/pkg/file.js", "GET"): [("read", "kernels")],
    ("trame/{kernel}/demo/pkg/file.js", "HEAD"): [("read", "kernels")],
    ("trame/{kernel}/demo/ws", "GET"): [("execute", "kernels")],
    ("trame/{kernel}/demo/paraview/", "POST"): [("read", "kernels")],
    ("trame/narvi/w/app/x/connect", "GET"): [("execute", "kernels")],
    ("trame/narvi/w/app/x/ws", "GET"): [("execute", "kernels")],
    ("trame/narvi/w/app/x/index.html", "GET"): [("read", "kernels")],
    ("trame/narvi/w/app/x/index.html", "HEAD"): [("read", "kernels")],
    ("trame/narvi/w/app/x/index.html", "PUT"): [("execute", "kernels")],
    ("trame/narvi/w/app/x/index.html", "POST"): [("execute", "kernels")],
    ("trame/narvi/w/app/x/index.html", "DELETE"): [("execute", "kernels")],
    ("trame/narvi-admin", "GET"): [("read", "kernels"), ("execute", "kernels")],
    ("trame/narvi-admin", "HEAD"): [("read", "kernels"), ("execute", "kernels")],
    ("trame/narvi-admin", "PUT"): [("execute", "kernels")],
    ("trame/narvi-admin", "POST"): [("execute", "kernels")],
    ("trame/narvi-admin", "DELETE"): [("execute", "kernels")],
    ("trame/igor/{kernel}/robot/ws", "GET"): [("execute", "kernels")],
    ("trame/igor/{kernel}/robot/files/a.txt", "GET"): [("read", "contents")],
    ("trame/igor/{kernel}/robot/files/a.txt", "HEAD"): [("read", "contents")],
    ("trame/igor/{kernel}/robot/files/a.txt", "POST"): [("write", "contents")],
}
"""Address and method -> every right that is asked for, in order."""

ADDRESSES = sorted({address for address, _ in RIGHTS})


def implemented(extension: TrameExtension) -> set[tuple[str, str]]:
    """Pattern and method of all that the extension's own classes implement."""
    return {
        (pattern, method)
        for pattern, handler, _ in extension.handlers
        for method in METHODS
        if any(
            method.lower() in vars(base)
            for base in handler.__mro__
            if base.__module__.startswith("jupyter_trame.")
        )
    }


def test_the_table_is_complete(extension: TrameExtension) -> None:
    assert len(implemented(extension)) == len(RIGHTS)
    assert len(extension.handlers) == len(ADDRESSES)


def test_each_class_decorates_its_own_methods(extension: TrameExtension) -> None:
    """A decorated method on a shared base would check one resource for all."""
    for _, handler, _ in extension.handlers:
        own = {method for method in METHODS if method.lower() in vars(handler)}
        assert own, f"{handler.__name__} inherits all its methods"
        for method in own:
            assert hasattr(vars(handler)[method.lower()], "__wrapped__"), f"{handler.__name__}.{method}"


async def ask(jp_fetch: Any, address: str, kernel: KernelProcess, method: str, **options: Any) -> Any:
    body = {"body": "{}"} if method in {"POST", "PUT", "PATCH"} else {}
    return await jp_fetch(
        address.format(kernel=kernel.id),
        method=method,
        raise_error=False,
        follow_redirects=False,
        **body,
        **options,
    )


@pytest.mark.parametrize(("address", "method"), RIGHTS)
async def test_stranger_is_refused(kernel: KernelProcess, jp_fetch: Any, address: str, method: str) -> None:
    kernel.run()
    response = await ask(jp_fetch, address, kernel, method, headers={"Authorization": ""})
    assert response.code in {302, 403}
    assert response.code == 403 or "/login" in response.headers["Location"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_other_methods_do_nothing(kernel: KernelProcess, jp_fetch: Any, address: str) -> None:
    kernel.run()
    for method in METHODS:
        if (address, method) not in RIGHTS:
            response = await ask(jp_fetch, address, kernel, method)
            assert response.code in {404, 405}, method


@pytest.mark.parametrize(("address", "method"), RIGHTS)
async def test_rights_are_asked_for(
    kernel: KernelProcess,
    jp_fetch: Any,
    jp_serverapp: Any,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    method: str,
) -> None:
    """Each of the rights is enough to be refused for."""
    kernel.run()
    needed = RIGHTS[address, method]
    asked: list[tuple[str, str]] = []
    missing: tuple[str, str] = ("", "")

    def decide(handler: Any, user: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return (action, resource) != missing

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", decide)
    for index, right in enumerate(needed):
        missing = right
        asked.clear()
        response = await ask(jp_fetch, address, kernel, method)
        assert response.code == 403
        assert asked == needed[: index + 1]


async def test_base_url_is_a_part_of_every_address(
    kernel: KernelProcess, http_server_client: Any, jp_auth_header: Any
) -> None:
    kernel.run()
    inside = await http_server_client.fetch("/a%40b/trame/api/v1/servers", headers=jp_auth_header)
    assert json.loads(inside.body)[0]["slug"] == "demo"
    outside = await http_server_client.fetch(
        "/trame/api/v1/servers", headers=jp_auth_header, raise_error=False
    )
    assert outside.code == 404


async def test_other_sites_change_nothing(
    kernel: KernelProcess, jp_fetch: Any, jp_serverapp: Any, jp_http_port: int
) -> None:
    """With the cookie of the user, as a browser sends it along with whatever a page makes it ask for."""
    kernel.run()
    host = f"localhost:{jp_http_port}"
    login = await sign_in(jp_fetch, jp_serverapp, host)
    known = "2|00000000|" + "0" * 32 + "|1"
    cookie = f"{login}; _xsrf={known}"
    tries: list[dict[str, str]] = [
        {},
        {"X-XSRFToken": "wrong"},
        {"X-XSRFToken": "", "Origin": f"http://{host}"},
        {"X-XSRFToken": known, "Origin": "http://evil.example"},
        {"X-XSRFToken": known, "Origin": "null"},
    ]
    for address in ADDRESSES:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for headers in tries:
                told = {"Authorization": "", "Host": host, "Cookie": cookie, **headers}
                response = await ask(jp_fetch, address, kernel, method, headers=told)
                refusals = {405} if address.endswith("paraview/") else {403, 404}
                assert response.code in refusals, (method, address, headers)
    # The cookies are good: with the token, and from the server's own page, the same is let in.
    own = {
        "Authorization": "",
        "Host": host,
        "Cookie": cookie,
        "Origin": f"http://{host}",
        "X-XSRFToken": known,
    }
    for address, method in (("gone/restart", "POST"), ("gone", "DELETE")):
        response = await ask(
            jp_fetch, f"trame/api/v1/servers/{{kernel}}/{address}", kernel, method, headers=own
        )
        assert response.code == 404
        assert json.loads(response.body) == {"message": "the app 'gone' is not running any more"}
    assert set(jp_serverapp.kernel_manager.list_kernel_ids()) == {kernel.id}


def address_of(pattern: str, kernel: KernelProcess) -> str:
    """An address that the pattern of a route means; what it is about is there."""
    address = pattern.replace("\\.", ".").removesuffix("/?").replace("(?:index.html)?", "")
    samples = {
        r"\(\?P<kernel_id>(?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*\)": kernel.id,
        r"\(\?P<slug>[^)]*\)": "demo",
        r"\(\?P<name>[^)]*\)": "demo",
        r"\(\?P<path>[^)]*\)": "pkg/file.js",
        r"\(\?P<start_id>[^)]*\)": "x",
        r"\(\?:/\.\*\)\?": "/w/app/x/index.html",
        r"\(\.\*\)": "client.js",
        r"\[\^/\]\+": "x",
    }
    for group, sample in samples.items():
        address = re.sub(group, sample, address)
    assert re.fullmatch(r"[\w/.-]+", address), address
    assert re.fullmatch(pattern, address), (pattern, address)
    return address


async def sign_in(jp_fetch: Any, jp_serverapp: Any, host: str) -> str:
    """The cookies of a browser whose user has signed in."""
    tree = await jp_fetch(
        "tree",
        headers={"Authorization": "", "Host": host},
        params={"token": jp_serverapp.identity_provider.token},
        raise_error=False,
    )
    return "; ".join(cookie.partition(";")[0] for cookie in tree.headers.get_list("Set-Cookie"))


async def test_each_route_refuses_strangers_and_other_sites(
    kernel: KernelProcess, extension: TrameExtension, jp_fetch: Any, jp_serverapp: Any, jp_http_port: int
) -> None:
    """Each method of each route and socket: without a token, with that of another server, and for a foreign page.

    What a page may read across sites is what any site may link to: pages and their files, which hold nothing of a user.
    """
    kernel.run()
    host = f"localhost:{jp_http_port}"
    cookie = await sign_in(jp_fetch, jp_serverapp, host)
    other = "0" * len(jp_serverapp.identity_provider.token)
    foreign = {"Host": host, "Cookie": cookie, "Origin": "http://evil.example", "Authorization": ""}
    tried = 0
    for pattern, handler, _ in extension.handlers:
        socket = issubclass(handler, WebSocketHandler)
        upgrade = UPGRADE if socket else {}
        address = address_of(pattern, kernel)
        for method in [method for pattern_, method in implemented(extension) if pattern_ == pattern]:
            cases = [{"Authorization": ""}, {"Authorization": f"token {other}"}]
            if (
                socket
                or issubclass(handler, APIHandler)
                or (method not in {"GET", "HEAD"} and "paraview" not in address)
            ):
                cases.append(foreign)
            for headers in cases:
                response = await ask(jp_fetch, address, kernel, method, headers={**upgrade, **headers})
                assert response.code in {302, 403, 404}, (method, address, headers, response.code)
                assert response.code != 302 or "/login" in response.headers["Location"], address
                assert response.code != 404 or headers is foreign, address
                tried += 1
    assert tried > 2 * len(RIGHTS)
    assert set(jp_serverapp.kernel_manager.list_kernel_ids()) == {kernel.id}
    assert kernel.joins == []


async def test_no_request_puts_the_token_into_the_log(
    kernel: KernelProcess,
    http_server_client: Any,
    jp_base_url: str,
    jp_serverapp: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """JupyterLab opens websockets with the token in their address; a server that ended is asked for again and again."""
    kernel.run()
    token = jp_serverapp.identity_provider.token
    below = ("ws", "", "file.js", "%ff", "pkg/%ff")
    paths = [f"{kernel.id}/{slug}/{name}" for slug in ("gone", "%ff") for name in below]
    with caplog.at_level(logging.INFO):
        for path in (*paths, "static/%ff.js", "static/%00.js", "api/v1/apps/%ff"):
            await http_server_client.fetch(
                f"{jp_base_url}trame/{path}?token={token}",
                headers=UPGRADE if path.endswith("/ws") else {},
                raise_error=False,
                follow_redirects=False,
            )
    assert "no server gone runs" in caplog.text
    assert token
    assert token not in caplog.text


@pytest.mark.parametrize("kernel_id", ["x", "..", "0f0e0d0c-0b0a-4908-8706-05040302010", "api"])
async def test_what_is_no_kernel_id_is_no_address(jp_fetch: Any, extension: Any, kernel_id: str) -> None:
    response = await jp_fetch("trame", kernel_id, "demo", "ws", raise_error=False)
    assert response.code == 404
