import json
import os
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_trame.extension.websocket import TrameSocket
from jupyter_trame.protocol.client_events import Ready, Replied
from tests.extension.support import Browser, KernelProcess, until


async def refused(opening: Any) -> int:
    """The HTTP status with which a websocket is refused."""
    with pytest.raises(HTTPClientError) as error:
        await opening
    return error.value.code


async def test_state_reaches_the_client_and_comes_back(kernel: KernelProcess, browse: Any) -> None:
    primary = kernel.run(x=1)
    one, two = await browse(), await browse()
    await until(lambda: one.state == two.state == {"x": 1})
    one.write(x=2)
    await until(lambda: two.state == {"x": 2} and not one.session.pending)
    primary.commit({"x": 3})
    await until(lambda: one.state == two.state == {"x": 3})


async def test_call_is_answered(kernel: KernelProcess, browse: Any) -> None:
    kernel.run()
    browser = await browse()
    await until(lambda: any(isinstance(event, Ready) for event in browser.events))
    request = browser.call("my.method", 1, "two")
    await until(lambda: Replied(request, ["my.method", [1, "two"]], None) in browser.events)


async def test_unknown_server_is_refused_before_the_upgrade(
    kernel: KernelProcess, browse: Any, relays: Any
) -> None:
    kernel.run()
    assert await refused(browse("other")) == 404
    assert len(relays) == 0, "nothing is kept for a server that is not there"


async def test_unknown_kernel_is_refused(jp_ws_fetch: Any, kernel: KernelProcess) -> None:
    kernel.run()
    unknown = "00000000-0000-0000-0000-000000000000"
    assert await refused(jp_ws_fetch("trame", unknown, "demo", "ws")) == 404


async def test_stale_record_is_refused(kernel: KernelProcess, browse: Any) -> None:
    kernel.run()
    kernel.kill()
    assert await refused(browse()) == 404


async def test_no_token_is_refused(kernel: KernelProcess, browse: Any) -> None:
    kernel.run()
    assert await refused(browse(headers={"Authorization": ""})) == 403


async def test_wrong_token_is_refused(kernel: KernelProcess, browse: Any) -> None:
    kernel.run()
    assert await refused(browse(headers={"Authorization": "token wrong"})) == 403
    assert await refused(browse(headers={"Authorization": ""}, params={"token": "wrong"})) == 403


async def test_no_token_learns_nothing_of_what_runs(kernel: KernelProcess, browse: Any) -> None:
    kernel.run()
    assert await refused(browse("other", headers={"Authorization": ""})) == 403


async def login_cookie(jp_fetch: Any, jp_serverapp: Any, port: int) -> str:
    """The cookie of a browser that logged in; its name is the host's."""
    response = await jp_fetch(
        "tree",
        headers={"Authorization": "", "Host": f"localhost:{port}"},
        params={"token": jp_serverapp.identity_provider.token},
        raise_error=False,
    )
    cookies = response.headers.get_list("Set-Cookie")
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "file://",
        "",
        "http://localhost:1",
        "http://127.0.0.1:{port}",
        "http://sub.localhost:{port}",
        "http://localhost:{port}.evil.example",
        "http://localhost:{port}@evil.example",
        "http://evil.example#localhost:{port}",
    ],
)
async def test_foreign_origin_is_refused(
    kernel: KernelProcess, browse: Any, jp_fetch: Any, jp_serverapp: Any, jp_http_port: int, origin: str
) -> None:
    kernel.run()
    cookie = await login_cookie(jp_fetch, jp_serverapp, jp_http_port)
    host = f"localhost:{jp_http_port}"
    headers = {
        "Authorization": "",
        "Cookie": cookie,
        "Host": host,
        "Origin": origin.format(port=jp_http_port),
    }
    assert await refused(browse(headers=headers)) == 403
    assert await refused(browse("other", headers=headers)) == 403, "nor does it learn what runs"


async def test_cookie_and_own_origin_are_enough(
    kernel: KernelProcess, browse: Any, jp_fetch: Any, jp_serverapp: Any, jp_http_port: int
) -> None:
    kernel.run(x=1)
    cookie = await login_cookie(jp_fetch, jp_serverapp, jp_http_port)
    origin = f"http://localhost:{jp_http_port}"
    browser = await browse(headers={"Authorization": "", "Cookie": cookie, "Origin": origin})
    await until(lambda: browser.state == {"x": 1})


