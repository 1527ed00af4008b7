"""Change listeners."""

import asyncio
import logging
import weakref
from typing import Any

import pytest

from jupyter_trame.server import Server
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live, record, until


@fact("api 4.2", "`state.change(*names)` is a decorator and a function, and returns the listener unchanged")
@both
def test_change_returns_the_function(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[str] = []

    class Part:
        def method(self, **_: Any) -> None:
            calls.append("method")

    part = Part()
    bound = part.method
    assert state.change("a")(bound) is bound

    @state.change("a", "b")
    def listener(**_: Any) -> None:
        calls.append("function")

    assert callable(listener)
    state.b = 1
    state.a = 1
    state.flush()
    assert calls == ["function", "method"]


@fact(
    "api 4.2",
    "`state._change_callbacks` is `{root name: [(function, translator)]}`, append-only, with duplicates",
)
@both
def test_registry(peer: Peer) -> None:
    root, _ = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: None)

    def listener(**_: Any) -> None:
        pass

    child.change("a")(listener)
    child.change("a")(listener)
    root.change("a")(listener)
    entries = root._change_callbacks["c_a"]
    assert [(fn, translator) for fn, translator in entries] == [(listener, child.translator)] * 2
    assert root._change_callbacks["a"][0][0] is listener
    assert set(child._change_callbacks) == {"c_a", "a"}


@fact("api 4.2", "packages take listeners out of `_change_callbacks` and put plain tuples in")
@both
def test_registry_is_live(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[str] = []

    def first(**_: Any) -> None:
        calls.append("first")

    state.change("a")(first)
    state._change_callbacks["a"] = [
        (lambda **_: calls.append("second"), translator) for _, translator in state._change_callbacks["a"]
    ]
    state.a = 1
    state.flush()
    assert calls == ["second"]


@fact(
    "api 4.2", "a listener is called with all pushed keys as keyword arguments, under its own state's names"
)
@both
def test_arguments(peer: Peer) -> None:
    root, _ = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: None)
    seen: list[dict[str, Any]] = []
    child.change("a")(lambda **values: seen.append(values))
    root.change("c_a")(lambda **values: seen.append(values))
    root.update(parent=0, trame__title="t")
    child.a = 1
    root.flush()
    assert seen == [{"a": 1, "trame__title": "t"}, {"c_a": 1, "parent": 0, "trame__title": "t"}]


@fact(
    "api 4.2",
    "a listener that does not take all keys gets those that it takes",
    trame="it fails: that is logged, and the others run",
)
def test_missing_kwargs(caplog: pytest.LogCaptureFixture) -> None:
    state, _ = record(OURS)
    calls: list[int] = []
    state.change("a")(lambda a: calls.append(a))
    state.change("a")(lambda **_: calls.append(0))
    state.update(a=1, b=2)
    state.flush()
    assert calls == [1, 0]
    assert not caplog.records


@fact("api 4.2", "a listener that takes a key which is not there fails: that is logged, and the others run")
@both
def test_missing_keys(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    state, _ = record(peer)
    calls: list[int] = []
    state.change("a")(lambda a, c, **_: calls.append(a + c))
    state.change("a")(lambda **_: calls.append(0))
    state.update(a=1, b=2)
    state.flush()
    assert calls == [0]
    assert len(caplog.records) == 1


@fact(
    "api 4.2", "listeners run by key in the order of its first mark, then by registration, each once a round"
)
@both
def test_order(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[str] = []
    state.change("a", "b")(lambda **_: calls.append("f1"))
    state.change("b")(lambda **_: calls.append("f2"))
    state.change("a")(lambda **_: calls.append("f3"))
    state.b = 1
    state.a = 1
    state.flush()
    assert calls == ["f1", "f2", "f3"]


@fact("api 4.2", "a key that was set back and set again goes to the end of the order")
@both
def test_order_of_a_key_that_was_reverted(peer: Peer) -> None:
    state, _ = record(peer)
    state.update(a=0, b=0)
    state.flush()
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append("a"))
    state.change("b")(lambda **_: calls.append("b"))
    state.a = 1
    state.b = 1
    state.a = 0
    state.a = 1
    state.flush()
    assert calls == ["b", "a"]


@fact("api 4.2", "one function registered with two translators runs once for each")
@both
def test_two_translators(peer: Peer) -> None:
    root, _ = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: None)
    calls: list[list[str]] = []

    def listener(**values: Any) -> None:
        calls.append(sorted(values))

    root.change("c_a")(listener)
    child.change("a")(listener)
    child.a = 1
    root.flush()
    assert calls == [["c_a"], ["a"]]


