"""The rows that make Igor work (1 to 10, 15), on raw websockets; the rest is where its host is.

Row 11 and 12 without Jupyter: `tests/contract/test_igor_files.py`; in a kernel: `tests/kernel/test_igor.py`; in a
browser: `tests/e2e/test_igor.py`.
"""

import asyncio
import contextlib
import threading
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.igor import CONFIG, IgorServer, flatten
from jupyter_trame.igor.processes import UnknownClientError
from tests.igor.support import Raw, client, run, serving, until


def echo(output: Any, data: Any, **kwargs: Any) -> None:
    output.send(data)


def count(output: Any, data: Any, **kwargs: Any) -> None:
    for number in range(data):
        output.send(number)


def silent(output: Any, data: Any, **kwargs: Any) -> None:
    pass


def complain(output: Any, data: Any, **kwargs: Any) -> None:
    output.send_error(f"no {data}")


def fail(output: Any, data: Any, **kwargs: Any) -> None:
    raise ValueError("it went wrong")


def close_itself(output: Any, data: Any, **kwargs: Any) -> None:
    output.send("last")
    output.close()


def remember(output: Any, data: Any, *, session: dict[str, Any], **kwargs: Any) -> None:
    session["value"] = data


def recall(output: Any, data: Any, *, session: dict[str, Any], **kwargs: Any) -> None:
    output.send(session.get("value"))


API = {
    "echo": echo,
    "count": count,
    "silent": silent,
    "complain": complain,
    "fail": fail,
    "close_itself": close_itself,
    "remember": remember,
    "recall": recall,
}


async def works(raw: Raw) -> None:
    assert await raw.call("echo", "still here", stream_id="check") == ["still here"]


def test_row_1_sequences() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            await raw.ask(1, "echo", {"a": [1, None]})
            assert await raw.next() == {"streamId": 1, "data": {"a": [1, None]}}
            assert await raw.next() == {"streamId": 1, "close": True}
            await raw.ask(2, "echo")
            assert await raw.next() == {"streamId": 2, "data": None}
            assert await raw.next() == {"streamId": 2, "close": True}
            await raw.ask(3, "count", 3)
            assert [await raw.next() for _ in range(3)] == [{"streamId": 3, "data": n} for n in range(3)]
            assert await raw.next() == {"streamId": 3, "close": True}
            await raw.ask(4, "silent")
            assert await raw.next() == {"streamId": 4, "close": True}
            await raw.ask(5, "complain", "milk")
            assert await raw.next() == {"streamId": 5, "error": "no milk"}
            assert await raw.next() == {"streamId": 5, "close": True}

    with serving(API) as server:
        run(scenario)


@pytest.mark.parametrize("stream_id", [0, -1, 1.5, "", "a-b", "0", True, False])
def test_row_2_any_scalar_names_a_stream(stream_id: object) -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            await raw.ask(stream_id, "echo", "x")
            answer = await raw.next()
            assert answer == {"streamId": stream_id, "data": "x"}
            assert type(answer["streamId"]) is type(stream_id)
            assert await raw.next() == {"streamId": stream_id, "close": True}

    with serving(API) as server:
        run(scenario)


def test_row_2_equal_ids_of_two_clients() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meet(output: Any, data: Any, **kwargs: Any) -> None:
        meeting.wait()
        for number in range(20):
            output.send([data, number])
        meeting.wait()

    async def scenario() -> None:
        async with client(server) as one, client(server) as two:
            answers = await asyncio.gather(
                one.call("meet", "one", stream_id=0), two.call("meet", "two", stream_id=0)
            )
        assert answers == [[[who, number] for number in range(20)] for who in ("one", "two")]

    with serving({"meet": meet}) as server:
        run(scenario)


def test_row_3_nested_api() -> None:
    def hello(output: Any, data: Any, **kwargs: Any) -> None:
        output.send("hello")

    api = {"ns": {"hello": hello, "deep": {"er": hello}}, "top": hello}
    before = {"ns": {"hello": hello, "deep": {"er": hello}}, "top": hello}

    async def scenario() -> None:
        async with client(server) as raw:
            for action in ("ns.hello", "ns.deep.er", "top"):
                assert await raw.call(action) == ["hello"]
            await raw.ask(1, "ns")
            assert (await raw.next())["code"] == 400

    with serving(api) as server:
        run(scenario)
        assert api == before
        assert server.api == {"ns.hello": hello, "ns.deep.er": hello, "top": hello}


