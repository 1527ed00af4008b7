"""Answers of the local host that need no service."""

import socket
from collections.abc import Iterator

import pytest

from tests.contract import narvi_services
from tests.contract.narvi_hosts import LocalHostOfTests, Site, fetch_now


@pytest.fixture
def site() -> Iterator[Site]:
    with LocalHostOfTests().running(narvi_services.probe) as found:
        yield found


@pytest.mark.parametrize(
    "path", ["/", "/favicon.ico", "*", "/narvi", "http://localhost/narvi/w/probe", "/%FF"]
)
def test_what_is_no_address(site: Site, path: str) -> None:
    target = path if path.startswith("/") else f"/{path}"
    answer = fetch_now(site, "GET", target)
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"


def test_names_of_others_are_refused_with_what_admits_them(site: Site) -> None:
    answer = fetch_now(site, "GET", "w/probe/x/index.html", headers={"Host": "app.example"})
    assert answer.status == 403
    assert 'make the NarviServer with allowed_hosts=("app.example",) if it should' in answer.text


def test_redirects_are_not_kept(site: Site) -> None:
    answer = fetch_now(site, "GET", "w/probe/x")
    assert (answer.status, answer.headers["cache-control"]) == (307, "no-store")


def test_pages_may_talk_to_whom_they_like_and_are_framed_by_their_own(site: Site) -> None:
    policy = fetch_now(site, "GET", "w/probe/x/index.html").headers["content-security-policy"]
    assert "connect-src 'self' data: blob:" in policy
    assert " *;" in policy
    assert "frame-ancestors 'self'" in policy


def test_a_body_that_nobody_wants_is_read_and_dropped(site: Site) -> None:
    answer = fetch_now(site, "GET", "w/probe/x/index.html", body=b"x" * 100_000)
    assert answer.status == 200
    foreign = {"Origin": "https://evil.example"}
    assert fetch_now(site, "DELETE", "w/probe/x/y", body=b"x" * 100_000, headers=foreign).status == 403


def test_small_answers_wait_for_nothing(site: Site) -> None:
    """Nagle's algorithm would hold the second of two small writes back."""
    with socket.create_connection(tuple(site.host.split(":"))) as raw:  # type: ignore[arg-type]
        for _ in range(3):
            raw.sendall(f"GET {site.base}/w/probe/x/status HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
            assert b"404" in raw.recv(65536).partition(b"\r\n")[0]
