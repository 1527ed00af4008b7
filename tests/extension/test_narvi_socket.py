"""The socket of a page of a service: what crosses it, and who gets one."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.narvi_services import NarviServices
from tests.extension.narvi_support import app, greeting, kernels, refused, register, said, service
from tests.extension.support import until
from tests.extension.test_websocket import login_cookie


async def test_row_3_greeting_order_and_large_messages(
    narvi: NarviServices, connect_page: Any, tmp_path: Path
) -> None:
    register(narvi, ("service", service(app_parameters={"a": 1})), ("app", app(tmp_path)))
    ws = await connect_page(params={"q": "1"})
    hello = await greeting(ws)
    assert hello["app_parameters"] == {"colour": "blue"}
    facts = json.loads(await ws.read_message())
    assert facts["app"] == "app"
    assert facts["query"] == {"q": "1"}
    assert facts["parameters"] == {"a": 1}
    assert not {"Cookie", "Authorization"} & set(facts["headers"])
    await ws.write_message("")
    assert await said(ws, "é") == "é"
    large = os.urandom(1 << 20)
    assert await said(ws, large) == large
    for number in range(1000):
        await ws.write_message(str(number))
    assert [await ws.read_message() for _ in range(1000)] == [str(number) for number in range(1000)]


async def test_row_4_who_gets_what_is_sent(narvi: NarviServices, connect_page: Any, tmp_path: Path) -> None:
    register(narvi, ("service", service()), ("app", app(tmp_path)))
    pages = [await connect_page() for _ in range(3)]
    for ws in pages:
        await greeting(ws)
        await ws.read_message()
    await pages[0].write_message("others:1")
    await pages[0].write_message("all:2")
    assert await pages[0].read_message() == "all:2"
    for ws in pages[1:]:
        assert [await ws.read_message() for _ in range(2)] == ["others:1", "all:2"]


async def test_row_15_strangers_and_foreign_pages(
    narvi: NarviServices,
    connect_page: Any,
    jp_fetch: Any,
    jp_http_port: int,
    jp_serverapp: Any,
    tmp_path: Path,
) -> None:
    register(narvi, ("service", service(cls="Web")), ("app", app(tmp_path)))
    nobody = {"Authorization": ""}
    assert await refused(connect_page(headers=nobody)) == 403
    for path in (("narvi", "w", "app", "x", "index.html"), ("narvi-admin",)):
        answer = await jp_fetch("trame", *path, headers=nobody, follow_redirects=False, raise_error=False)
        assert answer.code in {302, 403}
    cookie = await login_cookie(jp_fetch, jp_serverapp, jp_http_port)
    logged_in = {"Authorization": "", "Cookie": cookie, "Host": f"localhost:{jp_http_port}"}
    assert await refused(connect_page(headers={**logged_in, "Origin": "https://evil.example"})) == 403
    post = jp_fetch(
        *("trame", "narvi", "w", "app", "x", "items", "a", "b"), method="POST", body="x", headers=logged_in
    )
    assert await refused(post) == 403, "it has no XSRF token"
    assert await kernels(jp_fetch) == []


async def leave_during(narvi: NarviServices, jp_http_port: int, path: str) -> None:
    """Ask for a websocket, and hang up while the kernel starts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    lines = [
        *(
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{jp_http_port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
        ),
        *("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", "", ""),
    ]
    writer.write("\r\n".join(lines).encode())
    await until(lambda: len(narvi._kernels) == 1)
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""


@pytest.mark.parametrize("app_name", ["own", "tower"])
async def test_a_page_that_leaves_while_its_service_starts_is_no_session(
    narvi: NarviServices,
    jp_fetch: Any,
    jp_http_port: int,
    jp_base_url: str,
    jp_auth_header: Any,
    tmp_path: Path,
    app_name: str,
) -> None:
    register(
        narvi,
        ("service", service("own", is_shared_service=False)),
        (
            "service",
            service("tower", is_shared_service=False, settings={"app": "narvi_test_services:trame_app"}),
        ),
        ("app", app(tmp_path, "own", "own")),
        ("app", app(tmp_path, "tower", "tower")),
    )
    end = "connect" if app_name == "own" else "ws"
    token = jp_auth_header["Authorization"].split()[1]
    await leave_during(narvi, jp_http_port, f"{jp_base_url}trame/narvi/w/{app_name}/x/{end}?token={token}")
    await until(lambda: not len(narvi._kernels) and not narvi._kernels._ending)
    assert narvi.sessions == 0
    assert await kernels(jp_fetch) == []


class TestLimit:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"max_message_size": 100_000}

    async def test_a_message_above_the_limit_ends_its_session_alone(
        self, narvi: NarviServices, connect_page: Any, tmp_path: Path
    ) -> None:
        register(narvi, ("service", service()), ("app", app(tmp_path)))
        pages = [await connect_page() for _ in range(2)]
        for ws in pages:
            await greeting(ws)
            await ws.read_message()
        assert len(await said(pages[0], bytes(100_000))) == 100_000
        assert await said(pages[0], bytes(100_001)) is None
        assert pages[0].close_code == 1009
        assert await said(pages[1], "still here") == "still here"
        assert json.loads(await said(pages[1], "closed")) != []
