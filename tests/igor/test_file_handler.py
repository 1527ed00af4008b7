"""What files are sent with, and when one is not sent again."""

import contextlib
import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_trame.igor import run_file_server


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "a.html").write_text("<b>a</b>" * 100)
    server = run_file_server(0, tmp_path)
    yield server.port
    server.kill()


def get(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(
            "GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        response = connection.getresponse()
        return response, response.read()


def test_headers(port: int) -> None:
    for path, status in (("/a.html", 200), ("/nothing", 404)):
        response, _ = get(port, path)
        assert response.status == status
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"].startswith("sandbox;")
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-site"
        assert response.headers["Cache-Control"] == "private, no-cache"


def test_what_has_not_changed_is_not_sent(port: int, tmp_path: Path) -> None:
    response, _ = get(port, "/a.html")
    again, body = get(port, "/a.html", If_None_Match=response.headers["ETag"])
    assert (again.status, body) == (304, b"")
    (tmp_path / "a.html").write_text("another")
    again, body = get(port, "/a.html", If_None_Match=response.headers["ETag"])
    assert (again.status, body) == (200, b"another")


def test_a_part(port: int) -> None:
    response, body = get(port, "/a.html", Range="bytes=0-2")
    assert (response.status, body) == (206, b"<b>")


def test_other_methods(port: int) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        for method in ("PUT", "DELETE", "PATCH"):
            connection.request(method, "/a.html", b"", {"Content-Type": "a/b"})
            response = connection.getresponse()
            response.read()
            assert response.status == 405
