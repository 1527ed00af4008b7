"""`state.flush`: rounds, failures, families of states and threads."""

import threading
from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live, record, until


@fact("api 4.1", "returns None and does nothing while the state is not ready")
@both
def test_not_ready(peer: Peer) -> None:
    state = peer.state()
    state.a = 1
    assert state.flush() is None
    assert state.is_dirty("a")


@fact("api 4.1", "returns None while a flush runs: in a listener, and at the end of a nested `with state`")
@both
def test_reentrance(peer: Peer) -> None:
    state, pushes = record(peer)
    results: list[Any] = []

    @state.change("a")
    def on_a(**_: Any) -> None:
        with state:
            state.b = 1
        results.append((state.flush(), len(pushes)))

    state.a = 1
    assert state.flush() == {"a", "b"}
    assert (results, pushes) == ([(None, 1)], [{"a": 1}, {"b": 1}])


@fact("api 4.1", "returns the translated keys that it flushed, maybe none")
@both
def test_result(peer: Peer) -> None:
    root, _ = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: None)
    child.update(a=1, b=2)
    assert child.flush() == {"c_a", "c_b"}
    assert child.flush() == set()


@fact(
    "api 4.1", "a round sets `modified_keys`, pushes, merges, and only then runs the listeners of marked keys"
)
@both
def test_round(peer: Peer) -> None:
    log: list[Any] = []
    state: Any = peer.state(
        commit_fn=lambda changes: log.append((dict(changes), set(state.modified_keys))), ready=True
    )
    state.change("a")(lambda a, **_: log.append(("listener", a, state.is_dirty("a"))))
    state.a = 1
    state.flush()
    assert log == [({"a": 1}, {"a"}), ("listener", 1, False)]


@fact("api 4.1", "what listeners change is pushed in the next round, and they are told of it in that round")
@both
def test_worked_trace(peer: Peer) -> None:
    state, pushes = record(peer)
    seen: list[tuple[int, int | None]] = []

    @state.change("a")
    def on_a(a: int, n: int | None = None, **_: Any) -> None:
        seen.append((a, n))
        if a < 3:
            state.a = a + 1
            state.n = a

    state.a = 1
    state.flush()
    assert pushes == [{"a": 1}, {"a": 2, "n": 1}, {"a": 3, "n": 2}]
    assert seen == [(1, None), (2, 1), (3, 2)]


@fact("api 4.1", "a listener does not see its own change in the round in which it makes it")
@both
def test_own_change(peer: Peer) -> None:
    state, _ = record(peer)
    seen: list[Any] = []
    state.change("a")(lambda **_: state.update(b=1))
    state.change("a")(lambda b=None, **_: seen.append(b))
    state.a = 1
    state.flush()
    assert seen == [None]


@fact("api 4.1", "an error of the commit function propagates, the keys stay pending, the next flush works")
@both
def test_commit_error(peer: Peer) -> None:
    pushes: list[dict[str, Any]] = []
    fails = [True]

    def commit(changes: dict[str, Any]) -> None:
        if fails.pop():
            raise OSError("no network")
        pushes.append(dict(changes))

    state = peer.state(commit_fn=commit, ready=True)
    state.a = 1
    with pytest.raises(OSError, match="no network"):
        state.flush()
    assert state.is_dirty("a")
    fails.append(False)
    assert state.flush() == {"a"}
    assert pushes == [{"a": 1}]


@fact("api 4.1", "any member of a family flushes what all of them have pending")
@both
def test_any_member_flushes(peer: Peer) -> None:
    root, pushes = record(peer)
    child = peer.state(peer.translator("c_"), root, lambda changes: pushes.append({"child": dict(changes)}))
    root.a = 1
    child.b = 2
    assert child.flush() == {"a", "c_b"}
    assert pushes == [{"child": {"a": 1, "c_b": 2}}]


@fact("api 4.1", "a member without a commit function merges without a push")
@both
def test_member_without_commit(peer: Peer) -> None:
    root, pushes = record(peer)
    member = peer.state(internal=root)
    root.a = 1
    member.flush()
    assert (pushes, root.is_dirty("a"), root.a) == ([], False, 1)


@fact(
    "api 4.1",
    "a flush on any thread reaches the clients; listeners run on the owner's thread",
    trame="is not thread-safe: on another thread the push is lost, and the value counts as sent",
)
@pytest.mark.asyncio
async def test_threads() -> None:
    calls: list[int] = []
    async with live(OURS) as (server, make_client):
        server.change("a")(lambda **_: calls.append(threading.get_ident()))
        async with make_client() as client:

            def work() -> None:
                with server.state:
                    server.state.a = 1

            thread = threading.Thread(target=work)
            thread.start()
            await until(lambda: client.state.a == 1 and calls)
            thread.join()
    assert calls == [threading.get_ident()]


@fact("api 4.1", "a child server's flush is pushed")
@both
@pytest.mark.asyncio
async def test_child_servers_push(peer: Peer) -> None:
    async with live(peer) as (server, make_client), make_client() as client:
        child = server.create_child_server(prefix="c_")
        with child.state:
            child.state.a = 1
        await until(lambda: client.state.c_a == 1)
