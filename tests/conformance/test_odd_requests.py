"""Whatever the address and the headers of a request: an answer, no 5xx, and no traceback in the log."""

import asyncio
import logging
from pathlib import Path

import pytest

from jupyter_trame.server import Server
from tests.conformance.odd_requests import KNOWN_ANSWERS, NoTracebacks, exchange, known_requests, odd_requests
from tests.support.sockets import file_cookie


@pytest.mark.parametrize("backend", ["tornado", "aiohttp"])
def test_programs(backend: str, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "large.js").write_bytes(b"x" * 300_000)

    known: dict[str, int] = {}

    async def run() -> dict[str, int]:
        server = Server("odd")
        server.enable_module({"serve": {"files": str(tmp_path)}})
        life = server.start(exec_mode="task", port=0, timeout=0, backend=backend)
        assert await server.ready
        names = ["files/a.bin", "files/large.js", "index.html"]
        cookie = [f"{name}: {value}" for name, value in file_cookie(server).items()]
        found: dict[str, int] = {}
        for base in ("/", "/files/", "/ws", "/paraview/"):
            for what, head in odd_requests(7, 100, base, names if base == "/" else []):
                found[what] = await exchange(server.port, head, *cookie)
        for header, head in known_requests("/files/a.bin"):
            known[header] = await exchange(server.port, head, *cookie)
        await server.stop()
        assert life is not None
        await life
        return found

    with NoTracebacks(logging.getLogger()) as log:
        found = asyncio.run(run())
    assert {what: status for what, status in found.items() if status >= 500} == {}
    assert log.found == []
    assert known == KNOWN_ANSWERS
    assert {200, 304, 404} <= set(found.values())
