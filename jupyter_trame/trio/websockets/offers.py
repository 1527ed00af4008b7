"""What an end of a handshake offers, or accepts, as its program says it."""

from collections.abc import Mapping, Sequence

from websockets.headers import validate_subprotocols

from jupyter_trame.trio.websockets.exceptions import HeadersLike
from jupyter_trame.trio.websockets.extra_headers import header_pairs

__all__ = ["check_offers", "lasting_headers"]


def check_offers(compression: str | None, subprotocols: Sequence[str] | None) -> None:
    """Raises ValueError and TypeError for what no handshake can offer."""
    if compression not in {"deflate", None}:
        raise ValueError(f"compression has to be 'deflate' or None, not {compression!r}")
    if subprotocols is not None:
        validate_subprotocols(subprotocols)  # type: ignore[arg-type]


def lasting_headers(headers: HeadersLike | None) -> HeadersLike | None:
    """`headers`, which can be read for one connection after the other. Raises as `header_pairs` does."""
    pairs = header_pairs(headers)
    return headers if headers is None or isinstance(headers, Mapping) else pairs
