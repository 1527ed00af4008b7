"""The trio client against a real app on a port."""

import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.lowlevel

from jupyter_trame import Translator
from jupyter_trame.client import ConnectionStatus
from jupyter_trame.errors import AuthenticationError, RemoteError, SerializationError
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.trio import Client, running
from tests.trio.apps import connected, running_app, until
from tests.trio.support import certificate, on_trio


@on_trio
async def test_the_state_is_there_and_follows_both_ways() -> None:
    async with running_app() as app:
        client = Client(app.address)
        seen: list[int] = []
        client.change("count")(lambda count, **_: seen.append(count))
        assert client.connected is ConnectionStatus.DISCONNECTED
        async with client:
            assert client.connected
            assert client.name == "app"
            assert (client.state.count, seen) == (1, [1])
            await app.set(count=2)
            await until(lambda: client.state.count == 2)
            with client.state:
                client.state.count = 3
            while await app.value("count") != 3:
                pass
            assert seen == [1, 2, 3]
        assert client.connected is ConnectionStatus.DISCONNECTED
        await until(lambda: not runtime_of(app.server).primary.clients)


@on_trio
async def test_what_a_listener_of_the_server_corrects_comes_back() -> None:
    async with connected() as (_, client):
        with client.state:
            client.state.level = 50
        await until(lambda: client.state.level == 10)


@on_trio
async def test_triggers() -> None:
    async with connected() as (app, client):
        assert await client.call_trigger("add", [2], {"b": 3}) == 5
        assert client.state.count == 5
        assert await client.call_trigger("slow") == "slow"
        with pytest.raises(RemoteError, match="that is bad"):
            await client.call_trigger("bad")
        with pytest.raises(RemoteError):
            await client.call_trigger("missing")
        with pytest.raises(SerializationError):
            await client.call_trigger("add", [object()])
        assert app.threads != [threading.get_ident()]


@on_trio
async def test_a_call_can_be_cancelled() -> None:
    async with connected() as (_, client):
        with trio.move_on_after(0.05) as scope:
            await client.call_trigger("never")
        assert scope.cancelled_caught
        assert await client.call_trigger("slow") == "slow"


@on_trio
async def test_async_listeners_are_trio_s() -> None:
    async with connected() as (app, client):
        got: list[int] = []

        @client.change("count")
        async def listen(count: int, **_: Any) -> None:
            await trio.lowlevel.checkpoint()
            got.append(count)

        await app.set(count=7)
        await until(lambda: got == [7])


@on_trio
async def test_errors_of_listeners_are_kept() -> None:
    async with connected() as (app, client):

        @client.change("count")
        def fail(**_: Any) -> None:
            raise KeyError("mine")

        await app.set(count=7)
        await until(lambda: client.errors)
        assert "KeyError: 'mine'" in client.errors[0].message
        await app.set(count=8)
        await until(lambda: client.state.count == 8)


@on_trio
async def test_writes_of_another_thread() -> None:
    async with connected() as (app, client):

        def write() -> None:
            with client.state:
                client.state.count = 42

        await trio.to_thread.run_sync(write)
        while await app.value("count") != 42:
            pass


@on_trio
async def test_publications() -> None:
    async with connected() as (app, client):
        got: list[Any] = []
        end = client.subscribe("news", got.append)
        publish = partial(app.server.protocol.publish, "news")
        await app.run.call(publish, {"x": 1})
        await until(lambda: got == [{"x": 1}])
        end()
        end()


@on_trio
async def test_names_of_a_child_and_keys_that_were_set_before() -> None:
    async with running_app() as app:
        translator = Translator()
        translator.add_translation("number", "count")
        client = Client(app.address, translator=translator)
        client.state.extra = "mine"
        async with client:
            assert client.state.number == 1
            while await app.value("extra") != "mine":
                pass


@on_trio
async def test_a_large_value() -> None:
    async with connected() as (app, client):
        picture = bytes(range(256)) * 40_000
        await app.set(picture=picture)
        await until(lambda: client.state.picture == picture)
        with client.state:
            client.state.picture = picture[::-1]
        while await app.value("picture") != picture[::-1]:
            pass


@on_trio
async def test_a_lost_connection_is_made_again() -> None:
    async with running_app() as app, trio.open_nursery() as nursery:
        client = Client(app.address)
        client._pace = 0.01
        nursery.start_soon(partial(client.connect, reconnect=True))
        await client.until_connected()
        session = client._exchange.session.client_id
        connection: Any = client._exchange.connection
        await trio.aclose_forcefully(connection._websocket._connection.stream)
        await until(lambda: client.connected is ConnectionStatus.CONNECTING)
        with pytest.raises(ConnectionError, match="status: CONNECTING"):
            await client.call_trigger("slow")
        with client.state:
            client.state.offline = "kept"
        await app.set(count=99)
        await client.until_connected()
        await until(lambda: client.state.count == 99)
        while await app.value("offline") != "kept":
            pass
        assert client._exchange.session.client_id == session
        await client.disconnect()
        assert client.connected is ConnectionStatus.DISCONNECTED


