"""Where a server is, from the address that a user has of it."""

from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = ["Address", "parse_address"]

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class Address(NamedTuple):
    """A websocket and what it wants to hear."""

    url: str
    """With its whole query but the secret."""
    secret: str | None
    """None where the address has none."""

    @property
    def shown(self) -> str:
        """The address as messages may show it."""
        return _shown(self.url)


def _shown(url: str) -> str:
    """`url` without a query, which may hold a secret or a token, and without the name and password of a user."""
    start, slashes, rest = url.partition("?")[0].rpartition("//")
    host, slash, path = rest.partition("/")
    return f"{start}{slashes}{host.rpartition('@')[2]}{slash}{path}"


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        complete = bool(parts.netloc) and parts.port != 0
    except ValueError:  # half of an IPv6 address, or a port that is none
        return None
    return parts if complete else None


def parse_address(url: str) -> Address:
    """The websocket of `url`, which may be the page's address, too: the socket is at ``ws`` beside ``index.html``.

    Raises ValueError for anything but an address of http, https, ws or wss.
    """
    parts = _parts(url)
    scheme = _SCHEMES.get(parts.scheme) if parts is not None else None
    if parts is None or scheme is None:
        raise ValueError(f"a trame server is found by an address like ws://host:port/ws, not {_shown(url)!r}")
    path = parts.path
    if parts.scheme.startswith("http"):
        path = path.rpartition("/")[0] + "/ws"
    query = parse_qsl(parts.query, keep_blank_values=True)
    secret = next((value for name, value in query if name == "secret"), None)
    rest = urlencode([(name, value) for name, value in query if name != "secret"])
    return Address(urlunsplit((scheme, parts.netloc, path, rest, "")), secret)
