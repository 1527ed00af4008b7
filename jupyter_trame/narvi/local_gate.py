"""Whose requests the local host answers: it has no login, so names, origins and one secret have to do."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from jupyter_trame.runtime.settings import is_loopback
from jupyter_trame.web.hosts import is_known_host
from jupyter_trame.web.origin import is_own_page

__all__ = ["LocalGate"]


@dataclass(frozen=True, slots=True)
class LocalGate:
    """What a host that listens on `bound` looks at."""

    bound: str
    allowed_hosts: tuple[str, ...] = ()
    """Further names of the server."""
    origins: tuple[str, ...] = ()
    """Pages of others that may connect and write, as ``https://example.org``."""
    admin_token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Who knows it may see the overview."""

    def knows_host(self, host: str) -> bool:
        """Whether a request may name the server `host`."""
        return is_known_host(host, self.bound, self.allowed_hosts)

    def knows_origin(self, origin: str | None, host: str, forwarded: str | None = None) -> bool:
        """Whether a page of `origin` may open websockets and change something; programs send none."""
        if origin in self.origins:
            return True
        local = is_loopback(self.bound)
        return is_own_page(origin, host, forwarded, local_only=local, names=self.allowed_hosts)

    def may_administer(self, query: str, authorization: str) -> bool:
        """Whether a request holds the secret, in ``?token=`` or as ``Authorization: token ...`` or ``Bearer ...``."""
        kind, _, value = authorization.partition(" ")
        given = [value.strip()] if kind.lower() in {"token", "bearer"} else parse_qs(query).get("token", [])
        return any(hmac.compare_digest(one.encode(), self.admin_token.encode()) for one in given)
