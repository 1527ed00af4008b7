"""Where a kernel's server listens: behind a secret, and gone without a trace."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.igor import IgorServer
from jupyter_trame.igor.around import KernelAround
from jupyter_trame.igor.kernel_place import CellLog
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.rendezvous import Record, read_record, service_record_path
from tests.igor.support import run


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    tmp_path.chmod(0o700)
    connection_file = tmp_path / "kernel-1234.json"
    server = IgorServer({}, name="robot")
    server._start(KernelAround(connection_file))
    record = read_record(service_record_path(connection_file, "igor", "robot"))
    assert record is not None
    yield record
    server.stop()
    assert server.wait(10)
    assert not list(tmp_path.iterdir())


async def ask(record: Record, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(sock=await join(record, "robot", ""))
    writer.write(request)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer


def test_http_behind_the_secret(record: Record) -> None:
    async def scenario() -> None:
        assert (await ask(record, b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 400")
        assert (await ask(record, b"GET /files/x HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 404")

    run(scenario)


def test_who_does_not_know_the_secret_gets_nothing(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        with pytest.raises(LinkError):
            await join(replace(record, secret="wrong"), "robot", "")
        path = record.address.partition(":")[2]
        for garbage in (b"GET /ws HTTP/1.1\r\n\r\n", b"\0" * 100, b"\xff" * 100):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(garbage)
            with contextlib.suppress(ConnectionError):  # what it had not read may reset the connection
                assert await reader.read() == b""
            writer.close()

    run(scenario)


def test_another_name_is_not_served(record: Record) -> None:
    async def scenario() -> None:
        reader, writer = await asyncio.open_connection(sock=await join(record, "other", ""))
        assert await reader.read() == b""
        writer.close()

    run(scenario)


def test_the_log_of_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    handler = CellLog(copy_context())
    logger = logging.Logger("x")  # noqa: LOG001 - of this test alone
    logger.addHandler(handler)
    for number in range(100):
        logger.error("line %d", number)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "line 0"
    assert len(lines) < 50, "a cell is not flooded"