async def test_who_may_not_execute_is_refused(
    kernel: KernelProcess, browse: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.run()
    asked = []

    def deny(handler: Any, user: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return False

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", deny)
    assert await refused(browse()) == 403
    assert asked == [("execute", "kernels")]


async def test_who_may_execute_only_can_ask_whether_to_offer_an_interrupt(
    kernel: KernelProcess, browse: Any, jp_fetch: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pages rely on (``js/src/view/shell/kernel.ts``): jupyter-server's own answer is also what it does."""
    kernel.run(x=1)
    interrupted: list[str] = []

    async def interrupt(kernel_id: str) -> None:
        interrupted.append(kernel_id)

    def decide(handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) in allowed

    async def ask() -> Any:
        answer = await jp_fetch("api", "me", params={"permissions": '{"kernels":["write"]}'})
        return json.loads(answer.body)["permissions"]["kernels"]

    async def post() -> int:
        path = ("api", "kernels", kernel.id, "interrupt")
        return int((await jp_fetch(*path, method="POST", body="", raise_error=False)).code)

    allowed = {("execute", "kernels")}
    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", decide)
    monkeypatch.setattr(jp_serverapp.kernel_manager, "interrupt_kernel", interrupt)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    assert (await ask(), await post(), interrupted) == ([], 403, [])
    allowed.add(("write", "kernels"))
    assert (await ask(), await post(), interrupted) == (["write"], 204, [kernel.id])


async def test_plain_request_is_no_upgrade(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    response = await jp_fetch("trame", kernel.id, "demo", "ws", raise_error=False)
    assert response.code == 400


async def test_nodelay_is_set(kernel: KernelProcess, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel.run(x=1)
    opened: list[TrameSocket] = []
    original = TrameSocket.open

    def note(self: TrameSocket, *args: Any, **kwargs: Any) -> None:
        opened.append(self)
        original(self, *args, **kwargs)

    monkeypatch.setattr(TrameSocket, "open", note)
    browser = await browse()
    await until(lambda: browser.state)
    assert opened[0].ws_connection is not None
    sock = opened[0].ws_connection.stream.socket
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_compression_is_off(kernel: KernelProcess, browse: Any) -> None:
    kernel.run()
    browser = await browse(compression_options={})
    assert "Sec-Websocket-Extensions" not in browser.ws.headers


async def test_malformed_frame_closes_that_connection_only(
    kernel: KernelProcess, browse: Any, caplog: pytest.LogCaptureFixture
) -> None:
    primary = kernel.run(x=1)
    good, bad = await browse(), await browse()
    await until(lambda: good.state and bad.state)
    bad.send(b"short")
    await until(lambda: bad.closed)
    assert bad.close[0] == 1002
    assert "header" in str(bad.close[1])
    assert any("1002" in record.getMessage() for record in caplog.records)
    primary.commit({"x": 2})
    await until(lambda: good.state == {"x": 2})


async def test_text_is_ignored(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    browser = await browse()
    browser.ws.write_message("hello")
    await until(lambda: browser.state == {"x": 1})


class TestSizes:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"max_frame_size": 10_000, "max_message_size": 50_000}

    async def test_large_frame_is_refused_with_the_limit(self, kernel: KernelProcess, browse: Any) -> None:
        kernel.run(x=1)
        good, bad = await browse(), await browse()
        await until(lambda: good.state and bad.state)
        bad.send(os.urandom(5_000_000))
        await until(lambda: bad.closed)
        assert bad.close == (1009, "a frame of 5000000 bytes is over the limit of 14096 bytes")
        good.write(x=2)
        await until(lambda: not good.session.pending)

    async def test_large_message_is_refused_with_the_limit(self, kernel: KernelProcess, browse: Any) -> None:
        kernel.run(x=1)
        browser = await browse()
        await until(lambda: browser.state)
        browser.write(x="a" * 60_000)
        await until(lambda: browser.closed)
        assert browser.close[0] == 1009
        assert "50000" in str(browser.close[1])

    async def test_message_of_many_frames_arrives(self, kernel: KernelProcess, browse: Any) -> None:
        kernel.run(x=1)
        one, two = await browse(), await browse()
        await until(lambda: one.state and two.state)
        one.write(x="a" * 45_000)
        await until(lambda: two.state["x"] == "a" * 45_000)


class TestPings:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"ping_interval": 0.02}

    async def test_client_is_pinged(
        self, kernel: KernelProcess, browse: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pongs: list[bytes] = []
        original = TrameSocket.on_pong
        monkeypatch.setattr(
            TrameSocket, "on_pong", lambda self, data: (pongs.append(data), original(self, data))[1]
        )
        kernel.run()
        await browse()
        await until(lambda: len(pongs) > 2)


async def test_resume_is_bound_to_the_user(
    kernel: KernelProcess, browse: Any, jp_fetch: Any, jp_serverapp: Any, jp_http_port: int
) -> None:
    """The secret that a session is resumed with is of no use to another user."""
    kernel.run(x=1)
    cookies = [await login_cookie(jp_fetch, jp_serverapp, jp_http_port) for _ in range(2)]

    async def come(index: int, session: Any = None) -> Browser:
        browser: Browser = await browse(
            session=session, headers={"Authorization": "", "Cookie": cookies[index]}
        )
        await until(lambda: any(isinstance(event, Ready) for event in browser.events))
        return browser

    def resumed(browser: Browser) -> bool:
        return [event.resumed for event in browser.events if isinstance(event, Ready)][-1]

    first = await come(0)
    await first.leave(4000)
    second = await come(0, first.session)
    assert resumed(second)
    await second.leave(4000)
    stolen = await come(1, second.session)
    assert not resumed(stolen)


async def test_holder_of_the_token_resumes(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    first = await browse()
    await until(lambda: first.state)
    await first.leave(4000)
    second = await browse(session=first.session)
    await until(lambda: any(isinstance(event, Ready) and event.resumed for event in second.events))


async def test_views_count_as_connections_of_the_kernel(kernel: KernelProcess, browse: Any) -> None:
    """jupyter-server's culler leaves kernels with connections alone."""
    kernel.run()
    browser = await browse()
    await until(lambda: kernel.connections == 1)
    await browser.leave()
    await until(lambda: kernel.connections == 0)


@pytest.mark.parametrize(
    ("shared", "given", "by_token", "expected"),
    [
        ("t", "t", True, "token"),
        ("t", "", False, "user ann"),
        ("t", "of-ann", True, "user ann"),
        ("", "of-ann", True, "user ann"),
    ],
    ids=["the server's token", "a login", "a token of a hub", "no token of the server"],
)
def test_whose_sessions_a_client_may_resume(shared: str, given: str, by_token: bool, expected: str) -> None:
    provider = SimpleNamespace(token=shared, get_token=lambda _: given)
    user = SimpleNamespace(username="ann")
    handler: Any = SimpleNamespace(
        identity_provider=provider, token_authenticated=by_token, current_user=user
    )
    assert TrameSocket._identity(handler) == expected
