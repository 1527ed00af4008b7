"""Listening sockets."""

import socket

import pytest

from jupyter_trame.web.http_server import ListenAddress, bind


@pytest.mark.parametrize(
    ("host", "shown"), [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("", "0.0.0.0")]
)
def test_a_free_port_of_the_host(host: str, shown: str) -> None:
    with bind(ListenAddress(host, 0)) as sock:
        assert sock.getsockname()[0] == shown
        assert sock.getsockname()[1]
        assert not sock.getblocking()


def test_a_port_that_is_taken() -> None:
    words = r"error while attempting to bind on address \('127.0.0.1', \d+\): .* in use"
    with bind(ListenAddress("127.0.0.1", 0)) as taken, pytest.raises(OSError, match=words):
        bind(ListenAddress("127.0.0.1", taken.getsockname()[1]))


def test_an_address_of_the_newer_kind() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with bind(ListenAddress("::1", 0)) as sock:
        assert sock.family == socket.AF_INET6
