"""What no handshake can offer."""

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_trame.trio.websockets.offers import check_offers, lasting_headers


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
