"""Files in pieces: what comes in is what the app gets, within bounds."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pytest

from jupyter_trame.protocol import CallEvent, WriteEvent
from jupyter_trame.server import Server
from jupyter_trame.server.uploads import REFERENCE_TYPE, UploadError, Uploads
from jupyter_trame.types import ClientId
from tests.server.support import App

Start = Callable[..., App]

ONE, OTHER = ClientId("c1"), ClientId("c2")


def reference(upload: str) -> msgpack.ExtType:
    return msgpack.ExtType(REFERENCE_TYPE, upload.encode())


def file(upload: str) -> dict[str, Any]:
    """The value of a file as a client writes it."""
    return {"name": "a.bin", "content": reference(upload), "_filter": ["content"]}


def call(*args: Any, client: ClientId = ONE) -> CallEvent:
    return CallEvent(client, "rpc:1", "trame.trigger", list(args), {})


def sent(uploads: Uploads, upload: str, content: bytes, client: ClientId = ONE) -> None:
    """All of `content`, in pieces."""
    uploads.open(client, upload, len(content))
    for offset in range(0, len(content), 3):
        uploads.add(client, upload, offset, content[offset : offset + 3])


def test_the_bytes_take_the_place_of_the_reference() -> None:
    uploads = Uploads(100)
    sent(uploads, "u1", b"0123456789")
    sent(uploads, "u2", b"")
    event = uploads.resolve_call(call("load", [[file("u1")], {"x": file("u2")}, 5]))
    files, named, five = event.args[1]
    assert (files[0]["content"], named["x"]["content"], five) == (b"0123456789", b"", 5)
    assert type(files[0]["content"]) is bytes


def test_a_reference_counts_once_and_for_its_client_alone() -> None:
    uploads = Uploads(100)
    sent(uploads, "u1", b"abc")
    uploads.open(OTHER, "mine", 1)
    for event in (call(reference("u1"), client=OTHER), call(reference("nothing"))):
        with pytest.raises(UploadError, match="not known"):
            uploads.resolve_call(event)
    uploads.resolve_call(call(reference("u1")))
    with pytest.raises(UploadError, match="not known"):
        uploads.resolve_call(call(reference("u1")))


def test_a_write_without_its_upload_loses_only_that_key() -> None:
    uploads = Uploads(100)
    sent(uploads, "u1", b"abc")
    values = {"doc": file("u1"), "lost": file("u7"), "n": 1}
    event = WriteEvent(ONE, 1, None, values, {"n": b"\x01"})
    assert uploads.resolve_write(event) == ["lost"]
    assert event.values["doc"]["content"] == b"abc"
    assert event.values["n"] == 1
    assert "lost" not in event.values


def test_pieces_come_in_order_and_all_of_them() -> None:
    uploads = Uploads(100)
    uploads.open(ONE, "u1", 6)
    uploads.add(ONE, "u1", 0, b"abc")
    with pytest.raises(UploadError, match="3 of 6"):
        uploads.resolve_call(call(reference("u1")))
    uploads.open(ONE, "u2", 6)
    for offset, data in [(3, b"abc"), (0, b"abcdefg")]:
        uploads.open(ONE, "u2", 6)
        with pytest.raises(UploadError, match="do not go on"):
            uploads.add(ONE, "u2", offset, data)
        with pytest.raises(UploadError, match="not known"):
            uploads.add(ONE, "u2", 0, b"a")


def test_what_is_kept_for_a_client_is_bounded() -> None:
    uploads = Uploads(10_000_000)
    with pytest.raises(UploadError, match=r"^big\.bin has 2\.0 GB: a file may have up to 10 MB$"):
        uploads.open(ONE, "u1", 2_000_000_000, "big.bin")
    uploads.open(ONE, "u1", 6_000_000)
    with pytest.raises(UploadError, match="on their way already"):
        uploads.open(ONE, "u2", 6_000_000)
    uploads.open(OTHER, "u2", 6_000_000)  # another client's do not count
    uploads.cancel(ONE, "u1")
    uploads.open(ONE, "u2", 6_000_000)
    uploads.drop(ONE)
    uploads.open(ONE, "u3", 10_000_000)
    for number in range(63):
        uploads.open(OTHER, f"n{number}", 0)
    with pytest.raises(UploadError, match="has to wait"):
        uploads.open(OTHER, "one more", 0)


@pytest.mark.parametrize("args", [[], ["u1"], ["u1", "many"], ["u1", 5, "name", "more"]])
def test_a_call_that_makes_no_sense_is_refused(args: list[Any]) -> None:
    event = CallEvent(ONE, "rpc:1", "jupyter_trame.upload.open", args, {})
    uploads = Uploads(100)
    assert uploads.answers(event)
    assert not uploads.answers(call())
    with pytest.raises(UploadError, match=r"upload\.open"):
        uploads.call(event)


def test_a_client_s_file_reaches_a_listener_and_a_trigger_whole(start: Start) -> None:
    content = os.urandom(200_000)

    async def upload(client: Any, name: str) -> None:
        await client.call("jupyter_trame.upload.open", name, len(content), "a.bin")
        for offset in range(0, len(content), 65536):
            reply = await client.call(
                "jupyter_trame.upload.piece", name, offset, content[offset : offset + 65536]
            )
            assert reply.error is None

    async def scenario() -> None:
        server = Server("app")
        server.state.doc = None
        seen: list[bytes] = []

        @server.change("doc")
        def on_doc(doc: dict[str, Any] | None, **_: Any) -> None:
            seen.append(doc["content"] if doc else b"")

        server.controller.trigger("load")(lambda doc: seen.append(doc["content"]))
        app = start(server)
        author, other = await app.client(), await app.client()
        seen.clear()
        await upload(author, "u1")
        author.write(doc=file("u1"))
        await author.settled()
        await upload(author, "u2")
        assert (await author.trigger("load", file("u2"))).error is None
        assert seen == [content, content]
        await other.until(lambda: other.state["doc"] is not None)
        assert "content" not in other.state["doc"]
        lost = await author.trigger("load", file("u2"))
        assert lost.error is not None
        assert lost.error["code"] == UploadError.code
        server.state.doc = None

    asyncio.run(scenario())


def test_no_file_makes_room_for_others() -> None:
    uploads = Uploads(100)
    with pytest.raises(UploadError, match="cannot have -50 bytes"):
        uploads.open(ONE, "u1", -50)
    uploads.open(ONE, "u2", 100)
    with pytest.raises(UploadError, match="has to wait"):
        uploads.open(ONE, "u3", 1)


@pytest.mark.parametrize(
    "data",
    [
        np.zeros((1, 1_000_000), np.uint8),
        np.zeros(4),
        np.zeros(16, np.uint8)[::2],
        np.array(5, np.uint8),
        "text",
        [1, 2],
        {"a": 1},
        None,
        5,
    ],
    ids=lambda data: type(data).__name__,
)
def test_a_piece_is_bytes(data: Any) -> None:
    uploads = Uploads(100)
    uploads.open(ONE, "u", 10)
    with pytest.raises(UploadError, match="a piece is bytes"):
        uploads.add(ONE, "u", 0, data)
    uploads.add(ONE, "u", 0, np.zeros(10, np.uint8))


@pytest.mark.parametrize("size", [True, 1.5, float("nan"), "5", np.int64(5), None])
def test_a_size_is_a_number_of_bytes(size: Any) -> None:
    with pytest.raises(UploadError, match="number of bytes"):
        Uploads(100).open(ONE, "u", size)


@pytest.mark.parametrize(("upload", "name"), [("x" * 201, "n"), (5, "n"), ([1], "n"), ("u", 5)])
def test_ids_and_names_are_short_texts(upload: Any, name: Any) -> None:
    with pytest.raises(UploadError, match="a text"):
        Uploads(100).open(ONE, upload, 5, name)
    with pytest.raises(UploadError) as refused:
        Uploads(100).open(ONE, "u", 500, "n" * 1_000_000)
    assert len(str(refused.value)) < 400
