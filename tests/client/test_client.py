"""The client against three servers: ours over a socket and within the process, and trame's own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self
from unittest.mock import patch

import pytest

from jupyter_trame.client import Client, ClientSession, ConnectionStatus
from jupyter_trame.core import Translator
from jupyter_trame.errors import AuthenticationError, RemoteError, SerializationError
from jupyter_trame.server import Server, life_cycle_of, runtime_of
from tests.client.support import KINDS, TIMEOUT, Place, running, until

every_server = pytest.mark.parametrize("kind", KINDS)


def app(anything: Any) -> None:
    server: Server = anything  # trame's own has the same decorators

    @server.controller.trigger("add")
    def add(a: int, b: int = 0) -> int:
        server.state.count = a + b
        return a + b

    @server.controller.trigger("slow")
    async def slow() -> str:
        await asyncio.sleep(0)
        return "slow"

    @server.controller.trigger("bad")
    def bad() -> None:
        raise ValueError("that is bad")

    @server.state.change("level")
    def clamp(level: int | None, **_: Any) -> None:
        if level is not None:
            server.state.level = min(level, 10)


@asynccontextmanager
async def connected(kind: str, **options: Any) -> AsyncIterator[tuple[Place, Client]]:
    async with running(kind, app) as place, place.client(**options) as client:
        yield place, client


def run(main: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(main(), TIMEOUT))


@every_server
def test_the_state_is_there_and_follows_both_ways(kind: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = place.client()
            seen: list[int] = []
            newest: list[int] = []
            client.change("count")(lambda count: seen.append(count))
            client.change("count", latest=True)(lambda count: newest.append(count))
            assert client.connected == ConnectionStatus.DISCONNECTED
            async with client:
                assert repr(client.connected) == "<ConnectionStatus.CONNECTED: 2>"
                assert (client.name, client.state.count, seen) == ("app", 1, [1])
                with client.state:
                    client.state.count = 2
                await until(lambda: place.server.state.count == 2)
                with place.server.state:
                    place.server.state.count = 3
                await until(lambda: client.state.count == 3)
                assert seen == [1, 2, 3]
                await until(lambda: newest[-1] == 3)
            assert not client.connected

    run(main)


@every_server
def test_what_a_listener_of_the_server_corrects_comes_back(kind: str) -> None:
    async def main() -> None:
        async with connected(kind) as (_, client):
            with client.state:
                client.state.level = 50
            await until(lambda: client.state.level == 10)
            assert not client.state.is_dirty("level")

    run(main)


@every_server
def test_nothing_is_sent_back(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[Any] = []
    original = ClientSession.write

    def write(session: ClientSession, changes: Any) -> int:
        writes.append(changes)
        return original(session, changes)

    async def main() -> None:
        monkeypatch.setattr(ClientSession, "write", write)
        async with connected(kind) as (place, client):
            for number in range(5, 8):
                with place.server.state:
                    place.server.state.count = number
                    place.server.state.items = [number]
                await until(lambda: client.state["items"] == [number])  # noqa: B023 - it is awaited here
            assert writes == []
            with client.state:
                client.state.own = 1
            assert writes == [{"own": 1}]

    run(main)


@every_server
def test_triggers(kind: str) -> None:
    async def main() -> None:
        async with connected(kind) as (_, client):
            assert await client.call_trigger("add", [1], {"b": 2}) == 3
            assert await client.call_trigger("slow") == "slow"
            await until(lambda: client.state.count == 3)
            with pytest.raises(RemoteError) as caught:
                await client.call_trigger("bad")
            assert caught.value.args[0]["code"] == -32001
            with pytest.raises(RemoteError) as caught:
                await client.call("no.such.method")
            assert caught.value.error["code"] == -32601
            with pytest.raises(SerializationError):
                await client.call_trigger("add", [object()])

    run(main)


@every_server
def test_publications(kind: str) -> None:
    async def main() -> None:
        async with connected(kind) as (place, client):
            seen: list[Any] = []

            async def later(data: Any) -> None:
                seen.append(["later", data])

            unsubscribe = client.subscribe("my.topic", seen.append)
            client.subscribe("my.topic", later)
            place.server.protocol.publish("my.topic", {"a": [1, b"x"]})
            await until(lambda: len(seen) == 2)
            assert seen == [{"a": [1, b"x"]}, ["later", {"a": [1, b"x"]}]]
            unsubscribe()
            unsubscribe()
            place.server.protocol.publish("my.topic", 2)
            await until(lambda: seen[-1] == ["later", 2])
            assert 2 not in seen

    run(main)


@every_server
def test_big_values(kind: str) -> None:
    async def main() -> None:
        async with connected(kind) as (place, client):
            up, down = bytes(9_000_000), b"x" * 9_000_001
            with client.state:
                client.state.up = up
            await until(lambda: place.server.state.up is not None)
            assert place.server.state.up == up
            with place.server.state:
                place.server.state.down = down
            await until(lambda: client.state.down is not None)
            assert client.state.down == down

    run(main)


@every_server
def test_keys_that_were_set_before_are_sent(kind: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = place.client()
            client.state.count = 7
            client.state.mine = "m"
            async with client:
                assert (client.state.count, client.state.mine) == (7, "m")
                await until(lambda: place.server.state.mine == "m")
                assert place.server.state.count == 7

    run(main)


@every_server
def test_names_of_a_child(kind: str) -> None:
    async def main() -> None:
        async with connected(kind, translator=Translator("p_")) as (place, client):
            with client.state:
                client.state.x = 1
            await until(lambda: place.server.state.p_x == 1)
            with place.server.state:
                place.server.state.p_y = 2
            await until(lambda: client.state.y == 2)
            assert client.state.count is None
            assert await client.call_trigger("add", [1, 1]) == 2, "triggers have the root's names"

    run(main)


@every_server
def test_writes_of_another_thread(kind: str) -> None:
    async def main() -> None:
        async with connected(kind) as (place, client):
            threads: list[threading.Thread] = []
            listened: list[int] = []
            client.change("last")(lambda **_: listened.append(threading.get_ident()))

            def write() -> None:
                for number in range(50):
                    with client.state:
                        client.state.last = number

            threads.append(threading.Thread(target=write))
            threads[0].start()
            await until(lambda: place.server.state["last"] == 49)
            threads[0].join()
            await until(lambda: bool(listened))
            assert set(listened) == {threading.get_ident()}

    run(main)


@every_server
def test_what_stays_here(kind: str) -> None:
    def build(server: Any) -> None:
        server.state.client_only("local")

    async def main() -> None:
        async with running(kind, build) as place, place.client() as client:
            with client.state:
                client.state.local = 1
                client.state.shared = {"name": "f", "content": b"x", "_filter": ["content"]}
            await until(lambda: place.server.state.shared is not None)
            assert place.server.state.shared == {"name": "f", "_filter": ["content"]}
            assert place.server.state.local is None
            assert client.state.local == 1

    run(main)


@every_server
def test_the_server_stops(kind: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = place.client()
            life = asyncio.create_task(client.connect())
            await client.until_connected()
            call = asyncio.create_task(client.call_trigger("slow"))
            await place.server.stop()
            await life
            assert client.connected is ConnectionStatus.DISCONNECTED
            await asyncio.wait([call])
            with pytest.raises(ConnectionError, match="status: DISCONNECTED"):
                await client.call_trigger("add", [1])
            assert client.state.count == 1, "the last values stay"

    run(main)


@every_server
def test_a_client_that_leaves_can_come_back(kind: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = place.client()
            for number in range(10, 13):
                async with client:
                    with client.state:
                        client.state.count = number
                assert client.connected is ConnectionStatus.DISCONNECTED
                await until(lambda: place.server.state.count == number)  # noqa: B023 - it is awaited here
                with place.server.state:
                    place.server.state.count = number + 100
            async with client:
                assert client.state.count == 112
            await client.disconnect()

    run(main)


@pytest.mark.parametrize("kind", ["socket", "inside"])
def test_a_large_value_is_sent_before_the_client_leaves(kind: str) -> None:
    """Its message is still read when the goodbye comes."""
    value = [{"row": number} for number in range(20_000)]

    async def main() -> None:
        async with running(kind, app) as place:
            async with place.client() as client:
                with client.state:
                    client.state.count = 7
                with client.state:
                    client.state.large = value
            await until(lambda: place.server.state.to_dict().get("large") == value)
            assert place.server.state.count == 7
            await until(lambda: not runtime_of(place.server).primary.clients)

    run(main)


def test_what_the_server_refuses_is_not_sent_again_and_again(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with running("socket", app) as place:
            client = place.client()
            life = asyncio.create_task(client.connect(reconnect=True))
            await client.until_connected()
            with client.state:
                client.state.update({f"key {number}": number for number in range(40_000)})
            await until(lambda: "refused what was sent" in caplog.text)
            await until(lambda: client.connected is ConnectionStatus.CONNECTED)
            with client.state:
                client.state.count = 7
            await until(lambda: place.server.state.count == 7)
            assert sum("refused what was sent" in record.getMessage() for record in caplog.records) == 1
            assert "40000 keys at once are more than" in caplog.text
            await client.disconnect()
            await life

    run(main)


@pytest.mark.parametrize("kind", ["socket", "stock"])
def test_a_lost_connection_is_made_again(kind: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = place.client()
            life = asyncio.create_task(client.connect(reconnect=True))
            await client.until_connected()
            connection: Any = client._exchange.connection
            connection._socket.protocol.stream.close()
            await until(lambda: client.connected is ConnectionStatus.CONNECTING)
            with pytest.raises(ConnectionError, match="status: CONNECTING"):
                await client.call_trigger("slow")
            with client.state:
                client.state.offline = "kept"
            with place.server.state:
                place.server.state.count = 99
            await client.until_connected()
            await until(lambda: client.state.count == 99)
            await until(lambda: place.server.state.offline == "kept")
            assert client.state.offline == "kept"
            await client.disconnect()
            await life

    run(main)


class SlowRoad:
    """A proxy that can stop to pass anything on, in either direction, while both sides stay connected."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stall(self) -> None:
        self._open.clear()

    def resume(self) -> None:
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass
        finally:
            target.close()