@pytest.mark.parametrize("write", ["set", "item", "update", "dirty", "setdefault"])
@fact("api 4.2", "what marks a key: an assignment, `update`, `dirty`, and a `setdefault` that sets")
@both
def test_marks(peer: Peer, write: str) -> None:
    state, _ = record(peer)
    calls: list[str] = []
    state.change("a")(lambda **_: calls.append(write))
    {
        "set": lambda: setattr(state, "a", 1),
        "item": lambda: state.__setitem__("a", 1),
        "update": lambda: state.update({"a": 1}),
        "dirty": lambda: state.dirty("a"),
        "setdefault": lambda: state.setdefault("a", 1),
    }[write]()
    state.flush()
    assert calls == [write]


@fact(
    "api 4.2",
    "registration does not call; keys set before `ready()` run their listeners in the initial flush",
)
@both
def test_initial_flush(peer: Peer) -> None:
    state = peer.state()
    calls: list[Any] = []
    state.a = 1
    state.change("a")(lambda a, **_: calls.append(a))
    assert calls == []
    state.ready()
    assert calls == [1]


@fact("api 4.2", "a listener registered after its key was pushed is not called for that")
@both
def test_late_listener(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[Any] = []
    state.a = 1
    state.flush()
    state.change("a")(lambda a, **_: calls.append(a))
    state.flush()
    assert calls == []


@fact(
    "api 4.2", "an awaitable result runs as a task; what it changes after its first await waits for a flush"
)
@both
@pytest.mark.asyncio
async def test_coroutines(peer: Peer) -> None:
    done: list[Any] = []
    async with live(peer) as (server, _):
        state = server.state

        @state.change("x")
        async def on_x(x: int, **_: Any) -> None:
            await asyncio.sleep(0)
            state.y = x
            done.append(state.is_dirty("y"))
            with state:
                pass
            done.append(state.is_dirty("y"))

        with state:
            state.x = 1
        await until(lambda: len(done) == 2)
    assert done == [True, False]


@fact("api 4.2", "an exception in a listener's coroutine is logged, a cancelled one says nothing")
@both
@pytest.mark.asyncio
async def test_coroutine_errors(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    tasks: list[asyncio.Task[None]] = []
    async with live(peer) as (server, _):

        @server.state.change("a")
        async def fails(**_: Any) -> None:
            tasks.append(asyncio.current_task())  # type: ignore[arg-type]
            raise ValueError("broken coroutine")

        @server.state.change("b")
        async def cancelled(**_: Any) -> None:
            tasks.append(asyncio.current_task())  # type: ignore[arg-type]
            await asyncio.Event().wait()

        with server.state:
            server.state.a = 1
        await until(lambda: tasks and tasks[0].done() and "broken coroutine" in caplog.text)
        before = len(caplog.records)
        with server.state:
            server.state.b = 1
        await until(lambda: len(tasks) == 2)
        tasks[1].cancel()
        await until(tasks[1].done)
        await asyncio.sleep(0)
        assert len(caplog.records) == before


@fact("api 4.2", "an exception in a listener is swallowed and logged; the remaining listeners still run")
@both
def test_errors(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    state, _ = record(peer)
    calls: list[Any] = []

    @state.change("a")
    def fails(**_: Any) -> None:
        raise ValueError("broken listener")

    state.change("a")(lambda a, **_: calls.append(a))
    state.a = 1
    assert state.flush() == {"a"}
    assert calls == [1]
    assert "broken listener" in caplog.text


@fact(
    "api 4.2",
    "a listener's exception is logged as an error with its traceback, and kept in `server.errors`",
    trame="one WARNING without traceback on `trame_server.state`: `@change callback exception ignored: ...`",
)
def test_errors_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    server = Server("contract", compat="trame")
    server.state.change("a")(lambda **_: 1 / 0)
    server.state.a = 1
    server.state.ready()
    assert "ZeroDivisionError" in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR
    assert "division" in server.errors[-1].message


@fact("api 4.2", "`weakref.WeakMethod` is accepted as a listener; a dead one is skipped")
@both
def test_weak_methods(peer: Peer) -> None:
    state, _ = record(peer)
    calls: list[Any] = []

    class Part:
        def method(self, a: int, **_: Any) -> None:
            calls.append(a)

    part = Part()
    state.change("a")(weakref.WeakMethod(part.method))
    state.a = 1
    state.flush()
    del part
    state.a = 2
    state.flush()
    assert calls == [1]


@fact(
    "api 4.2",
    "with hot reload, each call of a listener that is no coroutine function runs its newest version",
)
def test_hot_reload() -> None:
    asked: list[Any] = []

    def newest(fn: Any) -> Any:
        asked.append(fn)
        return lambda a, **_: asked.append(a)

    state = OURS.state(hot_reload=newest, ready=True)

    @state.change("a")
    def listener(**_: Any) -> None:
        raise AssertionError("the old version was called")

    state.a = 1
    state.flush()
    assert asked == [listener, 1]
