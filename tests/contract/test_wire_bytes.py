"""One session, byte by byte."""

import msgpack
import pytest

from tests.contract.facts import fact
from tests.contract.wire import STATE, Raw, everywhere, serving

pytestmark = pytest.mark.asyncio

HELLO = bytes.fromhex("""
    04 03 02 01 00 00 00 00 53 00 00 00 85 a6 77 73 6c 69 6e 6b a3 31 2e 30 a2 69 64 ab 73 79 73 74
    65 6d 3a 63 30 3a 30 a6 6d 65 74 68 6f 64 ac 77 73 6c 69 6e 6b 2e 68 65 6c 6c 6f a4 61 72 67 73
    91 81 a6 73 65 63 72 65 74 ad 77 73 6c 69 6e 6b 2d 73 65 63 72 65 74 a6 6b 77 61 72 67 73 80
""")
"""What the stock page sends first, under the message id 0x01020304."""

STATE_GET = bytes.fromhex("""
    0d 0c 0b 0a 00 00 00 00 5d 00 00 00 85 a6 77 73 6c 69 6e 6b a3 31 2e 30 a2 69 64 d9 27 72 70 63
    3a 63 61 35 31 61 35 33 34 35 30 35 33 33 34 66 34 65 61 33 39 64 32 32 65 61 37 65 63 34 38 38
    39 61 3a 30 a6 6d 65 74 68 6f 64 af 74 72 61 6d 65 2e 73 74 61 74 65 2e 67 65 74 a4 61 72 67 73
    90 a6 6b 77 61 72 67 73 80
""")
"""The request for the state, under the message id 0x0a0b0c0d and a client's id of another session."""

STATE_ID = "rpc:ca51a534505334f4ea39d22ea7ec4889a:0"

CLIENT_ID = b"\xa8clientID\xd9\x21c"
ANSWER_HEAD = (
    bytes.fromhex("83 a6 77 73 6c 69 6e 6b a3 31 2e 30 a2 69 64 ab")
    + b"system:c0:0"
    + b"\xa6result\x82"
    + CLIENT_ID
)
ANSWER_TAIL = bytes.fromhex("aa") + b"maxMsgSize" + bytes.fromhex("ce 00 40 00 00")

STATE_ANSWER = {
    "trame__scripts": [],
    "trame__module_scripts": [],
    "trame__styles": [],
    "trame__vue_use": [],
    "trame__react_use": [],
    "trame__mousetrap": [],
    "trame__client_only": ["trame__busy"],
    "trame__busy": 1,
    "trame__favicon": None,
    "trame__title": "Trame",
    "count": 1,
}


def build(server: object) -> None:
    server.state.count = 1  # type: ignore[attr-defined]


async def session(client: Raw) -> None:
    """The two requests."""
    await client.socket.send_bytes(HELLO)
    await client.answer("system:c0:0")
    await client.socket.send_bytes(STATE_GET)
    await client.answer(STATE_ID)


@fact(
    "wire 17",
    "the hello of a stock page is 95 bytes, its answer 107: the same but for message id and client's id",
)
@everywhere
async def test_the_hello(kind: str) -> None:
    assert len(HELLO) == 95
    async with serving(kind, build, name="hexdemo") as wire:
        client = await wire.connect()
        await client.socket.send_bytes(HELLO)
        await client.answer("system:c0:0")
        (frame,) = client.frames
        assert len(frame) == 107
        assert frame[4:12] == bytes.fromhex("00 00 00 00 5f 00 00 00")
        payload = frame[12:]
        assert payload.startswith(ANSWER_HEAD)
        assert payload.endswith(ANSWER_TAIL)
        assert len(payload) == len(ANSWER_HEAD) + 32 + len(ANSWER_TAIL)


@fact(
    "wire 17",
    "the answer to `trame.state.get` unpacks to the name and the eleven keys of an app with one of its own",
)
@everywhere
async def test_the_state(kind: str) -> None:
    assert len(STATE_GET) == 105
    async with serving(kind, build, name="hexdemo") as wire:
        client = await wire.connect()
        await session(client)
        answer = msgpack.unpackb(client.frames[1][12:])
        answer.pop("jt", None)
        # trame-client keeps scripts that apps of this machine registered beside its own code.
        answer["result"]["state"]["trame__module_scripts"] = [
            script
            for script in answer["result"]["state"]["trame__module_scripts"]
            if not script.startswith("__trame_client_external_scripts/")
        ]
        assert answer == {
            "wslink": "1.0",
            "id": STATE_ID,
            "result": {"name": "hexdemo", "state": STATE_ANSWER},
        }


@fact("wire 17", "a later change is `{wslink, id: publish:trame.state.topic:0, result: {count: 2}}`")
@everywhere
async def test_a_change(kind: str) -> None:
    async with serving(kind, build, name="hexdemo") as wire:
        client = await wire.connect()
        await session(client)
        wire.set(count=2)
        await client.until(lambda: client.pushes)
        publication = msgpack.unpackb(client.frames[2][12:])
        publication.pop("jt", None)
        assert publication == {"wslink": "1.0", "id": STATE, "result": {"count": 2}}


@fact(
    "wire 17",
    "what a page sends in its life: hello, the state, `client_connected`, updates and triggers, `client_exited`",
)
@everywhere
async def test_a_whole_session(kind: str) -> None:
    heard: list[str] = []
    async with serving(kind, build, name="hexdemo") as wire:
        for name in ("client_connected", "client_exited"):
            wire.server.controller.add(f"on_{name}")(lambda name=name: heard.append(name))
        wire.server.trigger("more")(lambda: wire.set(count=wire.server.state.count + 1))
        client = await wire.connect()
        await session(client)
        assert await client.call("trame.lifecycle.update", "client_connected") is None
        await client.write(count=5)
        await client.trigger("more")
        assert await client.until(lambda: client.seen("count")) == [6]
        assert await client.call("trame.lifecycle.update", "client_exited") is None
        await client.close()
        assert heard == ["client_connected", "client_exited"]
