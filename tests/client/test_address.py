"""Addresses as users have them."""

import pytest

from jupyter_trame.client.address import Address, parse_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ws://h:1/ws", Address("ws://h:1/ws", None)),
        ("wss://h/deep/socket?token=t&secret=s", Address("wss://h/deep/socket?token=t", "s")),
        ("http://h:1", Address("ws://h:1/ws", None)),
        ("http://h:1/?secret=a%20b", Address("ws://h:1/ws", "a b")),
        (
            "https://hub/user/me/trame/k1/app/index.html?token=t&empty=",
            Address("wss://hub/user/me/trame/k1/app/ws?token=t&empty=", None),
        ),
    ],
)
def test_parse(url: str, address: Address) -> None:
    assert parse_address(url) == address
    assert "?" not in address.shown


def test_messages_show_nothing_that_lets_anybody_in() -> None:
    address = parse_address("wss://me:private@h:1/a/ws?token=private&secret=private")
    assert address.shown == "wss://h:1/a/ws"
    with pytest.raises(ValueError, match="is found by") as caught:
        parse_address("ftp://me:private@h/?secret=private")
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "localhost:8080", "ftp://h/", "ws:///ws", "h", "ws://[::1/", "ws://h:99999/", "ws://h:0/"]
)
def test_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="is found by an address like"):
        parse_address(url)