def test_row_3_flatten() -> None:
    f, g, h = object(), object(), object()
    api = {"a": {"b": f, "c": {"d": g}}, "e": h}
    assert flatten(api) == {"a.b": f, "a.c.d": g, "e": h}
    assert flatten(api, "/") == {"a/b": f, "a/c/d": g, "e": h}
    assert api == {"a": {"b": f, "c": {"d": g}}, "e": h}


@pytest.mark.parametrize("api", [None, [], "api", [("a", echo)], echo])
def test_row_3_only_a_dict_is_an_api(api: Any) -> None:
    with pytest.raises(TypeError, match="dict"):
        IgorServer(api)


REFUSED = {
    "no stream": '{"action": "echo"}',
    "no action": '{"streamId": 1}',
    "no handler": '{"streamId": 1, "action": "nothing"}',
    "no id": '{"streamId": 1, "action": "introduce_self", "data": {}}',
    "no data": '{"streamId": 1, "action": "introduce_self"}',
    "bad JSON": '{"streamId": 1,',
    "a list": "[1]",
    "null": "null",
    "a number": "1",
    "empty": "",
    "not a number": '{"streamId": NaN, "action": "echo"}',
    "a list as the stream": '{"streamId": [1], "action": "echo"}',
    "an object as the action": '{"streamId": 1, "action": {}}',
    "binary": b'{"streamId": 1, "action": "echo"}',
    "deep": '{"streamId": 1, "action": "echo", "data": ' + "[" * 10_000 + "]" * 10_000 + "}",
    "a large number": '{"streamId": 1, "action": "echo", "data": ' + "9" * 5_000 + "}",
}


@pytest.mark.parametrize("frame", REFUSED.values(), ids=REFUSED)
def test_row_4_a_refusal_costs_nothing_else(frame: str | bytes) -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            await raw.send(frame)
            answer = await raw.next()
            assert answer["code"] == 400
            assert isinstance(answer["error"], str)
            await works(raw)

    with serving(API) as server:
        run(scenario)


def test_row_4_all_of_them_one_after_the_other() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            for frame in REFUSED.values():
                await raw.send(frame)
                assert (await raw.next())["code"] == 400
            await works(raw)

    with serving(API) as server:
        run(scenario)


def test_row_5_a_handler_that_fails_costs_its_stream(caplog: pytest.LogCaptureFixture) -> None:
    async def fail_later(output: Any, data: Any, **kwargs: Any) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("later")

    async def scenario() -> None:
        async with client(server) as raw:
            assert await raw.call("fail") == [{"error": "it went wrong"}]
            assert await raw.call("fail_later") == [{"error": "later"}]
            assert await raw.call("close_itself") == ["last"]
            await works(raw)

    with serving({**API, "fail_later": fail_later}) as server:
        run(scenario)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError, RuntimeError]


def test_row_6_a_handler_that_blocks_delays_nobody_else() -> None:
    go_on = threading.Event()

    def block(output: Any, data: Any, **kwargs: Any) -> None:
        output.send("blocked")
        assert go_on.wait(10)

    async def scenario() -> None:
        async with client(server) as busy, client(server) as other:
            await busy.ask(1, "block")
            assert (await busy.next())["data"] == "blocked"
            began = time.perf_counter()
            await works(other)
            assert time.perf_counter() - began < 0.2
            go_on.set()
            assert await busy.next() == {"streamId": 1, "close": True}

    with serving({**API, "block": block}) as server:
        run(scenario)


def test_row_6_order_of_each_client() -> None:
    def slow_echo(output: Any, data: Any, **kwargs: Any) -> None:
        order.setdefault(output.client.id, []).append(data)
        output.send(data)

    async def one() -> None:
        async with client(server) as raw:
            for number in range(20):
                await raw.ask(number, "slow_echo", number)
            for number in range(20):
                assert await raw.until_close(number) == [{"streamId": number, "data": number}]

    async def scenario() -> None:
        await asyncio.gather(*(one() for _ in range(50)))

    order: dict[object, list[int]] = {}
    with serving({"slow_echo": slow_echo}) as server:
        run(scenario)
    assert list(order.values()) == [list(range(20))] * 50


