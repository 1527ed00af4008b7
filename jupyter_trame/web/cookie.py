"""Who may read a stand-alone server's files: who shows the secret, or the cookie that a page with the secret has set.

The cookie holds no secret but what follows from it, for this port alone, since browsers do not tell ports apart. It
names no path: the browser then binds it to the folder of the page as the browser sees it, also below a proxy's prefix.
"""

import hmac
from urllib.parse import parse_qs

from jupyter_trame.protocol.access import is_secret

__all__ = ["FORBIDDEN", "cookie_name", "holds_cookie", "make_cookie", "shows_secret"]

FORBIDDEN = "403: open the address that the program printed: it holds the secret, which this one lacks"


def cookie_name(port: int) -> str:
    """Of the server at `port`."""
    return f"jupyter_trame_{port}"


def make_cookie(secret: str, port: int, *, secure: bool = False, framed: bool = False) -> str:
    """The value of ``Set-Cookie``; `secure` where the browser came by HTTPS.

    `framed` is the one for a page in a frame of another site: no page outside of that site sends it (Partitioned,
    https://github.com/privacycg/CHIPS). Browsers take it by HTTPS and from localhost.
    """
    site = "None; Secure; Partitioned" if framed else "Strict; Secure" if secure else "Strict"
    return f"{cookie_name(port)}={_value(secret, port)}; HttpOnly; SameSite={site}"


def holds_cookie(header: str, secret: str, port: int) -> bool:
    """Whether the request's ``Cookie`` holds the right one; pages of several folders may have set several."""
    name, expected = cookie_name(port), _value(secret, port)
    for pair in header.split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name and hmac.compare_digest(value.encode("utf-8", "replace"), expected.encode()):
            return True
    return False


def shows_secret(query: str, secret: str) -> bool:
    """Whether the address itself holds the secret."""
    try:
        given = parse_qs(query, max_num_fields=100).get("secret", [])
    except ValueError:
        return False
    return any(is_secret(one, secret) for one in given)


def _value(secret: str, port: int) -> str:
    return hmac.new(secret.encode(), f"jupyter_trame files of port {port}".encode(), "sha256").hexdigest()