def test_a_ping_without_an_answer_is_no_goodbye() -> None:
    """The client closes that connection with 1000, and the server may read it later than the next hello."""

    async def main() -> None:
        heard: list[str] = []
        gone_on = asyncio.Event()

        def counting(server: Any) -> None:
            app(server)
            server.controller.on_client_connected.add(lambda: heard.append("in"))
            server.controller.on_client_exited.add(lambda: heard.append("out"))

            @server.controller.trigger("wait")
            async def wait() -> str:
                heard.append("call")
                await gone_on.wait()
                return "done"

        with patch("jupyter_trame.client.connections._HEART_BEAT", 0.2):
            async with running("socket", counting) as place, SlowRoad(place.server.port) as road:
                client = Client(f"http://127.0.0.1:{road.port}/?secret={place.secret}")
                life = asyncio.create_task(client.connect(reconnect=True))
                await client.until_connected()
                session = client._exchange.session.client_id
                call = asyncio.create_task(client.call_trigger("wait"))
                await until(lambda: "call" in heard)
                first = client._exchange.connection
                road.stall()
                await until(lambda: client._exchange.connection is not first)
                with client.state:
                    client.state.count = 7
                gone_on.set()
                road.resume()
                assert await call == "done"
                await until(lambda: place.server.state.count == 7)
                assert client._exchange.session.client_id == session
                await until(lambda: len(life_cycle_of(place.server).backend.site.pump) == 1)  # type: ignore[attr-defined]
                assert heard == ["in", "call"]
                await client.disconnect()
                await life
                await until(lambda: heard == ["in", "call", "out"])

    run(main)


