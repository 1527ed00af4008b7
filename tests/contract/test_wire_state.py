"""How the state is kept equal: what is pushed to whom, and what is not."""

import logging
from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.wire import Raw, everywhere, serving

pytestmark = pytest.mark.asyncio

FILE = {"name": "a.txt", "size": 3, "content": b"abc", "_filter": ["content"]}
SHOWN = {"name": "a.txt", "size": 3, "_filter": ["content"]}


def initial(**values: Any) -> Any:
    """An app with these values."""
    return lambda server: server.state.update(values)


def distinct(client: Raw, key: str) -> list[Any]:
    """The values of `key` in their order, without the copies that trame sends."""
    seen = client.seen(key)
    return [value for at, value in enumerate(seen) if at == 0 or seen[at - 1] != value]


# -- pushes


@fact("wire 9", "a flush is one publication with the keys that changed, whole values")
@everywhere
async def test_one_publication_a_flush(kind: str) -> None:
    async with serving(kind, initial(a=0, b=0, table={"x": 1, "y": 2})) as wire:
        client = await wire.client()
        wire.set(a=1, table={"x": 1, "y": 3})
        await wire.settle(client)
        assert client.pushes[0] == {"a": 1, "table": {"x": 1, "y": 3}}


@fact("wire 9", "what listeners change is a publication of its own")
@everywhere
async def test_one_publication_a_round(kind: str) -> None:
    def build(server: Any) -> None:
        server.state.update({"a": 0, "b": 0})
        server.state.change("a")(lambda a, **_: setattr(server.state, "b", a + 1))

    async with serving(kind, build) as wire:
        client = await wire.client()
        wire.set(a=1)
        await wire.settle(client)
        assert client.pushes[:2] == [{"a": 1}, {"b": 2}]


@fact("wire 9", "nothing is sent when nothing changed")
@everywhere
async def test_no_empty_publication(kind: str) -> None:
    async with serving(kind, initial(a=1)) as wire:
        client = await wire.client()
        wire.set()
        wire.set(a=1)
        wire.server.state.flush()
        await wire.settle(client)
        assert client.pushes == [{"the_mark": 1}]


# -- what counts as the same


@fact("wire 9", "an equal value, or `dirty()` on one that did not change, sends nothing")
@everywhere
async def test_equal_values(kind: str) -> None:
    async with serving(kind, initial(a=[1, 2], b="x")) as wire:
        client = await wire.client()
        wire.set(a=[1, 2], b="x")
        wire.server.state.dirty("a", "b")
        wire.server.state.flush()
        await wire.settle(client)
        assert client.pushes == [{"the_mark": 1}]


@fact("wire 9", "a value that a client sends a second time goes to nobody")
@everywhere
async def test_a_value_again(kind: str) -> None:
    async with serving(kind, initial(a=0)) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(a=1)
        await wire.settle(client, other)
        count = len(other.seen("a"))
        await client.write(a=1)
        await wire.settle(client, other)
        assert len(other.seen("a")) == count
        assert client.seen("a") == []


@fact("wire 9", "a value that was changed in place is sent after `dirty()`")
@everywhere
async def test_changed_in_place(kind: str) -> None:
    async with serving(kind, initial(items_=[1])) as wire:
        client = await wire.client()
        wire.server.state.items_.append(2)
        wire.server.state.dirty("items_")
        wire.server.state.flush()
        assert await client.until(lambda: client.seen("items_")) == [[1, 2]]


@fact("wire 9", "True and 1 are other bytes, but equal values: the change is not made")
@everywhere
async def test_true_and_one(kind: str) -> None:
    async with serving(kind, initial(a=True)) as wire:
        client = await wire.client()
        wire.set(a=1)
        await wire.settle(client)
        assert client.seen("a") == []
        wire.server.state.dirty("a")
        wire.server.state.flush()
        await wire.settle(client)
        assert client.seen("a") == []


@fact("wire 9", "after `clear_state_client_cache` the next flush sends a key whatever its bytes are")
@everywhere
async def test_clear_the_cache(kind: str) -> None:
    async with serving(kind, initial(a=1, b=1)) as wire:
        client = await wire.client()
        wire.server.protocol.clear_state_client_cache("a")
        wire.server.state.dirty("a", "b")
        wire.server.state.flush()
        await wire.settle(client)
        assert (client.seen("a"), client.seen("b")) == ([1], [])


@fact("wire 9", "`trame.force.push` sends what everybody has, and the next equal value is still not sent")
@everywhere
async def test_force_push_and_the_cache(kind: str) -> None:
    async with serving(kind, initial(a=1)) as wire:
        client = await wire.client()
        await client.call("trame.force.push", "a")
        wire.server.state.dirty("a")
        wire.server.state.flush()
        await wire.settle(client)
        assert client.seen("a") == [1]


@fact("wire 9", "the state that a server starts with counts as pushed, whoever connects and asks")
@everywhere
async def test_the_initial_state_counts_as_pushed(kind: str) -> None:
    async with serving(kind, initial(a=1)) as wire:
        client = await wire.client()
        await client.call("trame.state.get")
        await wire.client()
        wire.server.state.dirty("a")
        wire.server.state.flush()
        await wire.settle(client)
        assert client.seen("a") == []


