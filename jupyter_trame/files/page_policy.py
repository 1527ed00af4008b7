"""The ``Content-Security-Policy`` of pages: whom a page may talk to, who may show it, and what opened files may do.

Whoever sends pages uses this. The directives are those of CSP level 3, https://www.w3.org/TR/CSP3/.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

__all__ = [
    "POLICY_HEADER",
    "PagePolicy",
    "check_sources",
    "choosing_parameter",
    "combine",
    "document_policy",
    "is_framed_by_itself",
    "is_source",
]

POLICY_HEADER = "Content-Security-Policy"

_CHOOSING = frozenset({"sessionurl", "sessionmanagerurl", "wsproxy", "wschannel", "iframe"})
"""Parameters by which trame's pages are told whom to talk to; ours decides in ``js/src/server-choice.ts``."""

_LABEL = "[a-zA-Z0-9-]+"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_PLAIN_HOST = re.compile(rf"{_HOST}(?::[0-9]{{1,5}})?")
"""What a policy can name of a ``Host``: no IPv6 address. `'self'` has to do there."""
_SCHEME = "[a-zA-Z][a-zA-Z0-9+.-]*:"
_SOURCE = re.compile(
    rf"\*|'self'|{_SCHEME}"
    rf"|(?:{_SCHEME}//)?(?:\*\.)?{_HOST}(?::(?:[0-9]{{1,5}}|\*))?(?:/[a-zA-Z0-9._~!$&()*+=:@%/-]*)?"
)
"""A source expression (CSP 3, 2.3.1) without what would end a directive or a policy: ``;``, ``,`` and spaces."""


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """What the pages of an app may do; without arguments what every page may."""

    connect_src: tuple[str, ...] = ()
    """What scripts may fetch from and open sockets to, beside the page's own host."""
    frame_ancestors: tuple[str, ...] = ()
    """Whose pages may show the app in a frame, beside those of its own origin."""
    framed_by_all: bool = False
    """Whether all pages may, as long as `frame_ancestors` names none."""

    def header(self, host: str | None, forwarded: str | None = None) -> str:
        """The value of the header for the page of a request.

        `host` and `forwarded` are its Host and X-Forwarded-Host as they came; they and the sources are checked here.
        """
        hosts = (host or "", (forwarded or "").partition(",")[0].strip())
        connect = ["'self'", "data:", "blob:", *_sockets(hosts), *filter(is_source, self.connect_src)]
        directives = [
            f"connect-src {' '.join(dict.fromkeys(connect))}",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
        if self.frame_ancestors or not self.framed_by_all:
            ancestors = ["'self'", *filter(is_source, self.frame_ancestors)]
            directives.append(f"frame-ancestors {' '.join(dict.fromkeys(ancestors))}")
        return "; ".join(directives)


def is_source(text: object) -> bool:
    """Whether `text` is a source expression and nothing more."""
    return isinstance(text, str) and _SOURCE.fullmatch(text) is not None


def check_sources(name: str, sources: Sequence[str]) -> tuple[str, ...]:
    """`sources`, the value of the option `name`. Raises TypeError and ValueError, with a sentence for the user."""
    if isinstance(sources, str | bytes) or not isinstance(sources, Sequence):
        raise TypeError(f"{name} is a list of sources like 'https://tiles.example', not {sources!r}")
    for source in sources:
        if not is_source(source):
            raise ValueError(
                f"{name} holds {source!r}, which is no source: one is a host like 'https://tiles.example', "
                "'https://*.example:8443' or 'wss://live.example/feed', or a scheme like 'https:'"
            )
    return tuple(sources)


def combine(*policies: str) -> str:
    """One header with all `policies`, empty ones left out: a browser obeys each of them, so none weakens another."""
    lines = (" ".join(policy.split()).strip(", ") for policy in policies)
    return ", ".join(dict.fromkeys(filter(None, lines)))


def is_framed_by_itself(policy: str) -> bool:
    """Whether a page with the header `policy` may be shown in a frame by pages of its own origin."""
    return all(_admits_self(one) for one in policy.split(","))


def _admits_self(policy: str) -> bool:
    for directive in policy.split(";"):
        name, *sources = directive.lower().split() or [""]
        if name == "frame-ancestors":  # of several the first holds
            return not {"'self'", "*"}.isdisjoint(sources)
    return True


def choosing_parameter(query: str) -> str | None:
    """The first parameter of `query`, as it came, by which a page of trame's would choose its server."""
    for part in query.split("&"):
        name = part.partition("=")[0]
        if {unquote_plus(name).strip().lower(), unquote_plus(unquote_plus(name)).strip().lower()} & _CHOOSING:
            return unquote_plus(name).strip()
    return None


def _sockets(hosts: Iterable[str]) -> list[str]:
    """The websockets of `hosts`. Older browsers do not count them to `'self'`, and which of the two schemes the page
    has a server behind a proxy cannot know.
    """
    plain = filter(_PLAIN_HOST.fullmatch, hosts)
    return [f"{scheme}://{host}" for host in plain for scheme in ("ws", "wss")]


_SANDBOX = "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads"

_UNCONFINED = frozenset({"text/javascript", "application/pdf"})
"""The policy of a script is that of the worker that runs it; the viewer of PDF does not start in a sandbox."""


def document_policy(kind: str) -> str | None:
    """The ``Content-Security-Policy`` of a served file of the media type `kind` that is not the app's page.

    Opened as a page it has an origin of its own, so its scripts cannot act for who looks at it. None: there is no need.
    It means nothing for what a page loads as an image, a style or data.
    """
    return None if kind.partition(";")[0].strip().lower() in _UNCONFINED else _SANDBOX
