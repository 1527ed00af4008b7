"""Files in pieces: what comes in is what the app gets, within bounds."""

import asyncio
import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack
import numpy as np
import pytest

from jupyter_trame.protocol import CallEvent, WriteEvent
from jupyter_trame.rpc.upload_folder import StoredFile, UploadError, UploadFolder
from jupyter_trame.rpc.uploaded_file import UploadedFile
from jupyter_trame.rpc.uploads import REFERENCE_TYPE, Uploads
from jupyter_trame.server import Server
from jupyter_trame.types import ClientId
from tests.support.servers import App, turn, uploads_of

Start = Callable[..., App]

ONE, OTHER, THREE = ClientId("c1"), ClientId("c2"), ClientId("c3")


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
    uploads = Uploads(100, None)
    sent(uploads, "u1", b"0123456789")
    sent(uploads, "u2", b"")
    event = uploads.resolve_call(call("load", [[file("u1")], {"x": file("u2")}, 5]))
    files, named, five = event.args[1]
    assert (files[0]["content"], named["x"]["content"], five) == (b"0123456789", b"", 5)
    assert type(files[0]["content"]) is bytes


def test_a_reference_counts_once_and_for_its_client_alone() -> None:
    uploads = Uploads(100, None)
    sent(uploads, "u1", b"abc")
    uploads.open(OTHER, "mine", 1)
    for event in (call(reference("u1"), client=OTHER), call(reference("nothing"))):
        with pytest.raises(UploadError, match="not known"):
            uploads.resolve_call(event)
    uploads.resolve_call(call(reference("u1")))
    with pytest.raises(UploadError, match="not known"):
        uploads.resolve_call(call(reference("u1")))


def test_a_write_without_its_upload_loses_only_that_key() -> None:
    uploads = Uploads(100, None)
    sent(uploads, "u1", b"abc")
    values = {"doc": file("u1"), "lost": file("u7"), "n": 1}
    event = WriteEvent(ONE, 1, None, values, {"n": b"\x01"})
    assert uploads.resolve_write(event) == ["lost"]
    assert event.values["doc"]["content"] == b"abc"
    assert event.values["n"] == 1
    assert "lost" not in event.values


def test_pieces_come_in_order_and_all_of_them() -> None:
    uploads = Uploads(100, None)
    uploads.open(ONE, "u1", 6)
    uploads.add(ONE, "u1", 0, b"abc")
    with pytest.raises(UploadError, match="3 of 6"):
        uploads.resolve_call(call(reference("u1")))
    for offset, data in [(-1, b"abc"), ("1", b"abc"), (0, b"abcdefg"), (1, b"abcdef"), (True, b"a")]:
        uploads.open(ONE, "u2", 6)
        with pytest.raises(UploadError, match="do not go on"):
            uploads.add(ONE, "u2", offset, data)  # type: ignore[arg-type]
        with pytest.raises(UploadError, match="not known"):
            uploads.add(ONE, "u2", 0, b"a")


def test_a_piece_behind_one_that_was_refused_may_be_sent_again() -> None:
    uploads = Uploads(100, None)
    uploads.open(ONE, "u1", 6)
    uploads.add(ONE, "u1", 0, b"ab")
    with pytest.raises(UploadError, match="2 bytes at 4 do not go on at 2 of 6"):
        uploads.add(ONE, "u1", 4, b"ef")
    uploads.add(ONE, "u1", 2, b"cd")
    uploads.add(ONE, "u1", 4, b"ef")
    assert uploads.resolve_call(call(reference("u1"))).args == [b"abcdef"]


def test_what_is_kept_for_a_client_is_bounded() -> None:
    uploads = Uploads(10_000_000, None)
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
    uploads = Uploads(100, None)
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
    uploads = Uploads(100, None)
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
    uploads = Uploads(100, None)
    uploads.open(ONE, "u", 10)
    with pytest.raises(UploadError, match="a piece is bytes"):
        uploads.add(ONE, "u", 0, data)
    uploads.add(ONE, "u", 0, np.zeros(10, np.uint8))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [True, 1.5, float("nan"), "5", np.int64(5), None])
def test_a_size_is_a_number_of_bytes(size: Any) -> None:
    with pytest.raises(UploadError, match="number of bytes"):
        Uploads(100, None).open(ONE, "u", size)


@pytest.mark.parametrize(("upload", "name"), [("x" * 201, "n"), (5, "n"), ([1], "n"), ("u", 5)])
def test_ids_and_names_are_short_texts(upload: Any, name: Any) -> None:
    with pytest.raises(UploadError, match="a text"):
        Uploads(100, None).open(ONE, upload, 5, name)
    with pytest.raises(UploadError) as refused:
        Uploads(100, None).open(ONE, "u", 500, "n" * 1_000_000)
    assert len(str(refused.value)) < 400