def test_row_6_coroutines() -> None:
    async def later(output: Any, data: Any, **kwargs: Any) -> None:
        for number in range(data):
            await asyncio.sleep(0)
            output.send(number)

    async def scenario() -> None:
        async with client(server) as raw:
            assert await raw.call("later", 3) == [0, 1, 2]
            assert await raw.call("lambda", 3) == [0, 1, 2]

    with serving({"later": later, "lambda": lambda *args, **kwargs: later(*args, **kwargs)}) as server:
        run(scenario)


def test_row_7_a_session_outlives_its_connection() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            await raw.call("remember", 7)
            assert await raw.call("recall") == [7]
            token = (await raw.introduce("me"))["resume_token"]
            assert await raw.call("recall") == [7]
        await until(lambda: not server.clients)
        assert list(server.timeouts) == ["me"]
        async with client(server) as raw:
            assert (await raw.introduce("me", token))["client_id"] == "me"
            assert await raw.call("recall") == [7]
            assert not server.timeouts

    with serving(API) as server:
        assert server.session_delete_timeout == 10.0
        run(scenario)


def test_row_7_a_session_ends_with_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)

    async def scenario() -> None:
        async with client(server) as raw:
            await raw.call("remember", 7)
            token = (await raw.introduce("me"))["resume_token"]
        # Away twice within the grace.
        async with client(server) as raw:
            token = (await raw.introduce("me", token))["resume_token"]
        await until(lambda: not server.sessions)
        async with client(server) as raw:
            assert (await raw.introduce("me", token))["client_id"] == "me"
            assert await raw.call("recall") == [None]

    with serving(API) as server:
        server.session_delete_timeout = 0.3
        run(scenario)
    assert not raised


def test_row_7_a_connection_that_breaks_under_the_answer_does_not_cost_the_session() -> None:
    async def scenario() -> None:
        async with client(server) as raw:
            await raw.call("remember", 7)
            token = (await raw.introduce("me"))["resume_token"]
        for _ in range(6):
            await until(lambda: not server.clients)
            async with client(server) as raw:
                raw.connection.transport.pause_reading()
                data = {"client_id": "me", "resume_token": token}
                await raw.ask("who", "introduce_self", data)
                await until(lambda: "me" in server.clients)
                raw.connection.transport.abort()
        await until(lambda: not server.clients)
        async with client(server) as raw:
            assert (await raw.introduce("me", token))["client_id"] == "me"
            assert await raw.call("recall") == [7]

    with serving(API) as server:
        run(scenario)


def test_row_8_an_id_is_taken_up_with_its_token_alone() -> None:
    async def scenario() -> None:
        async with client(server) as owner, client(server) as thief:
            first = await owner.introduce("me")
            await owner.call("remember", "secret")
            for token in (None, "", "wrong", first["resume_token"] + "x"):
                assert (await thief.introduce("me", token))["code"] == 400
            assert await thief.call("recall") == [None]
            await works(owner)
            server.processes["news"]["output"].send("hello", 1, client_id="me")
            assert await owner.next() == {"streamId": "news", "action": "hello", "data": 1}

            second = await thief.introduce("me", first["resume_token"])
            assert second["client_id"] == "me"
            assert second["resume_token"] != first["resume_token"]
            assert await thief.call("recall") == ["secret"]
            with pytest.raises(ConnectionClosed):
                await owner.next()
            assert owner.connection.close_code == 4001
            # What the displaced connection leaves behind is not the new owner's.
            await works(thief)
            assert list(server.clients) == ["me"]
            async with client(server) as late:
                assert (await late.introduce("me", first["resume_token"]))["code"] == 400

    async def news(output: Any, **kwargs: Any) -> None:
        await asyncio.Event().wait()

    with serving(API) as server:
        server.add_process("news", news)
        run(scenario)


def test_row_8_open_to_all_on_loopback() -> None:
    async def scenario() -> None:
        async with client(server) as owner, client(server) as other:
            await owner.introduce("me")
            assert (await other.introduce("me"))["client_id"] == "me"

    with serving(API, allow_reclaim="open") as server:
        run(scenario)
    with pytest.raises(ValueError, match="host of this machine"):
        IgorServer(API, host="0.0.0.0", allow_reclaim="open")


