"""Who may link to a kernel."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.kernel import links as hubs
from jupyter_trame.kernel import next_life
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.kernel.links import KernelLinks
from jupyter_trame.kernel.output import Output
from jupyter_trame.protocol import Limits, LinkOp, Primary
from jupyter_trame.protocol.handshake import NONCE_SIZE, Application, prove
from jupyter_trame.protocol.link import (
    Challenge,
    ClientOpened,
    Commit,
    Join,
    Parcel,
    Proof,
    Settle,
    Snapshot,
    Stopped,
    Vacant,
    Write,
)
from jupyter_trame.protocol.packing import pack
from jupyter_trame.system.ownership import NotOursError
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.listener import LinkListener, connect
from jupyter_trame.transports.rendezvous import Record, read_record, record_path
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.types import ClientId, Epoch
from tests.kernel.support import TIMEOUT


def make_primary(epoch: str = "e1") -> Primary:
    return Primary(
        name="app",
        slug="app",
        title="App",
        epoch=Epoch(epoch),
        on_event=lambda _: None,
        on_unpackable=lambda _: None,
    )


@pytest.fixture
def links(tmp_path: Path) -> Iterator[KernelLinks]:
    tmp_path.chmod(0o700)
    loop = asyncio.new_event_loop()
    environment = KernelEnvironment(None, loop, 0, tmp_path / "kernel-k.json")
    links = KernelLinks(environment, InterruptGuard(None, loop))
    yield links
    links.close()
    loop.close()


class Peer:
    """One end of a link."""

    def __init__(self) -> None:
        self.ops: list[LinkOp] = []
        self.closed: str | None = None
        self._news = asyncio.Event()

    async def join(self, record: Record, slug: str = "app") -> "Peer":
        return self._use(await join(record, slug, "r"))

    async def connect(self, record: Record) -> "Peer":
        """Without a word as yet."""
        return self._use(await connect(record.address))

    def _use(self, sock: socket.socket) -> "Peer":
        loop = asyncio.get_running_loop()
        self.link = StreamLink(sock, loop, on_ops=self.on_ops, on_closed=self.on_closed)
        return self

    def on_ops(self, ops: list[LinkOp]) -> None:
        self.ops += ops
        self._news.set()

    def on_closed(self, reason: str) -> None:
        self.closed = reason
        self._news.set()

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(TIMEOUT):
            while not (found := condition()):
                self._news.clear()
                await self._news.wait()
        return found

    async def op(self, kind: type[LinkOp]) -> LinkOp:
        found: list[LinkOp] = await self.until(lambda: [op for op in self.ops if isinstance(op, kind)])
        return found[-1]

    async def end(self) -> None:
        await self.until(lambda: self.closed is not None)

    async def shut(self) -> None:
        self.link.close()
        await self.end()


def test_the_record_follows_the_servers(links: KernelLinks, tmp_path: Path) -> None:
    path = record_path(tmp_path / "kernel-k.json")
    primary = make_primary()
    links.publish("app", primary)
    record = read_record(path)
    assert record is not None
    assert [(entry.slug, entry.title, entry.epoch) for entry in record.servers] == [("app", "App", "e1")]
    primary.info["title"] = "New"
    links.refresh_record()
    links.withdraw("app", make_primary("another"), replaced=False)
    record = read_record(path)
    assert record is not None
    assert record.servers[0].title == "New"
    links.withdraw("app", primary, replaced=False)
    assert not path.exists()


def test_who_knows_the_secret_gets_the_state_and_the_next_life(links: KernelLinks, tmp_path: Path) -> None:
    async def scenario() -> None:
        first, second = make_primary("e1"), make_primary("e2")
        first.commit({"x": 1})
        links.publish("app", first)
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        peer = await Peer().join(record)
        snapshot = await peer.op(Snapshot)
        assert isinstance(snapshot, Snapshot)
        assert (snapshot.epoch, [key for key, _, _ in snapshot.values]) == ("e1", ["x"])
        first.commit({"x": 2})
        await peer.op(Commit)
        links.withdraw("app", first, replaced=True)
        peer.link.send(ClientOpened(ClientId("c1"), native=True))
        links.publish("app", second)
        await peer.until(lambda: [op.epoch for op in peer.ops if isinstance(op, Snapshot)] == ["e1", "e2"])
        second.stop(1001, "end")
        links.withdraw("app", second, replaced=False)
        await peer.op(Stopped)
        await peer.end()

    asyncio.run(scenario())


def test_a_record_that_cannot_be_written_costs_the_pages_of_their_own_and_no_more(
    links: KernelLinks, tmp_path: Path
) -> None:
    """In a folder where all users write, another one may have taken the name: nobody can replace that."""
    path = record_path(tmp_path / "kernel-k.json")
    path.mkdir()
    primary = make_primary()
    with pytest.warns(
        RuntimeWarning, match=f"record {path} cannot be written: Is a directory.*JUPYTER_RUNTIME_DIR"
    ):
        links.publish("app", primary)
    assert links._endpoints["app"].primary is primary
    links.refresh_record()
    links.publish("app", make_primary("e2"))  # without another warning, which would be an error here
    path.rmdir()
    links.publish("app", make_primary("e3"))
    record = read_record(path)
    assert record is not None
    assert [entry.epoch for entry in record.servers] == ["e3"]


def test_a_listener_that_cannot_be_made_neither(
    links: KernelLinks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, on_loopback: object) -> LinkListener:
        raise OSError(errno.EADDRNOTAVAIL, "/a: No space left on device; 127.0.0.1: Permission denied")

    monkeypatch.setattr(hubs, "listen", refuse)
    primary = make_primary()
    with pytest.warns(
        RuntimeWarning, match=r"no place to listen at: /a: No space.*have no page of their own"
    ):
        links.publish("app", primary)
    assert links._endpoints["app"].primary is primary
    links.withdraw("app", primary, replaced=False)


def test_a_record_that_cannot_be_renewed_is_told_once(
    links: KernelLinks, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody runs a cell then, so the log says it."""
    path = record_path(tmp_path / "kernel-k.json")
    links.publish("app", make_primary())
    path.unlink()
    path.mkdir()
    for _ in range(3):
        links.refresh_record()
    links.withdraw("other", make_primary(), replaced=False)  # when it returns, those are done
    (said,) = (line.getMessage() for line in caplog.records if line.levelno >= logging.WARNING)
    assert f"{path} cannot be written: Is a directory" in said


