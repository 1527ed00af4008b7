"""What programs reach inside the modules of trame: the session of a client, the log of the process, hot reload."""

import asyncio
import io
import logging
import socket
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


@asynccontextmanager
async def session_of(peer: Peer, server: Any) -> AsyncIterator[Any]:
    """A session that said hello over a websocket of aiohttp."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://127.0.0.1:{server.port}/ws") as websocket,
    ):
        session = peer.module("client").WsLinkSession(websocket)
        listening = asyncio.ensure_future(session.listen())
        try:
            await (await session.auth(secret="wslink-secret"))
            yield session
        finally:
            await session.close()
            await listening


# -- sessions


@fact("api 9", "`WsLinkSession(websocket)` with `listen()` beside it: `auth(secret=)`, `call`, subscriptions")
@both
@pytest.mark.asyncio
async def test_a_session_over_a_websocket(peer: Peer) -> None:
    pushed = asyncio.Queue[Any]()
    async with live(OURS) as (server, _), session_of(peer, server) as session:
        assert session.client_id
        session.register_subscription("trame.state.topic", pushed.put_nowait)
        state = await (await session.call("trame.state.get", []))
        assert state["name"] == server.name
        server.state.new = "x" * 5000
        server.state.flush()
        assert await asyncio.wait_for(pushed.get(), 20) == {"new": "x" * 5000}
        with pytest.raises(Exception, match="Unregistered method called"):
            await (await session.call("no.such", [1]))
        assert session.in_flight_rpc == {}


@fact(
    "api 9",
    "what cannot be packed is a TypeError, of `auth`, `call` and `call_trigger`; nothing waits for it",
)
@both
@pytest.mark.asyncio
async def test_what_cannot_be_packed(peer: Peer) -> None:
    session = peer.module("client").WsLinkSession(None)
    for failing in (session.auth(secret=object()), session.call("a", [object()])):
        with pytest.raises(TypeError, match="can not serialize"):
            await failing
    assert session.in_flight_rpc == {}


@fact("api 9", "`on_msg_complete` takes one message: publications, answers, errors that nobody waits for")
@both
@pytest.mark.asyncio
async def test_messages_of_a_session(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    kind = peer.module("client").WsLinkSession
    session = kind(None)
    heard: list[Any] = []

    def broken(data: Any) -> None:
        raise ValueError(data)

    session.register_subscription("a.topic", broken)
    session.register_subscription("a.topic", heard.append)
    await session.on_msg_complete({"id": "publish:a.topic:0", "result": 1})
    await session.on_msg_complete({"id": "rpc:c:9", "error": "oops"})
    await session.on_msg_complete({"result": None})
    assert heard == [1]
    assert ("ERROR", "Subscription callback error (a.topic)") in logged(caplog)
    assert ("ERROR", "Server error: oops") in logged(caplog)
    await session.on_msg_complete({"id": kind.AUTH_ID, "result": {"clientID": "me", "maxMsgSize": 100}})
    assert session.client_id == "me"
    for answer in ({"result": 1}, {"error": "oops"}):
        future = session.in_flight_rpc["rpc:me:1"] = session.loop.create_future()
        future.cancel()
        await session.on_msg_complete({"id": "rpc:me:1", **answer})
        assert session.in_flight_rpc == {}
    session.unregister_subscription("a.topic", broken)
    assert session.subscriptions == {"a.topic": [heard.append]}
    session.unregister_subscription("a.topic", heard.append)
    session.unregister_subscription("a.topic", heard.append)
    assert "a.topic" not in session.subscriptions


@fact("api 9", "`listen` logs text frames, errors and the end of the websocket under `trame_server.client`")
@both
@pytest.mark.asyncio
async def test_listening_logs(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    kinds = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSED)

    class Websocket:
        async def __aiter__(self) -> AsyncIterator[Any]:
            for kind in kinds:
                yield SimpleNamespace(type=kind, data="words")

        def exception(self) -> Exception:
            return RuntimeError("reset")

    with caplog.at_level(logging.DEBUG, "trame_server.client"):
        await peer.module("client").WsLinkSession(Websocket()).listen()
    assert ("CRITICAL", "wslink is not expecting text message:\n> words") in logged(caplog)
    assert ("ERROR", "WebSocket error: reset") in logged(caplog)
    assert ("DEBUG", "WebSocket CLOSED") in logged(caplog)


@fact(
    "api 9", "`connect` raises `aiohttp.ClientConnectionError` where nobody answers, and can be called again"
)
@both
@pytest.mark.asyncio
async def test_nobody_answers(peer: Peer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        client = peer.module("").Client(f"ws://127.0.0.1:{closed.getsockname()[1]}/ws")
        for _ in range(2):
            with pytest.raises(aiohttp.ClientConnectionError):
                await client.connect()
            assert client.connected == 0


@fact("wire 8", "with trame's manners the log has trame's words for errors of pages and for missing triggers")
@pytest.mark.asyncio
async def test_words_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with live(OURS) as (server, _), session_of(OURS, server) as session:
        assert await (await session.call("trame.trigger", ["gone", [], {}])) is None
        await (await session.call("trame.error.client", ["boom"]))
    assert ("WARNING", "Trigger gone seems to be missing") in logged(caplog)
    assert ("ERROR", "JS Error => boom") in logged(caplog)


# -- functions of the process


@fact(
    "api 10",
    "10.7 functions of `utils.logger` write to the file of `initialize_logger({'log_network': path})`",
)
@both
def test_the_log_of_the_process(peer: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger, path = peer.module("utils.logger"), tmp_path / "network.log"
    path.write_text("of yesterday")
    logger.initialize_logger({"log_network": str(path)})
    try:
        assert not path.exists()
        logger.initial_state({"a": 1})
        logger.state_c2s([{"key": "b", "value": 2}])
        logger.state_s2c({"c": b"binary"})
        logger.action_c2s({"name": "click"})
        logger.action_s2c([{"type": "method"}])
        logger.error("it broke")
        with pytest.raises(TypeError):
            logger.state_c2s({"d": object()})
    finally:
        logger.initialize_logger({})
    logger.state_c2s({"e": "nowhere"})
    text = path.read_text()
    kinds = logger.StateExchangeType
    for title in (
        kinds.STATE_INITIAL,
        kinds.STATE_CLIENT_TO_SERVER,
        kinds.STATE_SERVER_TO_CLIENT,
        kinds.ACTION_CLIENT_TO_SERVER,
        kinds.ACTION_SERVER_TO_CLIENT,
        "\"<class 'bytes'>\"",
        "ERROR: it broke\n",
    ):
        assert title in text
    assert "nowhere" not in text
    assert "Error: it broke\n" in capsys.readouterr().out


@fact("api 10", "10.5 both take any object that has `port`, `cli` and the host in its `server_options`")
@both
@pytest.mark.asyncio
async def test_addresses_of_other_objects(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = asyncio.Queue[str]()
    cli = peer.module("utils.argument_parser").ArgumentParser()
    cli.add_argument("--host", default="of-nobody")
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.setattr("webbrowser.open", opened.put_nowait)
    monkeypatch.setattr(socket, "gethostname", lambda: "mine")
    monkeypatch.setattr(socket, "gethostbyname", lambda name: known(name))

    def known(name: str) -> str:
        if name != "mine":
            raise OSError(name)
        return "192.0.2.7"

    other = SimpleNamespace(cli=cli, port=1234, server_options=Namespace(host="of-nobody"))
    peer.module("utils.server").print_informations(other)
    printed = capsys.readouterr().out
    assert " - Local:   http://of-nobody:1234/" in printed
    assert " - Network: http://192.0.2.7:1234/" in printed
    peer.module("utils.browser").open_browser(other)
    assert "--server" in capsys.readouterr().out
    assert await asyncio.wait_for(opened.get(), 20) == "http://of-nobody:1234/"


@fact(
    "api 12", "`CoreServer.configure(options)` takes `authKeyFile`, else `authKey`, as `authentication_token`"
)
@both
def test_the_secret_of_the_process(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, path = peer.module("protocol").CoreServer, tmp_path / "key"
    before = kind.authentication_token
    assert before == "wslink-secret"
    path.write_text("from the file\n")
    try:
        kind.configure(Namespace(authKeyFile=None, authKey="given"))
        assert kind.authentication_token == "given"
        kind.configure(Namespace(authKeyFile=str(path), authKey="given"))
        assert kind.authentication_token == "from the file"
    finally:
        kind.authentication_token = before


# -- hot reload


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@fact("api 10", "10.2 a program may put a `_handle_exception(fn)` of its own into `utils.hot_reload`")
@both
def test_who_is_asked_can_be_replaced(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, path = peer.module("utils.hot_reload"), tmp_path / f"asked_{peer.name}.py"
    path.write_text("def plain():\n    return 'old'\n")
    monkeypatch.syspath_prepend(tmp_path)
    plain = __import__(path.stem).plain
    path.write_text("def plain(:\n")

    def repair(fn: Any) -> bool:
        assert fn.__name__ == "plain"
        path.write_text("def plain():\n    return 'repaired'\n")
        return True

    monkeypatch.setattr(module, "_handle_exception", repair)
    assert module.reload(plain)() == "repaired"


@fact("api 10", "10.2 it prints the traceback, waits for Enter in a terminal, and gives up without one")
@both
@pytest.mark.parametrize(
    ("stdin", "again", "said"),
    [
        (Terminal("\n"), True, "press return to continue"),
        (Terminal(""), False, "press return to continue"),
        (io.StringIO("\n"), False, "keeping previous version"),
        (None, False, "keeping previous version"),
    ],
)
def test_what_is_asked(
    peer: Peer,
    stdin: Any,
    again: bool,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "stdin", stdin and type(stdin)(stdin.getvalue()))
    try:
        raise ValueError("as expected")
    except ValueError:
        assert peer.module("utils.hot_reload")._handle_exception(test_what_is_asked) is again
    out, err = capsys.readouterr()
    assert "ValueError: as expected" in err
    assert said in out
