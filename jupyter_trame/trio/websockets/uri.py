"""Addresses of websockets."""

import re
from typing import NamedTuple
from urllib.parse import ParseResult, unquote, urlparse

from jupyter_trame.trio.websockets.exceptions import InvalidURI

__all__ = ["WebSocketURI", "parse_uri"]

_NO_ADDRESS = re.compile(r"[\x00-\x20\x7f]")


class WebSocketURI(NamedTuple):
    """The parts of an address."""

    secure: bool
    """Whether it is a ``wss`` address."""
    host: str
    """In lower case."""
    port: int
    """80 or 443 where the address names none."""
    resource_name: str
    """Path and query; at least a slash."""
    user_info: tuple[str, str] | None
    """Name and password, decoded; None where the address has none."""


def parse_uri(uri: str) -> WebSocketURI:
    """The parts of `uri`. Raises `InvalidURI` for what is no address of a websocket, with the reason, and TypeError."""
    if not isinstance(uri, str):
        raise TypeError(f"the address of a websocket is a str, not {type(uri).__name__}")
    try:
        parsed = urlparse(uri)
        port = parsed.port
    except ValueError as error:
        raise InvalidURI(f"{_without_password(uri)} isn't a valid URI: {error}") from None
    problem = _problem(uri, parsed, port)
    if problem is not None:
        raise InvalidURI(f"{_without_password(uri)} isn't a valid URI: {problem}")
    secure = parsed.scheme == "wss"
    resource_name = parsed.path or "/"
    if parsed.query:
        resource_name += "?" + parsed.query
    user_info = None
    if parsed.username is not None:
        user_info = unquote(parsed.username), unquote(parsed.password or "")
    return WebSocketURI(
        secure, parsed.hostname or "", port or (443 if secure else 80), resource_name, user_info
    )


def _problem(uri: str, parsed: ParseResult, port: int | None) -> str | None:
    if parsed.scheme not in {"ws", "wss"}:
        return f"the scheme has to be ws or wss, not {parsed.scheme!r}"
    if _NO_ADDRESS.search(uri) is not None:
        return "it has a space or a control character"
    if port == 0:
        return "nobody listens at port 0"
    if not parsed.hostname:
        return "it names no host"
    if ";" in parsed.path.rpartition("/")[2]:
        return "it has parameters after a semicolon"
    if parsed.fragment or "#" in uri:
        return "it has a fragment, which means nothing to a server"
    if parsed.username is not None and parsed.password is None:
        return "it has the name of a user and no password"
    return None


def _without_password(uri: object) -> str:
    """`uri` as an error may show it."""
    start, slashes, rest = str(uri).partition("//")
    host, slash, path = rest.partition("/")
    return f"{start}{slashes}{host.rpartition('@')[2]}{slash}{path}"