def test_a_client_is_not_connected_while_the_server_is_gone_behind_its_connection() -> None:
    async def main() -> None:
        async with connected("inside") as (place, client):
            link = client._exchange.connection._link
            link.lost("the kernel was killed")
            await until(lambda: not client.connected)
            assert client.connected is ConnectionStatus.CONNECTING
            with pytest.raises(ConnectionError, match=r"status: CONNECTING\): the kernel was killed"):
                await client.call_trigger("slow")
            with client.state:
                client.state.count = 7
            again = asyncio.create_task(client.until_connected())
            assert place.server.state.count == 1
            link.attach(runtime_of(place.server).primary)
            await again
            assert client.connected
            await until(lambda: place.server.state.count == 7)
            assert not client.errors

    run(main)


def test_what_was_written_for_another_life_of_the_server_is_said_to_be_lost() -> None:
    async def main() -> None:
        async with connected("inside") as (_, client), running("inside", app) as next_life:
            link = client._exchange.connection._link
            link.lost("the kernel was killed")
            await until(lambda: not client.connected)
            with client.state:
                client.state.count = 7
                client.state.level = 3
            link.attach(runtime_of(next_life.server).primary)
            await until(lambda: client.connected)
            assert client.state.count == 1
            (error,) = client.errors
            assert error.message == (
                "ConnectionError: the server was started again; what was written to 'count', 'level' is lost"
            )

    run(main)


