"""What crosses between a host and an instance of a service, and what of HTTP is let through on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from jupyter_trame.files.headers import PLAIN_TEXT

__all__ = [
    "METHODS",
    "AppMessage",
    "Message",
    "ServiceAnswer",
    "ServiceRequest",
    "Visitor",
    "answer_headers",
    "first_frame",
    "visible_headers",
]

Message = str | bytes
"""What a page and a service say to each other: text and binary stay what they are."""

METHODS = frozenset({"GET", "PUT", "POST", "DELETE"})
"""The methods of request services."""

_SECRETS = frozenset(
    {"cookie", "authorization", "proxy-authorization", "x-xsrftoken", "x-csrftoken", "sec-websocket-key"}
)
"""Headers that say who somebody is: a service that had them could be that somebody elsewhere."""
_ANSWERED = frozenset(
    {
        *("accept-ranges", "allow", "cache-control", "content-disposition", "content-encoding"),
        *("content-language", "content-range", "etag", "expires", "last-modified", "location", "retry-after"),
        *("vary", "www-authenticate", "link", "server-timing"),
    }
)
"""Headers that a service may answer with, beside all that begin with ``X-`` and are not of these."""
_NOT_ANSWERED = frozenset(
    {
        *("x-content-type-options", "x-frame-options", "x-xsrftoken", "x-forwarded-for", "x-forwarded-host"),
        *("x-forwarded-proto", "x-accel-redirect", "x-sendfile", "x-accel-buffering"),
    }
)
"""These are the host's to decide, or would have a proxy in front send files."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens a session: by which app, and with what request."""

    session_id: str
    app_name: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """A request for a service. `path` is what follows its id, raw."""

    app_name: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a request is answered with."""

    status: int
    body: bytes = b""
    media_type: str = PLAIN_TEXT
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def refused(status: HTTPStatus, text: str) -> ServiceAnswer:
        """An answer that only says `text`."""
        return ServiceAnswer(status, f"{status.value}: {text}".encode())


@dataclass(frozen=True, slots=True)
class AppMessage:
    """What a service says to another one."""

    from_workspace: str
    from_service: str
    from_service_id: str
    data: Any


def first_frame(session_id: str, app_parameters: Mapping[str, Any]) -> str:
    """What a page gets first."""
    content = {
        "session_id": session_id,
        "action": "session_connected",
        "app_parameters": dict(app_parameters),
    }
    return json.dumps(content, ensure_ascii=False)


def visible_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers of a request that a service may see; several of a name are joined with commas."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() not in _SECRETS:
            found[name] = f"{found[name]},{value}" if name in found else value
    return found


def answer_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a service's answer that are passed on."""
    return {name: value for name, value in headers.items() if _may_answer(name, value)}


def _may_answer(name: str, value: str) -> bool:
    lower = name.lower()
    allowed = lower in _ANSWERED or (lower.startswith("x-") and lower not in _NOT_ANSWERED)
    return allowed and name.replace("-", "").isalnum() and name.isascii() and _is_value(value)


def _is_value(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and all(ord(char) < 256 for char in value)
