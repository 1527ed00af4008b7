"""What tornado lets a handler set of its answer, and not read."""

from http.client import responses
from typing import Any

from tornado.httputil import HTTPHeaders
from tornado.web import RequestHandler

__all__ = ["ReadableAnswer"]

_ALWAYS = ("Content-Type", "Date", "Server")
"""Headers that tornado gives every answer."""


class ReadableAnswer(RequestHandler):
    """A handler that can be asked what its answer has so far."""

    answer_headers: HTTPHeaders
    """By name; those that tornado sets by itself are empty."""
    answer_reason = responses[200]

    def clear(self) -> None:
        """See tornado, which calls this first, and again before it answers with an error."""
        self.answer_headers = HTTPHeaders(dict.fromkeys(_ALWAYS, ""))
        super().clear()

    def set_header(self, name: str, value: Any) -> None:
        """See tornado."""
        super().set_header(name, value)
        self.answer_headers[name] = _as_text(value)

    def add_header(self, name: str, value: Any) -> None:
        """See tornado."""
        super().add_header(name, value)
        self.answer_headers.add(name, _as_text(value))

    def clear_header(self, name: str) -> None:
        """See tornado."""
        super().clear_header(name)
        self.answer_headers.pop(name, None)

    def set_status(self, status_code: int, reason: str | None = None) -> None:
        """See tornado."""
        super().set_status(status_code, reason)
        self.answer_reason = reason or responses.get(status_code, "Unknown")


def _as_text(value: object) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)
