"""Whoever breaks the rules ends their own connection and nothing else, whatever carries the server.

Hundreds of random connections, right and broken ones in any order, go to a server in a child process, which meanwhile
answers everybody else, takes no more memory than it may, lets a right client in, and ends when it is told to.
"""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path

import pytest

from jupyter_trame.protocol.chunking import HEADER, split
from jupyter_trame.protocol.envelope import pack_request
from tests.conformance.breakers import (
    MEGABYTE,
    PATIENCE,
    PROGRAMS,
    Watcher,
    break_link_rules,
    break_rules,
    hello,
    is_served,
    running,
)
from tests.transports.support import masked

ALONE = ["tornado", "aiohttp"]
SHORT, LONG = 150, 2000
ALLOWED = 64 * MEGABYTE
LITTLE = 32 * MEGABYTE
"""Of short messages alone. It is the same after thousands of them."""


@pytest.mark.parametrize("kind", PROGRAMS)
def test_random_connections(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    deep = request.config.getoption("deep")
    seed = int.from_bytes(os.urandom(4)) if deep else 8
    chance = random.Random(seed)
    play = break_link_rules if kind == "link" else break_rules
    with running(kind, tmp_path) as target, Watcher(target) as watcher:
        for _ in range(LONG if deep else SHORT):
            play(target, chance)
        assert kind == "link" or is_served(target)
    assert watcher.answers > 1
    assert not watcher.failures, f"seed {seed}: {watcher.failures[:3]}"
    assert watcher.growth < LITTLE, f"seed {seed}: {watcher.growth >> 20} MB more"


@pytest.mark.parametrize("kind", ALONE)
def test_silent_connections_leave_room_for_others(kind: str, tmp_path: Path) -> None:
    """More of them, at each stage, than the process may have files open."""
    said = [
        b"",
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        None,
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    ]
    with running(kind, tmp_path, descriptors=128) as target, Watcher(target) as watcher:
        for number in range(300):
            sock = target.connect()
            target.left_open.append(sock)
            what = said[number % len(said)]
            # Who was given up may find that out here.
            with contextlib.suppress(ConnectionError):
                sock.sendall(target.upgrade if what is None else what)
        assert is_served(target)
        assert target.process.num_fds() < 128
    assert watcher.answers > 1
    assert not watcher.failures


@pytest.mark.parametrize("kind", [*ALONE, "extension"])
def test_messages_that_take_longer_to_read_than_to_send_wait_on_their_way(kind: str, tmp_path: Path) -> None:
    chunks = split([pack_request("rpc:c:1", "nothing", [[{}] * 20_000, bytes(MEGABYTE)])], 7, 4 * MEGABYTE)
    message = b"".join(masked(chunk, b"abcd") for chunk in chunks)
    with running(kind, tmp_path) as target, Watcher(target) as watcher:
        with target.connect() as sock:
            sock.settimeout(PATIENCE)
            sock.sendall(target.upgrade + b"".join(masked(payload, b"abcd") for payload in hello()))
            for _ in range(90):
                sock.sendall(message)
        assert is_served(target)
    assert not watcher.failures
    assert watcher.growth < ALLOWED


@pytest.mark.parametrize("kind", ALONE)
def test_unfinished_frames_before_the_hello_take_no_memory(kind: str, tmp_path: Path) -> None:
    four_megabytes = b"\x82\xff" + (4 * MEGABYTE).to_bytes(8) + b"abcd"
    with running(kind, tmp_path) as target, Watcher(target) as watcher:
        for _ in range(40):
            sock = target.connect()
            target.left_open.append(sock)
            with contextlib.suppress(OSError):
                sock.sendall(target.upgrade + four_megabytes + bytes(3 * MEGABYTE))
        assert is_served(target)
    assert not watcher.failures
    assert watcher.growth < ALLOWED


@pytest.mark.parametrize("kind", ALONE)
def test_messages_that_are_only_announced_take_no_memory(kind: str, tmp_path: Path) -> None:
    """A thousand of each client, of a megabyte each, of which one byte came."""
    chunks = b"".join(masked(HEADER.pack(number, 0, MEGABYTE) + b"x", b"abcd") for number in range(1, 1001))
    with running(kind, tmp_path) as target, Watcher(target) as watcher:
        maps = len(target.process.memory_maps(grouped=False))
        for _ in range(5):
            sock = target.connect()
            target.left_open.append(sock)
            greeting = b"".join(masked(payload, b"abcd") for payload in hello())
            sock.sendall(target.upgrade + greeting + chunks)
        assert is_served(target)
        assert len(target.process.memory_maps(grouped=False)) < maps + 500
    assert not watcher.failures
    assert watcher.growth < ALLOWED