# -- cleaning


@fact("wire 9", "a map with a `_filter` is sent without the members that it lists, the server keeps them")
@everywhere
async def test_filter(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(file=FILE)
        assert (await other.until(lambda: other.seen("file")))[0] == SHOWN
        assert wire.server.state.file == FILE
        await wire.settle(client)
        assert client.seen("file") == []


@fact("wire 9", "so is each map in a list, also in lists of lists")
@everywhere
async def test_filter_in_lists(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(files=[FILE, [FILE, 1]])
        assert (await other.until(lambda: other.seen("files")))[0] == [SHOWN, [SHOWN, 1]]
        wire.set(own=[FILE])
        assert await client.until(lambda: client.seen("own")) == [[SHOWN]]


@fact("wire 9", "maps inside maps and in tuples keep all their members")
@everywhere
async def test_filter_is_not_looked_for_deeper(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(doc={"file": FILE})
        assert (await other.until(lambda: other.seen("doc")))[0] == {"file": FILE}
        wire.set(pair=(FILE,))
        assert await client.until(lambda: client.seen("pair")) == [[FILE]]
        state = (await client.call("trame.state.get"))["state"]
        assert state["doc"] == {"file": FILE}


@fact("wire 9", "a value that cannot be packed is left out and named, the other keys of the flush arrive")
@everywhere
async def test_unpackable_values(kind: str, caplog: Any, capsys: Any) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.set(odd=object(), good=1)
        await wire.settle(client)
        assert client.pushes[0] == {"good": 1}
        assert "odd" not in (await client.call("trame.state.get"))["state"]
    assert "odd" in caplog.text + capsys.readouterr().out


# -- echoes


@fact("wire 9", "a client does not get back the value that it sent; the others get it")
@everywhere
async def test_no_echo(kind: str) -> None:
    async with serving(kind, initial(a=0)) as wire:
        client, *others = [await wire.client() for _ in range(3)]
        await client.write(a=5)
        await wire.settle(client, *others)
        assert client.seen("a") == []
        assert [distinct(other, "a") for other in others] == [[5], [5]]


def clamping(server: Any) -> None:
    """An app that keeps a value at ten or below."""
    server.state.update({"n": 0, "seen": 0})

    @server.state.change("n")
    def clamp(n: int, **_: Any) -> None:
        server.state.n = min(n, 10)
        server.state.seen += 1


@fact("wire 9", "a listener's correction reaches the author and the others, each time")
@everywhere
async def test_corrections(kind: str) -> None:
    async with serving(kind, clamping) as wire:
        client, other = await wire.client(), await wire.client()
        for value in (50, 60):
            before = len(client.seen("n"))
            await client.write(n=value)
            await client.until(lambda before=before: client.seen("n")[before:] == [10])
            await wire.settle(client, other)
            assert distinct(other, "n")[-2:] == [value, 10]
        assert wire.server.state.n == 10


@fact("wire 9", "other keys that listeners change reach the author and the others")
@everywhere
async def test_changes_of_listeners(kind: str) -> None:
    async with serving(kind, clamping) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(n=5)
        await wire.settle(client, other)
        assert distinct(client, "seen") == distinct(other, "seen")
        assert client.seen("seen")[-1] == wire.server.state.seen
        assert client.seen("n") == []


@fact("wire 9", "a listener that sets the value that came sends nothing more")
@everywhere
async def test_the_same_value_by_a_listener(kind: str) -> None:
    def build(server: Any) -> None:
        server.state.n = 0
        server.state.change("n")(lambda n, **_: setattr(server.state, "n", n))

    async with serving(kind, build) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(n=5)
        await wire.settle(client, other)
        assert (client.seen("n"), distinct(other, "n")) == ([], [5])


@fact(
    "wire 9", "one write: the others see it before what listeners answer; it is answered with all that merged"
)
@everywhere
async def test_order_in_one_write(kind: str) -> None:
    async with serving(kind, clamping) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(n=50)
        assert wire.server.state.n == 10
        await wire.settle(client, other)
        assert distinct(other, "n") == [50, 10]
        values = [message["result"] for message in other.messages if "n" in (message.get("result") or {})]
        assert values[0] == {"n": 50}


@fact("wire 9", "the later of two writes reaches the author of the earlier one")
@everywhere
async def test_two_authors(kind: str) -> None:
    async with serving(kind, initial(n=0)) as wire:
        first, second = await wire.client(), await wire.client()
        await first.write(n=1)
        await second.write(n=2)
        await wire.settle(first, second)
        assert wire.server.state.n == 2
        assert first.seen("n")[-1] == 2


@fact(
    "wire 9",
    "`trame__client_only` is for clients to heed: the server takes and sends those keys as any others",
)
@everywhere
async def test_client_only(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with serving(kind, initial(trame__client_only=["mine"], mine=0)) as wire:
        client, other = await wire.client(), await wire.client()
        await client.write(mine=1)
        await wire.settle(other)
        assert distinct(other, "mine") == [1]
        wire.set(mine=2)
        await wire.settle(client)
        assert client.seen("mine") == [2]
