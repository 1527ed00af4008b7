"""Whether a request opens a websocket, and how it is told that it does not (RFC 6455, section 4.2)."""

import base64
import binascii
from collections.abc import Mapping

__all__ = ["Objection", "upgrade_objection"]

Objection = tuple[int, str, Mapping[str, str]]
"""Status, text and headers of an answer."""

_VERSION = "13"
_KEY_SIZE = 16
"""Bytes."""
_NOT_HERE: Objection = (426, "426: this address is for websockets", {"Upgrade": "websocket"})


def upgrade_objection(headers: Mapping[str, str]) -> Objection | None:
    """What to answer to a request with `headers`, which are found in any case; None for one that opens a websocket."""
    if headers.get("Upgrade", "").strip().lower() != "websocket":
        return _NOT_HERE
    if "upgrade" not in {option.strip().lower() for option in headers.get("Connection", "").split(",")}:
        return 400, "400: a websocket needs the header Connection: Upgrade", {}
    if headers.get("Sec-WebSocket-Version", "").strip() != _VERSION:
        return (
            426,
            f"426: websockets of version {_VERSION} are spoken here",
            {
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": _VERSION,
            },
        )
    if not _is_key(headers.get("Sec-WebSocket-Key", "").strip()):
        return 400, f"400: a websocket needs a Sec-WebSocket-Key of {_KEY_SIZE} bytes in Base64", {}
    return None


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_SIZE
    except (binascii.Error, ValueError):
        return False