# -- on disk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UploadFolder:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return UploadFolder(1_000_000)


def files(tmp_path: Path) -> list[Path]:
    """What lies in the folders of uploads."""
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_apps_get_a_file(folder: UploadFolder, tmp_path: Path) -> None:
    uploads = Uploads(100, folder)
    sent(uploads, "u1", b"0123456789")
    event = WriteEvent(ONE, 1, None, {"doc": file("u1") | {"type": "text/csv", "lastModified": 5}}, {})
    assert uploads.resolve_write(event) == []
    doc = event.values.pop("doc")
    assert isinstance(doc, UploadedFile)
    assert (doc.name, doc.size, doc.type, doc.read()) == ("a.bin", 10, "text/csv", b"0123456789")
    assert doc["lastModified"] == 5
    assert files(tmp_path) == [doc.path]
    del doc
    assert files(tmp_path) == []
    assert folder.used == 0


def test_who_opens_files_and_sends_nothing_keeps_nobody_out(folder: UploadFolder, tmp_path: Path) -> None:
    uploads = Uploads(500_000, folder, silence=0)
    uploads.open(ONE, "silent", 500_000)
    uploads.open(OTHER, "sends", 500_000)
    uploads.add(OTHER, "sends", 0, b"x")
    uploads.open(ONE, "next", 0)
    uploads.open(THREE, "later", 500_000)
    with pytest.raises(UploadError, match="paused while others needed its place"):
        uploads.add(ONE, "silent", 0, b"x")
    uploads.add(OTHER, "sends", 1, b"x")
    assert folder.used == 1_000_000
    assert len(files(tmp_path)) == 3


