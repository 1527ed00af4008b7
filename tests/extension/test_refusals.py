"""Refusals are lines of text, whoever asks and whatever cannot be read of the address."""

from typing import Any

import pytest

from tests.extension.support import KernelProcess


@pytest.mark.parametrize("name", ["", "ws", "file.js", "pkg/%ff"])
async def test_an_address_that_cannot_be_decoded(
    kernel: KernelProcess,
    http_server_client: Any,
    jp_base_url: str,
    jp_auth_header: Any,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    address = f"{jp_base_url}trame/{kernel.id}/%ff/{name}"
    response = await http_server_client.fetch(address, headers=jp_auth_header, raise_error=False)
    assert (response.code, response.body) == (400, b"400: Bad Request")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors" in policy
    assert not any(record.exc_info for record in caplog.records)
