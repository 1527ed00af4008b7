"""The headers that pages, files and refusals are sent with, whoever sends them.

A program, the notebook server and its handler of the built client use this. What they have to do differently is an
argument, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_trame.files.media_types import content_type
from jupyter_trame.files.page_policy import POLICY_HEADER, PagePolicy, combine, document_policy

__all__ = [
    "KEPT",
    "PLAIN_TEXT",
    "PRIVATE",
    "HeaderPolicy",
    "entity_tag",
    "file_headers",
    "page_headers",
    "refusal_headers",
]

PLAIN_TEXT = content_type("refusal.txt")

_CHECKED = "no-cache"
"""An address outlives its content: a browser asks, by ETag, whether it changed."""
PRIVATE = f"private, {_CHECKED}"
KEPT = "private, max-age=31536000, immutable"
"""For an address that says which version it has."""

_REFUSED = "default-src 'none'; frame-ancestors 'self'"

_DECIDED = frozenset({"content-type", "x-content-type-options", "cache-control", POLICY_HEADER.lower()})
"""Headers that an app does not decide, or not alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderPolicy:
    """What differs between those who send."""

    policy: PagePolicy
    """What the pages of the app may do."""
    private: bool = False
    """Under Jupyter a file is for who is logged in, and no cache on the way may keep it for others."""
    secret_in_address: bool = False
    """The address of a program may hold its secret, and no page that is linked from there is to learn it."""
    needs_cookie: bool = False
    """Browsers send the cookie of files to all ports of a host, and so for pages of another server there."""
    sandboxes_documents: bool = True
    """Whether what is opened as a page has an origin of its own. The app's own page always has the sender's."""
    given: Mapping[str, str] | None = None
    """What a deployment has every answer carry, and an app does not change; its policy counts beside ours."""


def page_headers(
    sender: HeaderPolicy, apps: Mapping[str, str], host: str | None, forwarded: str | None
) -> dict[str, str]:
    """What goes into every answer that succeeds.

    `apps` are the headers that the app wants; `host` and `forwarded` the request's Host and X-Forwarded-Host.
    """
    given = sender.given or {}
    fixed = _DECIDED | {name.lower() for name in given}
    own = {name: value for name, value in apps.items() if name.lower() not in fixed}
    known = {name.lower() for name in own}
    usual = {}
    if sender.secret_in_address:
        usual["Referrer-Policy"] = "no-referrer"
    if sender.needs_cookie:
        usual["Cross-Origin-Resource-Policy"] = "same-origin"
    caching = ", ".join(_values(apps, "Cache-Control")) or _CHECKED
    policies = (sender.policy.header(host, forwarded), *_values(apps, POLICY_HEADER))
    return {
        **own,
        **{name: value for name, value in usual.items() if name.lower() not in known},
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": f"private, {caching}" if sender.private else caching,
        POLICY_HEADER: combine(*_values(given, POLICY_HEADER), *policies),
    }


def file_headers(
    path: str,
    sender: HeaderPolicy,
    apps: Mapping[str, str],
    host: str | None,
    forwarded: str | None,
    *,
    is_page: bool = False,
) -> dict[str, str]:
    """Those of the file at the address `path`, whose type is that of the name that was asked for.

    A link may lead to a file of any name. `is_page`: it is the app's own. See `page_headers`.
    """
    kind = content_type(path)
    headers = {"Content-Type": kind, **page_headers(sender, apps, host, forwarded)}
    if sender.sandboxes_documents and not is_page:
        headers[POLICY_HEADER] = combine(headers[POLICY_HEADER], document_policy(kind) or "")
    return headers


def entity_tag(modified: int, size: int) -> str:
    """The ``ETag`` of a file of `size` bytes, which was changed `modified` nanoseconds after the epoch."""
    return f'"{modified:x}-{size:x}"'


def refusal_headers(policy: str = "") -> dict[str, str]:
    """Of an answer that holds nothing of the app; it may repeat what was asked for.

    `policy` is a deployment's, which says who may frame its answers; without it their own origin may.
    """
    return {
        "Content-Type": PLAIN_TEXT,
        "Cache-Control": "no-store",
        POLICY_HEADER: combine("default-src 'none'", policy) if policy else _REFUSED,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _values(headers: Mapping[str, str], name: str) -> list[str]:
    return [value for key, value in headers.items() if key.lower() == name.lower()]