class Clock:
    """What uploads read of the time, in seconds."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("jupyter_trame.rpc.uploads.time", clock)
    return clock


def test_a_file_that_is_there_waits_for_the_cell_behind_which_its_write_waits(
    folder: UploadFolder, clock: Clock
) -> None:
    uploads = Uploads(1_000_000, folder)
    sent(uploads, "whole", bytes(600_000))
    clock.now += 599
    with pytest.raises(UploadError, match="is the most"):
        uploads.open(OTHER, "next", 600_000)
    clock.now += 1
    uploads.open(OTHER, "next", 600_000)


def test_nobody_makes_room_for_a_file_that_has_none_then_either(folder: UploadFolder) -> None:
    uploads = Uploads(2_000_000, folder, silence=0)
    uploads.open(ONE, "a", 400_000)
    uploads.open(ONE, "b", 500_000)
    with pytest.raises(UploadError, match="is the most"):
        uploads.open(OTHER, "large", 1_500_000)
    uploads.add(ONE, "a", 0, b"x")
    uploads.open(OTHER, "fits", 400_000)
    with pytest.raises(UploadError, match="paused"):
        uploads.add(ONE, "a", 1, b"x")
    uploads.add(ONE, "b", 0, b"x")


def test_pieces_without_a_byte_keep_no_place(folder: UploadFolder, clock: Clock) -> None:
    uploads = Uploads(1_000_000, folder)
    uploads.open(ONE, "a", 1_000_000)
    uploads.add(ONE, "a", 0, bytes(10_000))
    for piece in (b"", b"x"):
        clock.now += 40
        uploads.add(ONE, "a", uploads._known(ONE, "a").received, piece)
    uploads.open(OTHER, "b", 1_000_000)


def test_who_paused_for_a_moment_keeps_the_place(folder: UploadFolder, clock: Clock) -> None:
    uploads = Uploads(500_000, folder)
    uploads.open(ONE, "a", 500_000)
    uploads.open(OTHER, "b", 500_000)
    clock.now += 59
    uploads.add(ONE, "a", 0, bytes(5000))
    uploads.add(OTHER, "b", 0, bytes(5000))
    clock.now += 59
    with pytest.raises(UploadError, match="is the most"):
        uploads.open(THREE, "c", 1)
    uploads.add(OTHER, "b", 5000, bytes(5000))
    clock.now += 1
    uploads.open(THREE, "c", 1)
    uploads.add(OTHER, "b", 10_000, b"x")
    with pytest.raises(UploadError, match="paused"):
        uploads.add(ONE, "a", 5000, b"x")


def test_a_small_file_is_the_same_object(folder: UploadFolder, tmp_path: Path) -> None:
    uploads = Uploads(100, folder)
    small = {"name": "s.txt", "size": 3, "content": b"abc", "error": None, "_filter": ["content"]}
    unreadable = small | {"content": None, "error": "NotFoundError"}
    event = uploads.resolve_call(call("load", [[small, small], {"x": [small]}, unreadable, [1, 2.5, "a"]]))
    (one, two), named, lost, plain = event.args[1]
    for found in (one, two, named["x"][0]):
        assert isinstance(found, UploadedFile)
        assert found.read() == b"abc"
    assert plain == [1, 2.5, "a"]
    assert lost["content"] is None
    with pytest.raises(UploadError, match=r"'s\.txt' could not be read in the browser: NotFoundError"):
        lost.read()
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "value",
    [
        {"name": "a", "content": b"x"},
        {"name": "a", "content": "text", "_filter": ["content"]},
        {"name": "a", "other": b"x", "_filter": ["content"]},
        {"name": "a", "content": b"x", "_filter": ["content", "name"]},
        {"content": b"x", "_filter": ["content"]},
        {"name": "a", "content": b"x", "_filter": "content"},
    ],
)
def test_what_is_no_file_stays_as_it_is(value: dict[str, Any], folder: UploadFolder) -> None:
    assert Uploads(100, folder).resolve_call(call(value)).args == [value]


def test_with_trames_manners_a_small_file_stays_a_dict() -> None:
    uploads = Uploads(100, None)
    small = {"name": "s.txt", "size": 3, "content": b"abc", "_filter": ["content"]}
    assert uploads.resolve_call(call(small)).args == [small]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *(("../../etc/passwd", "passwd"), ("a/b", "b"), ("C:\\a\\b.txt", "b.txt"), ("a/..", ""), ("..", "")),
        *(("nul\0nul", "nul\0nul"), ("new\nline", "new\nline"), ("n" * 10_000, "n" * 10_000)),
        *(("", ""), ("\ud800", "\ud800"), ("..a", "..a")),
    ],
)
def test_no_name_becomes_a_path(name: str, shown: str, folder: UploadFolder, tmp_path: Path) -> None:
    uploads = Uploads(100, folder)
    docs = []
    for client in (ONE, OTHER):
        uploads.open(client, "u1", 3, name)
        uploads.add(client, "u1", 0, b"abc")
        docs.append(uploads.resolve_call(call(file("u1") | {"name": name}, client=client)).args[0])
    assert [doc.name for doc in docs] == [shown, shown]
    assert docs[0]["name"] == name, "as the client says"
    paths = {doc.path for doc in docs}
    assert len(paths) == 2
    for path in paths:
        assert path.parent.parent == tmp_path
        assert len(path.name) < 50
        assert path.name.isalnum()
    assert set(files(tmp_path)) == paths


def test_what_is_given_up_leaves_no_file(folder: UploadFolder, tmp_path: Path) -> None:
    uploads = Uploads(100, folder)

    def begin() -> None:
        uploads.open(ONE, "u1", 6)
        uploads.add(ONE, "u1", 0, b"abc")
        assert len(files(tmp_path)) == 1

    def none_is_left() -> None:
        done = threading.Event()
        uploads.run(done.set)
        assert done.wait(30)
        assert files(tmp_path) == []
        assert folder.used == 0

    begin()
    uploads.cancel(ONE, "u1")
    none_is_left()
    begin()
    uploads.drop(ONE)
    none_is_left()
    begin()
    uploads.close()
    none_is_left()
    begin()
    with pytest.raises(UploadError, match="do not go on"):
        uploads.add(ONE, "u1", 0, b"abc")
    none_is_left()
    begin()
    with pytest.raises(UploadError, match="3 of 6"):
        uploads.resolve_call(call(reference("u1")))
    none_is_left()
    begin()
    uploads.open(ONE, "u1", 2)
    assert [path.stat().st_size for path in files(tmp_path)] == [0]
    uploads.cancel(ONE, "u1")
    none_is_left()


def test_beyond_the_quota_a_file_is_refused_until_others_are_gone(
    folder: UploadFolder, tmp_path: Path
) -> None:
    uploads = Uploads(2_000_000, folder)
    uploads.open(ONE, "u1", 700_000)
    with pytest.raises(
        UploadError, match=r"^b\.bin has 400 KB: the server keeps files of 700 KB already, and 1 MB is"
    ):
        uploads.open(OTHER, "u2", 400_000, "b.bin")
    assert len(files(tmp_path)) == 1
    uploads.cancel(ONE, "u1")
    uploads.open(OTHER, "u2", 400_000, "b.bin")


def test_a_full_disk_ends_the_upload_and_nothing_else(
    folder: UploadFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    uploads = Uploads(100, folder)
    uploads.open(ONE, "u1", 6, "a.bin")
    sent(uploads, "other", b"abc")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path))

    with monkeypatch.context() as patched:
        patched.setattr(StoredFile, "append", full)
        with pytest.raises(UploadError, match=r"^a\.bin cannot be kept: No space left on device$"):
            uploads.add(ONE, "u1", 0, b"abc")
    assert str(tmp_path) in caplog.text
    with pytest.raises(UploadError, match="not known"):
        uploads.add(ONE, "u1", 0, b"abc")
    assert len(files(tmp_path)) == 1
    assert uploads.resolve_call(call(reference("other"))).args[0].read() == b"abc"


def test_a_file_that_the_disk_has_no_room_for_is_refused_before_a_byte_of_it_comes(
    folder: UploadFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads(100, folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5))
    with pytest.raises(UploadError, match=r"^a\.bin cannot be kept: No space left on device$"):
        uploads.open(ONE, "u1", 6, "a.bin")
    assert folder.used == 0
    uploads.open(ONE, "u1", 5, "a.bin")


def test_a_folder_that_cannot_be_made_refuses_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    folder = UploadFolder(100)
    uploads = Uploads(100, folder)
    with pytest.raises(UploadError, match=r"^a\.bin cannot be kept: No such file or directory$"):
        uploads.open(ONE, "u1", 3, "a.bin")
    assert folder.used == 0
    (tmp_path / "missing").mkdir()
    sent(uploads, "u1", b"abc")


def test_a_refused_file_is_told_to_its_client_and_to_the_log(
    start: Start, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def scenario() -> None:
        server = Server("app", upload_quota=1000)
        server.controller.trigger("load")(lambda doc: doc.size)
        app = start(server)
        client = await app.client()
        refused = await client.call("jupyter_trame.upload.open", "u1", 2000, "big\n.bin")
        assert refused.error is not None
        assert refused.error["code"] == UploadError.code
        assert "and 1 KB is the most" in refused.error["message"]
        assert "big\\n.bin has 2 KB" in caplog.text
        assert (await client.call("jupyter_trame.upload.open", "u1", 3, "a.bin")).error is None
        assert (await client.call("jupyter_trame.upload.piece", "u1", 0, b"abc")).error is None
        assert (await client.trigger("load", file("u1"))).result == 3
        assert files(tmp_path) == []

    asyncio.run(scenario())


def test_a_state_holds_its_file_until_another_value_comes(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def scenario() -> None:
        server = Server("app")
        server.state.docs = []
        seen: list[bytes] = []
        server.change("docs")(lambda docs, **_: seen.extend(doc.path.read_bytes() for doc in docs))
        app = start(server)
        author, other = await app.client(), await app.client()
        for upload, content in [("u1", b"one"), ("u2", b"two")]:
            await author.call("jupyter_trame.upload.open", upload, 3, "a.bin")
            await author.call("jupyter_trame.upload.piece", upload, 0, content)
            author.write(docs=[file(upload)])
            await author.settled()
            assert [path.read_bytes() for path in files(tmp_path)] == [content]
        assert seen == [b"one", b"two"]
        await other.until(lambda: other.state["docs"] != [])
        assert other.state["docs"] == [{"name": "a.bin", "_filter": ["content"]}]
        server.state.docs = []
        server.state.flush()
        assert files(tmp_path) == []

    asyncio.run(scenario())


@pytest.mark.parametrize("end", ["leaves", "stop"])
def test_an_upload_ends_with_its_client_and_its_server(
    end: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def scenario() -> None:
        server = Server("app")
        app = start(server)
        client, other = await app.client(), await app.client()
        for upload in (client, other):
            await upload.call("jupyter_trame.upload.open", "u1", 6, "a.bin")
            await upload.call("jupyter_trame.upload.piece", "u1", 0, b"abc")
        assert len(files(tmp_path)) == 2
        if end == "stop":
            await server.stop()
        else:
            client.leave()
        await turn()
        written, loop = asyncio.Event(), asyncio.get_running_loop()
        uploads_of(server).run(lambda: loop.call_soon_threadsafe(written.set))
        await written.wait()
        assert len(files(tmp_path)) == (1 if end == "leaves" else 0)

    asyncio.run(scenario())


def test_what_is_nested_too_deeply_for_a_file_is_left_as_it_is() -> None:
    """Or a kilobyte of brackets costs its call the answer, and its write the settlement."""
    uploads = Uploads(1000, None)
    uploads.open(ONE, "u1", 1)
    nested: Any = 1
    for _ in range(900):
        nested = [nested]
    assert uploads.resolve_call(call(nested)).args == [nested]
    event = WriteEvent(ONE, 1, None, {"x": nested}, {})
    assert uploads.resolve_write(event) == []
    assert event.values["x"] is not None