class Ticker(threading.Thread):
    """A process as the original's page shows one."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.process_id: Any = None
        self.output: Any = None
        self.scope: Any = None
        self.sessions: Any = None

    def run(self) -> None:
        assert self.go.wait(10)
        self.output.send(action="tick", data={"counter": 1})


def test_row_9_processes() -> None:
    ticker = Ticker()

    async def scenario() -> None:
        async with client(server) as one, client(server) as two:
            await asyncio.gather(one.introduce("one"), two.introduce(2))
            output = server.processes["ticker"]["output"]
            ticker.go.set()
            for raw in (one, two):
                assert await raw.next() == {"streamId": "ticker", "action": "tick", "data": {"counter": 1}}
                assert await raw.next() == {"streamId": "ticker", "close": True}
            await until(lambda: "ticker" not in server.processes)
            with pytest.raises(ClosedError):
                output.send("tick")
            with pytest.raises(ClosedError):
                output.finish()

            added = Ticker()
            server.add_process("added", added)
            await until(lambda: added.output is not None)
            added.output.send("special", "for two", client_id=2)
            assert await two.next() == {"streamId": "added", "action": "special", "data": "for two"}
            for unknown in ("nobody", 77):
                with pytest.raises(UnknownClientError):
                    added.output.send("tick", client_id=unknown)
            added.output.send_error("oh")
            added.output.finish()
            for raw in (one, two):
                assert await raw.next() == {"streamId": "added", "error": "oh"}
                assert await raw.next() == {"streamId": "added", "close": True}
            with pytest.raises(ClosedError):
                added.output.send("tick")
            assert not server.processes
            added.go.set()
            await asyncio.to_thread(added.join)

    with serving(API) as server:
        server.add_process("ticker", ticker)
        run(scenario)


def test_row_9_a_broadcast_survives_a_dead_client() -> None:
    async def scenario() -> None:
        async with client(server) as dead, client(server) as alive:
            dead.connection.transport.abort()
            output = server.processes["ticker"]["output"]
            output.send("tick", 1)
            output.send("tick", 2)
            assert [(await alive.next())["data"] for _ in range(2)] == [1, 2]
            await until(lambda: len(server.clients) == 1)

    with serving(API) as server:
        ticker = Ticker()
        server.add_process("ticker", ticker)
        with contextlib.ExitStack() as stack:
            stack.callback(ticker.go.set)
            run(scenario)


def test_row_10_scope_and_sessions_are_shared_with_processes() -> None:
    def put(output: Any, data: Any, *, session: dict[str, Any], scope: dict[str, Any]) -> None:
        scope["asked"] = data
        session["mine"] = data

    def look(output: Any, data: Any, **kwargs: Any) -> None:
        output.send([kwargs["scope"].get("process"), kwargs["session"].get("from process")])

    ticker = Ticker()

    async def scenario() -> None:
        async with client(server) as raw:
            await raw.introduce("client_1")
            await raw.call("put", 5)
            assert ticker.scope["asked"] == 5
            assert ticker.sessions["client_1"] == {"mine": 5}
            ticker.scope["process"] = ticker.process_id
            ticker.sessions["client_1"]["from process"] = True
            assert await raw.call("look") == [["ticker", True]]
        ticker.go.set()

    with serving({"put": put, "look": look}) as server:
        server.add_process("ticker", ticker)
        run(scenario)


def test_row_15_two_servers_share_nothing() -> None:
    def set_scope(output: Any, data: Any, *, scope: dict[str, Any], session: dict[str, Any]) -> None:
        scope["x"] = session["x"] = data

    async def scenario() -> None:
        async with client(one) as first, client(two) as second:
            await asyncio.gather(first.introduce("same"), second.introduce("same"))
            await first.call("set_scope", 1)
            assert (one.scope, two.scope) == ({"x": 1}, {})
            assert (one.sessions, two.sessions) == ({"same": {"x": 1}}, {"same": {}})

    with serving({"set_scope": set_scope}) as one, serving({"set_scope": set_scope}) as two:
        run(scenario)
        assert one.logger is not two.logger
        assert not set(one.logger.handlers) & set(two.logger.handlers)
        one.config["port"] = 1
        one.config["file_server_config"]["port"] = 1
        assert two.config["port"] == 0
        assert CONFIG["port"] == 5678
        assert two.config["file_server_config"]["port"] == CONFIG["file_server_config"]["port"] == 8080
    assert not one.logger.handlers