def test_over_loopback_both_ends_prove_the_secret(
    links: KernelLinks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "listen", lambda *_: LinkListener("tcp:127.0.0.1:0"))

    async def scenario() -> None:
        primary = make_primary()
        primary.commit({"x": 1})
        links.publish("app", primary)
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        assert record.address.startswith("tcp:127.0.0.1:")
        with pytest.raises(NotOursError):
            await join(replace(record, secret="another"), "app", "r")
        peer = await Peer().join(record)
        snapshot = await peer.op(Snapshot)
        assert isinstance(snapshot, Snapshot)
        assert [key for key, _, _ in snapshot.values] == ["x"]
        await peer.shut()

    asyncio.run(scenario())


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_UNSAID", "_QUIET_TIMEOUT", "_STEP"):
        monkeypatch.setattr(next_life, name, 0.01)


def test_a_next_life_that_does_not_come_leaves_the_record(
    links: KernelLinks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    path = record_path(tmp_path / "kernel-k.json")

    async def scenario() -> None:
        first = make_primary("e1")
        links.publish("app", first)
        record = read_record(path)
        assert record is not None
        peer = await Peer().join(record)
        await peer.op(Snapshot)
        links.withdraw("app", first, replaced=True)
        said = [next_life.BEING_STARTED, next_life.NOT_RUNNING]
        await peer.until(lambda: [op.reason for op in peer.ops if isinstance(op, Vacant)] == said)
        assert not path.exists()
        links.publish("app", make_primary("e2"))
        assert path.exists()
        await peer.until(lambda: [op.epoch for op in peer.ops if isinstance(op, Snapshot)] == ["e1", "e2"])
        assert peer.closed is None
        await peer.shut()

    asyncio.run(scenario())


def test_while_a_cell_runs_the_next_life_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    tmp_path.chmod(0o700)
    loop = asyncio.new_event_loop()
    looks: list[None] = []

    class Hook:
        @property
        def exec_result(self) -> object:
            looks.append(None)
            return object()

    kernel = SimpleNamespace(shell=SimpleNamespace(displayhook=Hook()))
    links = KernelLinks(
        KernelEnvironment(kernel, loop, 0, tmp_path / "kernel-k.json"), InterruptGuard(None, loop)
    )

    async def scenario() -> None:
        first, second, third = (make_primary(f"e{number}") for number in range(3))
        links.publish("app", first)
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        peer = await Peer().join(record)
        links.withdraw("app", first, replaced=True)
        links.publish("app", second)  # a cell that runs again at once
        links.withdraw("app", second, replaced=True)
        await peer.until(lambda: [op for op in peer.ops if isinstance(op, Vacant)])
        late = await Peer().join(record)
        assert await late.op(Vacant) == Vacant(next_life.BEING_STARTED)
        asked = len(looks)
        while len(looks) < asked + 5:  # noqa: ASYNC110 - the links looks on a thread of its own
            await asyncio.sleep(0)
        links.publish("app", third)
        for one in (peer, late):
            await one.until(
                lambda one=one: any(isinstance(op, Snapshot) and op.epoch == "e2" for op in one.ops)
            )
            assert [op.reason for op in one.ops if isinstance(op, Vacant)] == [next_life.BEING_STARTED]
            assert one.closed is None
            await one.shut()

    try:
        asyncio.run(scenario())
    finally:
        links.close()
        loop.close()


def check_refused(
    links: KernelLinks, tmp_path: Path, *answers: Callable[[Record, Join, list[LinkOp]], LinkOp]
) -> list[LinkOp]:
    """Send what `answers` make of the kernel's operations so far; it must hang up, and say no more than it has to."""
    received: list[LinkOp] = []

    async def scenario() -> None:
        links.publish("app", make_primary())
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        begin = Join("r", "app", os.urandom(NONCE_SIZE))
        peer = await Peer().connect(record)
        for number, answer in enumerate(answers):
            await peer.until(lambda number=number: len(peer.ops) >= number)
            peer.link.send(answer(record, begin, peer.ops))
        await peer.end()
        assert record.secret.encode() not in b"".join(
            op.proof for op in peer.ops if isinstance(op, Challenge)
        )
        received.extend(peer.ops)

    asyncio.run(scenario())
    return received


def challenge(ops: list[LinkOp]) -> Challenge:
    (op,) = ops
    assert isinstance(op, Challenge)
    return op


@pytest.mark.parametrize(
    "proof",
    [
        lambda record, begin, op: Proof(b""),
        lambda record, begin, op: Proof(bytes(32)),
        lambda record, begin, op: Proof(op.proof),  # the kernel's own, sent back
        lambda record, begin, op: Proof(record.secret),  # no bytes
        lambda record, begin, op: Application("another", begin).answer(
            Challenge(op.nonce, prove("another", "kernel", begin, op.nonce))
        ),
        lambda record, begin, op: begin,
        lambda record, begin, op: ClientOpened(ClientId("c"), native=True),
    ],
)
def test_who_does_not_know_the_secret_is_turned_away(
    links: KernelLinks,
    tmp_path: Path,
    proof: Callable[[Record, Join, Challenge], LinkOp],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ops = check_refused(
        links,
        tmp_path,
        lambda record, begin, ops: begin,
        lambda record, begin, ops: proof(record, begin, challenge(ops)),
    )
    assert [type(op) for op in ops] == [Challenge]
    assert "a link is dropped" in caplog.text


@pytest.mark.parametrize(
    "op",
    [
        ClientOpened(ClientId("c"), native=True),
        Proof(bytes(32)),
        Join("r", "app", bytes(32), version=99),
        Join("r", "app", b"short"),
        Join("r", 7, bytes(32)),  # type: ignore[arg-type]
    ],
)
def test_a_link_begins_with_a_join_of_this_version(links: KernelLinks, tmp_path: Path, op: LinkOp) -> None:
    assert check_refused(links, tmp_path, lambda record, begin, ops: op) == []


def test_a_server_that_does_not_run_is_not_joined(links: KernelLinks, tmp_path: Path) -> None:
    async def scenario() -> None:
        links.publish("app", make_primary())
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        peer = await Peer().join(record, "other")
        await peer.end()
        assert not peer.ops

    asyncio.run(scenario())


def test_without_a_connection_file_there_is_no_socket(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    links = KernelLinks(KernelEnvironment(None, loop, 0, None), InterruptGuard(None, loop))
    assert links.kernel_id == ""
    links.publish("app", make_primary())
    assert links._listener is None
    assert list(tmp_path.iterdir()) == []
    links.close()
    loop.close()


def test_only_who_has_joined_may_send_large_frames(links: KernelLinks, tmp_path: Path) -> None:
    async def scenario() -> None:
        links.publish("app", make_primary())
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        stranger = await connect(record.address)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(stranger, (1 << 31).to_bytes(4, "little"))
        async with asyncio.timeout(TIMEOUT):
            assert await loop.sock_recv(stranger, 1) == b""
        stranger.close()
        peer = await Peer().join(record)
        await peer.op(Snapshot)
        peer.link.send(Write(ClientId("c"), 1, None, [("x", pack(bytes(1 << 20)))]))
        assert await peer.op(Settle) == Settle(ClientId("c"), 1, 0)
        await peer.shut()

    asyncio.run(scenario())


@pytest.fixture
def strict_hub(tmp_path: Path) -> Iterator[KernelLinks]:
    """A links with little patience."""
    tmp_path.chmod(0o700)
    loop = asyncio.new_event_loop()
    environment = KernelEnvironment(None, loop, 0, tmp_path / "kernel-k.json")
    links = KernelLinks(
        environment, InterruptGuard(None, loop), limits=Limits(hello_wait=0.1, unjoined_links=3)
    )
    yield links
    links.close()
    loop.close()


@pytest.mark.parametrize("said", [b"", b"\x10", b"\x10\0\0\0\x08\0\0\0"], ids=["nothing", "byte", "header"])
def test_who_proves_nothing_is_given_up(strict_hub: KernelLinks, tmp_path: Path, said: bytes) -> None:
    async def scenario() -> None:
        strict_hub.publish("app", make_primary())
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        silent = await connect(record.address)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(silent, said)
        async with asyncio.timeout(TIMEOUT):
            with contextlib.suppress(ConnectionError):
                assert await loop.sock_recv(silent, 1) == b""
        silent.close()

    asyncio.run(scenario())


def test_the_oldest_that_proves_nothing_makes_room(links: KernelLinks, tmp_path: Path) -> None:
    async def scenario() -> None:
        links.publish("app", make_primary())
        record = read_record(record_path(tmp_path / "kernel-k.json"))
        assert record is not None
        most = Limits().unjoined_links
        silent = [await connect(record.address) for _ in range(most + 8)]
        peer = await Peer().join(record)
        await peer.op(Snapshot)
        assert len(links._strangers) <= most
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(TIMEOUT / 2):
            for sock in silent[:8]:
                with contextlib.suppress(ConnectionError):
                    assert await loop.sock_recv(sock, 1) == b""
        await peer.shut()
        for sock in silent:
            sock.close()

    asyncio.run(scenario())


class EchoService:
    """Sends back what it is sent."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []

    def add(self, output: Output) -> None:
        self.outputs.append(output)

    def receive(self, output: Output, op: LinkOp) -> None:
        output.send(op)

    def remove(self, output: Output) -> None:
        self.outputs.remove(output)

    def drained(self, output: Output) -> None:
        """Nothing waits for it."""


def test_a_service_beside_the_servers(links: KernelLinks, tmp_path: Path) -> None:
    """It is in the record without a server, and its links carry what it says."""

    async def scenario() -> None:
        path = record_path(tmp_path / "kernel-k.json")
        service = EchoService()
        links.offer("some.service", service)
        record = read_record(path)
        assert record is not None
        assert (record.servers, record.services) == ((), ("some.service",))
        links.publish("app", make_primary())
        peer = await Peer().join(record, "some.service")
        peer.link.send(Parcel(["a", 1, None], b"payload"))
        assert await peer.op(Parcel) == Parcel(["a", 1, None], b"payload")
        links.withdraw_service("some.service")
        record = read_record(path)
        assert record is not None
        assert record.services == ()
        assert not peer.link.closed
        await peer.shut()
        stranger = await Peer().join(record, "some.service")
        await stranger.end()
        await peer.end()
        while service.outputs:  # noqa: ASYNC110 - the I/O thread removes it
            await asyncio.sleep(0.002)

    asyncio.run(scenario())