@pytest.mark.parametrize("ends", ["cancel", "disconnect"])
@on_trio
async def test_who_leaves_ends_the_session_at_once(ends: str) -> None:
    async with running_app() as app, trio.open_nursery() as nursery:
        client = Client(app.address)
        nursery.start_soon(partial(client.connect, reconnect=True))
        await client.until_connected()
        if ends == "cancel":
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                await until(lambda: not runtime_of(app.server).primary.clients)
        else:
            await client.disconnect()
            await until(lambda: not runtime_of(app.server).primary.clients)


@on_trio
async def test_the_server_stops() -> None:
    async with running_app() as app:
        client = Client(app.address)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(client.connect)
            await client.until_connected()
            await app.run.call(app.server.stop)
        assert client.connected is ConnectionStatus.DISCONNECTED
        with pytest.raises(ConnectionError, match="not connected"):
            await client.call_trigger("slow")


@on_trio
async def test_a_wrong_secret() -> None:
    async with running_app() as app:
        with pytest.raises(AuthenticationError) as caught:
            await Client(app.address).connect(secret="wrong")
        assert caught.value.args[0]["code"] == -32000
        with pytest.raises(AuthenticationError):
            async with Client(app.address, config={"secret": "wrong"}):
                pytest.fail("it is refused")


@on_trio
async def test_nobody_there() -> None:
    with pytest.raises(ConnectionError, match=r"no trame server answers at ws://127\.0\.0\.1:1/ws: "):
        await Client("ws://127.0.0.1:1/ws?token=private").connect(reconnect=True)
    with pytest.raises(ConnectionError):
        async with Client("ws://127.0.0.1:1/ws"):
            pytest.fail("nobody is there")
    with pytest.raises(TypeError, match="needs the address"):
        await Client().connect()
    with pytest.raises(ValueError, match="found by an address like"):
        async with Client("ftp://here/?secret=private"):
            pytest.fail("that is no address")
    await Client("ws://127.0.0.1:1/ws").disconnect()


@on_trio
async def test_a_client_has_one_block_at_a_time() -> None:
    async with running_app() as app:
        client = Client(app.address)
        for number in (1, 2):
            async with client:
                with pytest.raises(RuntimeError, match="is in a block already"):
                    async with client:
                        pytest.fail("it has one")
                assert await client.call_trigger("add", [number]) == number


@on_trio
async def test_leaving_while_it_still_connects() -> None:
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener, trio.open_nursery() as nursery:
        client = Client(f"ws://127.0.0.1:{listener.socket.getsockname()[1]}/ws")
        nursery.start_soon(client.connect)
        await until(lambda: client.connected is ConnectionStatus.CONNECTING)
        await client.connect()
        await client.disconnect()
        assert client.connected is ConnectionStatus.DISCONNECTED


@on_trio
async def test_over_tls(tmp_path: Path) -> None:
    _, trusting = certificate(tmp_path)
    files = tmp_path / "certificate.pem"
    server = Server("app")
    server.state.x = 1
    async with running(server, host="localhost", args=["--ssl", f"{files},{files}"]) as address:
        assert address.startswith("https://")
        async with Client(address, ssl=trusting) as client:
            assert client.state.x == 1
        with pytest.raises(ConnectionError, match="certificate"):
            async with Client(address):
                pytest.fail("nobody knows this certificate")


@on_trio
async def test_over_a_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")

    async def pass_on(source: trio.SocketStream, target: trio.SocketStream) -> None:
        async for part in source:
            await target.send_all(part)
        await target.send_eof()

    async def forward(near: trio.SocketStream, port: int) -> None:
        async with near, await trio.open_tcp_stream("127.0.0.1", port) as far, trio.open_nursery() as nursery:
            nursery.start_soon(pass_on, near, far)
            nursery.start_soon(pass_on, far, near)

    async with running_app() as app, trio.open_nursery() as nursery:
        sock = trio.socket.socket(trio.socket.AF_UNIX)
        await sock.bind(path)
        sock.listen()
        handle = partial(forward, port=app.server.port)
        nursery.start_soon(trio.serve_listeners, handle, [trio.SocketListener(sock)])
        async with Client(app.address, path=path) as client:
            assert await client.call_trigger("add", [4]) == 4
        nursery.cancel_scope.cancel()


@on_trio
async def test_no_asyncio_loop_turns_for_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as app:

        def fail(*_: Any) -> Any:
            pytest.fail("a loop was made on the client's thread")

        monkeypatch.setattr("asyncio.new_event_loop", fail)
        async with Client(app.address) as client:
            assert await client.call_trigger("add", [4]) == 4
