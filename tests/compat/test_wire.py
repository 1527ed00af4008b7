"""What programs import of wslink's insides."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import msgpack
import pytest

from jupyter_trame.compat.wire import (
    EventEmitter,
    PublishManager,
    UnChunker,
    check_uri,
    generate_chunks,
    generate_ssl_pair,
    load_ssl_context,
)
from jupyter_trame.errors import OversizeError


@pytest.mark.parametrize(("size", "frames"), [(14, 2), (0, 1)])
def test_chunks_are_taken_apart_and_joined(size: int, frames: int) -> None:
    chunks = list(generate_chunks(msgpack.packb({"a": 1}), size))
    assert len(chunks) == frames
    joined = UnChunker()
    assert [joined.process_chunk(chunk) for chunk in chunks] == [None] * (frames - 1) + [{"a": 1}]


def test_the_way_back_takes_hellos_until_it_is_told_otherwise() -> None:
    (chunk,) = generate_chunks(msgpack.packb("x" * 1000), 0)
    joined = UnChunker()
    with pytest.raises(OversizeError):
        joined.process_chunk(chunk)
    joined.set_max_message_size(2000)
    assert joined.process_chunk(chunk) == "x" * 1000
    first, *_ = generate_chunks(msgpack.packb("x" * 100), 20)
    assert joined.process_chunk(first) is None
    joined.release_pending_messages()
    assert joined.process_chunk(first) is None


@pytest.mark.parametrize("uri", ["A", "a..b", "", "a.B"])
def test_names_of_methods(uri: str) -> None:
    assert check_uri("vtk.view_1") == "vtk.view_1"
    with pytest.raises(ValueError, match="invalid URI"):
        check_uri(uri)


def test_events() -> None:
    async def scenario() -> None:
        emitter, heard = EventEmitter(["a"]), list[Any]()

        async def later(value: int) -> None:
            heard.append(("later", value))

        emitter.add_event_listener("a", heard.append)
        emitter.add_event_listener("a", later)
        assert (emitter.has("a"), emitter.listeners_count("a")) == (True, 2)
        emitter.a(1)  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        assert heard == [1, ("later", 1)]
        emitter.remove_event_listener("a", heard.append)
        emitter.clear()
        assert not emitter.has("a")
        with pytest.raises(ValueError, match="not a known event"):
            emitter.emit("b")

    asyncio.run(scenario())


def test_publications() -> None:
    class Protocol:
        def publish(self, *args: Any) -> None:
            sent.append(args)

    sent: list[Any] = []
    manager, protocol = PublishManager(), Protocol()
    assert manager.addAttachment(b"x") == b"x"
    manager.registerProtocol(protocol)
    manager.registerProtocol(protocol)
    manager.publish("topic", 1)
    manager.unregisterProtocol(protocol)
    manager.unregisterProtocol(protocol)
    manager.publish("topic", 2)
    assert sent == [("topic", 1, None, False)]


def test_certificates() -> None:
    pytest.importorskip("cryptography")
    files = generate_ssl_pair("localhost")
    try:
        assert isinstance(load_ssl_context(*files), ssl.SSLContext)
        assert all(Path(file).stat().st_mode & 0o077 == 0 for file in files)
    finally:
        for file in files:
            Path(file).unlink()
