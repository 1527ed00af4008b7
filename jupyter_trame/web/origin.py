"""Whether a browser's page may open a websocket: browsers let every page try, on any server."""

from collections.abc import Collection
from urllib.parse import urlsplit

from jupyter_trame.runtime.settings import is_loopback

__all__ = ["is_own_page"]


def is_own_page(
    origin: str | None,
    host: str,
    forwarded: str | None = None,
    *,
    local_only: bool = False,
    names: Collection[str] = (),
) -> bool:
    """Whether the page of `origin` is the server's own; programs send no Origin and are not asked.

    `host` and `forwarded` are the request's Host and X-Forwarded-Host; a page cannot make up either for a websocket.
    With `local_only` the page's host must be this machine's, or one of `names`: any name can be made to resolve to a
    loopback address, so a page of that name has the server's own Host, and only a secret that nobody can guess keeps it
    out.
    """
    if origin is None:
        return True
    try:
        page = urlsplit(origin.lower())
        name = page.hostname or ""
    except ValueError:
        return False
    hosts = {host.lower(), (forwarded or "").partition(",")[0].strip().lower()} - {""}
    if not name or page.netloc not in hosts:
        return False
    return not local_only or is_loopback(name) or name.endswith(".localhost") or name in names
