"""Publications: who gets them, when, and what they hold."""

import asyncio
from typing import Any

import pytest
from wslink import register
from wslink.websocket import LinkProtocol

from tests.contract.facts import fact
from tests.contract.peers import until
from tests.contract.wire import Raw, everywhere, serving

pytestmark = pytest.mark.asyncio


def internal_id(client: Raw) -> str:
    """What protocol objects call `client`."""
    name: str = client.answers("system:c0:0")[0]["result"]["clientID"]
    return name[1:]


@fact("wire 7", "there is no subscription: every client gets every topic")
@everywhere
async def test_every_client_gets_every_topic(kind: str) -> None:
    async with serving(kind) as wire:
        clients = [await wire.client() for _ in range(3)]
        wire.server.protocol.publish("one.topic", {"a": 1})
        wire.server.protocol.publish("another", [b"x"])
        await wire.settle(*clients)
        for client in clients:
            assert (client.published("one.topic"), client.published("another")) == ([{"a": 1}], [[b"x"]])


@fact("wire 7", "protocol objects publish with the function that `init` gave them")
@everywhere
async def test_publish_of_protocol_objects(kind: str) -> None:
    speaker = LinkProtocol()

    def build(server: Any) -> None:
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(speaker))

    async with serving(kind, build) as wire:
        client = await wire.client()
        speaker.publish("said", 1)
        assert await client.until(lambda: client.published("said")) == [1]


@fact("wire 7", "publications keep their order")
@everywhere
async def test_order(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        for number in range(50):
            wire.server.protocol.publish("count", number)
            wire.set(n=number)
        await wire.settle(client)
        assert client.published("count") == list(range(50))
        assert client.seen("n")[-1] == 49


@fact("wire 7", "what a call publishes may come before or after its answer, but it comes")
@everywhere
async def test_publications_of_a_call(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()

        @wire.server.trigger("change")
        def change() -> None:
            wire.server.state.n = 1
            wire.server.protocol.publish("said", 1)

        await client.trigger("change")
        await client.until(lambda: client.seen("n") == [1] and client.published("said") == [1])


@fact(
    "wire 7",
    "a publication holds its data as they were when it was published",
    trame="packs when it sends, so a change in between is sent",
)
@everywhere
async def test_data_of_the_moment(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        data = [1]
        wire.server.protocol.publish("said", data)
        data.append(2)
        assert await client.until(lambda: client.published("said")) == [[1, 2] if kind == "trame" else [1]]


@fact("wire 7", "who says hello later does not get what was published before")
@everywhere
async def test_later_clients(kind: str) -> None:
    async with serving(kind) as wire:
        first = await wire.client()
        wire.server.protocol.publish("said", 1)
        await wire.settle(first)
        later = await wire.client()
        await wire.settle(later)
        assert (first.published("said"), later.published("said")) == ([1], [])


@fact("wire 7", "`client_id`, the `clientID` without its `c`, sends to one client")
@everywhere
async def test_to_one_client(kind: str) -> None:
    async with serving(kind) as wire:
        clients = [await wire.client() for _ in range(3)]
        wire.server.protocol.publish("said", 1, client_id=internal_id(clients[1]))
        await wire.settle(*clients)
        assert [client.published("said") for client in clients] == [[], [1], []]


def telling(server: Any) -> None:
    """An app with a method that tells all the others."""

    class Teller(LinkProtocol):
        @register("tell.others")
        def tell(self, value: Any) -> None:
            self.publish("told", value, skip_last_active_client=True)

    server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Teller()))


@fact("wire 7", "`skip_last_active_client` leaves out the client whose call is running")
@everywhere
async def test_skip_the_active_client(kind: str) -> None:
    async with serving(kind, telling) as wire:
        client, other = await wire.client(), await wire.client()
        await client.call("tell.others", 5)
        assert (await other.until(lambda: other.published("told")))[0] == 5
        await wire.settle(client)
        assert client.published("told") == []


@fact(
    "wire 7",
    "each of the others gets it once",
    trame="sends it to each as many times as there are clients",
)
@everywhere
async def test_once(kind: str) -> None:
    async with serving(kind, telling) as wire:
        clients = [await wire.client() for _ in range(3)]
        await clients[0].call("tell.others", 5)
        await wire.settle(*clients)
        copies = 3 if kind == "trame" else 1
        assert [client.published("told") for client in clients] == [[], [5] * copies, [5] * copies]


@fact(
    "wire 7",
    "the client that is left out is the one that asked, whatever else runs meanwhile",
    trame="leaves out whoever called last when it sends",
)
@everywhere
async def test_the_origin_is_bound_to_the_call(kind: str) -> None:
    entered, proceed = asyncio.Event(), asyncio.Event()

    async with serving(kind) as wire:

        @wire.server.trigger("slow")
        async def slow() -> None:
            entered.set()
            await proceed.wait()
            wire.server.protocol.publish("told", 1, skip_last_active_client=True)

        client, other = await wire.client(), await wire.client()
        answer = await client.request("trame.trigger", "slow", [], {})
        await asyncio.wait_for(entered.wait(), 10)
        await other.write(n=1)
        proceed.set()
        await client.answer(answer)
        await wire.settle(client, other)
        seen = [bool(raw.published("told")) for raw in (client, other)]
        assert seen == ([True, False] if kind == "trame" else [False, True])


@fact(
    "wire 7", "the state is published under `trame.state.topic` as a map, actions under `trame.actions.topic`"
)
@everywhere
async def test_topics(kind: str) -> None:
    async with serving(kind) as wire:
        client = await wire.client()
        wire.set(a=1, b=[2])
        wire.server.js_call("ref", "method")
        await client.until(lambda: client.published("trame.actions.topic"))
        assert client.published("trame.state.topic") == [{"a": 1, "b": [2]}]
        assert [type(actions) for actions in client.published("trame.actions.topic")] == [list]


@fact("wire 7", "a client that went away is not published to any more, the others are")
@everywhere
async def test_gone_clients(kind: str) -> None:
    async with serving(kind) as wire:
        client, other = await wire.client(), await wire.client()
        await client.close()
        await until(lambda: client.end)
        wire.server.protocol.publish("said", 1)
        await wire.settle(other)
        assert other.published("said") == [1]
        assert client.published("said") == []
