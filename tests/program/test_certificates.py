"""Servers over TLS."""

import asyncio
import builtins
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from jupyter_trame.errors import ServerError
from jupyter_trame.program.certificates import make_context
from jupyter_trame.server import Server, runtime_of
from tests.support.sockets import SocketClient, file_cookie


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key, made by openssl."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_page_and_socket_over_tls(web_backend: str, pair: tuple[Path, Path]) -> None:
    certificate, key = pair

    async def main() -> None:
        server = Server(web_backend)
        server.state.n = 1
        task = server.start(exec_mode="task", port=0, timeout=0, args=["--ssl", f"{certificate},{key}"])
        await server.ready
        url = f"https://127.0.0.1:{server.port}/index.html"
        answer = await AsyncHTTPClient().fetch(
            HTTPRequest(url, headers=file_cookie(server), ca_certs=str(certificate))
        )
        assert answer.code == 200
        client = SocketClient(runtime_of(server).secret)
        await client.open(server, ca_certs=str(certificate))
        await client.ready()
        assert client.state["n"] == 1
        server.state.big = "x" * 5_000_000
        server.state.flush()
        await client.until(lambda: "big" in client.state)
        await client.shut()
        await server.stop()
        assert task is not None
        await task

    asyncio.run(main())


def test_a_new_certificate_for_the_host() -> None:
    pytest.importorskip("cryptography")
    for host in ("localhost", "127.0.0.1", "app.example", "192.0.2.1"):
        assert isinstance(make_context("adhoc", host), ssl.SSLContext)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_cryptography(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_cryptography)
    with pytest.raises(ServerError, match="pip install cryptography"):
        make_context("adhoc", "localhost")


@pytest.mark.parametrize("spec", ["cert.pem", ",key.pem", "cert.pem,", "/missing/cert,/missing/key"])
def test_what_cannot_be_used_is_named(spec: str) -> None:
    with pytest.raises(ServerError, match="--ssl"):
        make_context(spec, "localhost")
