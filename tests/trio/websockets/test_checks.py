"""Arguments that cannot be meant."""

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_trame.trio.websockets.checks import check_limits, check_offers, check_port, lasting_headers


@pytest.mark.parametrize(
    ("compression", "subprotocols", "kind"),
    [("xz", None, ValueError), (None, "chat", TypeError), (None, ["a b"], ValueError)],
)
def test_what_cannot_be_offered(compression: Any, subprotocols: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        check_offers(compression, subprotocols)


def test_what_can_be_offered() -> None:
    check_offers("deflate", ["chat"])
    check_offers(None, None)


def test_headers_can_be_read_again() -> None:
    def pairs() -> Iterator[tuple[str, str]]:
        yield "X-A", "1"

    assert lasting_headers(pairs()) == [("X-A", "1")]
    assert lasting_headers({"X-A": "1"}) == {"X-A": "1"}
    assert lasting_headers(None) is None
    with pytest.raises(ValueError, match="X-A"):
        lasting_headers({"X-A": "\n"})


def test_origins_are_a_list() -> None:
    with pytest.raises(TypeError, match="list of strings"):
        check_offers(None, None, "https://a.example")
    check_offers(None, None, ["https://a.example", ""])


@pytest.mark.parametrize(
    ("seconds", "counts", "kind"),
    [
        ({"timeout": 0}, {}, ValueError),
        ({"timeout": -1.5}, {}, ValueError),
        ({"timeout": float("nan")}, {}, ValueError),
        ({"timeout": "10"}, {}, TypeError),
        ({}, {"max_size": -1}, ValueError),
        ({}, {"max_size": "1"}, TypeError),
        ({}, {"max_size": 1.5}, TypeError),
    ],
)
def test_what_is_no_limit(seconds: Any, counts: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"timeout|max_size"):
        check_limits(seconds=seconds, counts=counts)


@pytest.mark.parametrize(
    ("port", "kind"), [("80", TypeError), (True, TypeError), (-1, ValueError), (2**16, ValueError)]
)
def test_what_is_no_port(port: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="a port is"):
        check_port(port)


def test_ports() -> None:
    for port in (None, 0, 80, 2**16 - 1):
        check_port(port)


def test_limits_and_none() -> None:
    check_limits(seconds={"timeout": 0.1, "ping_timeout": None}, counts={"max_size": 0, "max_queue": None})