@pytest.mark.parametrize("ends", ["disconnect", "cancel"])
@pytest.mark.parametrize("kind", ["socket", "inside"])
def test_who_leaves_ends_the_session_at_once(kind: str, ends: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = place.client()
            life = asyncio.create_task(client.connect(reconnect=True))
            await client.until_connected()
            if ends == "cancel":
                life.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await life
            else:
                await client.disconnect()
                await life
            await until(lambda: not runtime_of(place.server).primary.clients)

    run(main)


@pytest.mark.parametrize("kind", ["socket", "stock"])
def test_a_wrong_secret(kind: str) -> None:
    async def main() -> None:
        async with running(kind, app) as place:
            client = Client(place.url)
            with pytest.raises(AuthenticationError) as caught:
                await client.connect(secret="wrong")
            assert caught.value.args[0]["code"] == -32000
            assert str(caught.value) == "the server refused the hello: Authentication failed (code -32000)"
            assert client.connected is ConnectionStatus.DISCONNECTED
            with pytest.raises(AuthenticationError):
                async with Client(f"ws://127.0.0.1:{place.server.port}/ws", config={"secret": "no"}):
                    pytest.fail("it is refused")
            config = {"secret": place.secret, "sessionURL": f"ws://127.0.0.1:{place.server.port}/ws"}
            async with Client(config=config) as client:
                assert client.state.count == 1

    run(main)


def test_nobody_there() -> None:
    async def main() -> None:
        with pytest.raises(ConnectionError, match=r"no trame server answers at ws://127\.0\.0\.1:1/ws: "):
            await Client("ws://127.0.0.1:1/ws?token=private").connect(reconnect=True)
        with pytest.raises(ConnectionError):
            async with Client("ws://127.0.0.1:1/ws"):
                pytest.fail("nobody is there")
        with pytest.raises(TypeError, match="needs the address"):
            await Client().connect()
        with pytest.raises(ValueError, match="found by an address like"):
            await Client("nonsense").connect()
        with pytest.raises(ValueError, match="found by an address like"):
            async with Client("ftp://here/?secret=private"):
                pytest.fail("that is no address")
        client = Client("ws://127.0.0.1:1/ws")
        await client.disconnect()
        assert client.connected == 0

    run(main)


def test_leaving_while_it_still_connects() -> None:
    async def main() -> None:
        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await gone.wait()
            writer.close()

        gone, before = asyncio.Event(), asyncio.all_tasks()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        client = Client(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws")
        life = asyncio.create_task(client.connect())
        await until(lambda: client.connected is ConnectionStatus.CONNECTING)
        await client.disconnect()
        await life
        life = asyncio.create_task(client.connect())
        await until(lambda: client.connected is ConnectionStatus.CONNECTING)
        await client.connect()
        life.cancel()
        with pytest.raises(asyncio.CancelledError):
            await life
        assert client.connected is ConnectionStatus.DISCONNECTED
        gone.set()
        server.close()
        await server.wait_closed()
        await until(lambda: asyncio.all_tasks() == before)  # the attempts to connect have failed, unheard

    run(main)


def test_a_call_that_is_cancelled_runs_all_the_same() -> None:
    async def main() -> None:
        begun, ended = asyncio.Event(), asyncio.Event()
        go_on = asyncio.Event()

        def waits(server: Any) -> None:
            @server.controller.trigger("wait")
            async def wait() -> None:
                begun.set()
                await go_on.wait()
                ended.set()

            app(server)

        async with running("socket", waits) as place, place.client() as client:
            call = asyncio.create_task(client.call_trigger("wait"))
            await begun.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            go_on.set()
            await ended.wait()
            assert await client.call_trigger("add", [1, 2]) == 3

    run(main)


def test_a_wait_for_the_connection_that_is_cancelled_changes_nothing() -> None:
    async def main() -> None:
        async with running("socket", app) as place:
            client = place.client()
            first, second = (asyncio.create_task(client.until_connected()) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
            life = asyncio.create_task(client.connect())
            await second
            assert client.connected
            await client.disconnect()
            await life

    run(main)


def test_a_disconnect_that_is_cancelled_leaves_and_can_be_waited_for() -> None:
    async def main() -> None:
        async with running("socket", app) as place:
            client = place.client()
            life = asyncio.create_task(client.connect(reconnect=True))
            await client.until_connected()
            leaving = asyncio.create_task(client.disconnect())
            await asyncio.sleep(0)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            await client.disconnect()
            await life
            assert not client.connected

    run(main)


def test_errors_of_listeners_are_kept() -> None:
    async def main() -> None:
        async with connected("inside") as (place, client):
            client.change("count")(lambda count, **_: 1 // 0)
            client.subscribe("a.topic", lambda _: 1 // 0)
            with place.server.state:
                place.server.state.count = 5
            place.server.protocol.publish("a.topic", 1)
            await until(lambda: len(client.errors) == 2)
            assert "ZeroDivisionError" in client.errors[0].message
            client.state.bad = object()
            with pytest.raises(SerializationError):
                client.state.flush()
            client.state.bad = None
            with place.server.state:
                place.server.state.count = 6
            await until(lambda: client.state.count == 6)

    run(main)


def test_hot_reload() -> None:
    def newest(**_: Any) -> None:
        seen.append("newest")

    seen: list[str] = []

    async def main() -> None:
        async with connected("inside") as (place, _):
            client = Client.to(place.server)
            client = Client(place.url, hot_reload=lambda _: newest)
            client.change("count")(lambda **_: seen.append("old"))
            async with client:
                assert seen == ["newest"]
            assert Client(place.url, hot_reload=True).state.x is None

    run(main)


def test_a_value_that_cannot_be_read_is_named_and_the_rest_goes_on() -> None:
    async def main() -> None:
        async with connected("inside") as (place, client):
            receive, unreadable = client._exchange.session.receive, b"\xc7\x03\xff\0\0\1"

            def damaged(_session: ClientSession, frame: Any) -> Any:
                return receive(bytes(frame).replace(b"\xa5W-BAD", unreadable))

            with patch.object(ClientSession, "receive", damaged):
                with place.server.state as state:
                    state.bad, state.count = ["W-BAD"], 7
                await until(lambda: client.errors)
            assert client.state.count == 7
            assert not client.state.has("bad")
            assert "the value of 'bad' cannot be read, at [0]: " in client.errors[0].message
            assert client.connected == ConnectionStatus.CONNECTED

    run(main)
