"""What a program asks of its end of a connection: it is looked at before anything is opened."""

from collections.abc import Mapping, Sequence

from websockets.headers import validate_subprotocols

from jupyter_trame.trio.websockets.exceptions import HeadersLike
from jupyter_trame.trio.websockets.extra_headers import header_pairs

__all__ = ["check_limits", "check_offers", "check_port", "lasting_headers"]

_HIGHEST_PORT = 2**16 - 1


def check_offers(
    compression: str | None, subprotocols: Sequence[str] | None, origins: Sequence[str | None] | None = None
) -> None:
    """Raises ValueError and TypeError for what no handshake can offer."""
    if compression not in {"deflate", None}:
        raise ValueError(f"compression has to be 'deflate' or None, not {compression!r}")
    if subprotocols is not None:
        validate_subprotocols(subprotocols)  # type: ignore[arg-type]
    if isinstance(origins, str):
        raise TypeError(f"origins are a list of strings: [{origins!r}]")


def check_limits(*, seconds: Mapping[str, float | None], counts: Mapping[str, int | None]) -> None:
    """Raises ValueError and TypeError for names whose number is none; None stands for no limit.

    Seconds have to be more than nothing, which counts may be.
    """
    for name, time in seconds.items():
        if time is not None and not isinstance(time, int | float):
            raise TypeError(f"{name} has to be a number of seconds or None, not {time!r}")
        if time is not None and not time > 0:
            raise ValueError(f"{name} has to be more than 0 s, or None, not {time}")
    for name, count in counts.items():
        if count is not None and not isinstance(count, int):
            raise TypeError(f"{name} has to be an int or None, not {count!r}")
        if count is not None and count < 0:
            raise ValueError(f"{name} cannot be less than 0, as {count} is")


def check_port(port: int | None) -> None:
    """Raises ValueError and TypeError for what is no port; None stands for one that is not named."""
    if port is not None and (isinstance(port, bool) or not isinstance(port, int)):
        raise TypeError(f"a port is an int, not {port!r}")
    if port is not None and not 0 <= port <= _HIGHEST_PORT:
        raise ValueError(f"a port is a number from 0 to {_HIGHEST_PORT}, not {port}")


def lasting_headers(headers: HeadersLike | None) -> HeadersLike | None:
    """`headers`, which can be read for one connection after the other. Raises as `header_pairs` does."""
    pairs = header_pairs(headers)
    return headers if headers is None or isinstance(headers, Mapping) else pairs
