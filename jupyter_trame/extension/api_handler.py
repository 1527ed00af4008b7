"""What all handlers of the REST interface share: they answer with JSON, refusals included."""

import json
from http import HTTPStatus
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from jupyter_trame.log_text import MESSAGE_LENGTH, TRACE_LENGTH, foreign, shortened
from jupyter_trame.transports.tornado_log import LogsNoQuery

__all__ = ["ApiError", "ApiHandler"]


class ApiError(HTTPError):
    """A request that is not done. `trace` is of the app's code, `install` the command that mends the environment.

    Of the message and the trace it has as much as logs and reports have.
    """

    def __init__(self, status: HTTPStatus, message: str, *, trace: str = "", install: str = "") -> None:
        self.message = shortened(message, MESSAGE_LENGTH)
        self.trace = shortened(trace, TRACE_LENGTH)
        super().__init__(status, self.message)
        self.install = install

    def __str__(self) -> str:
        return self.message


class ApiHandler(LogsNoQuery, APIHandler):
    """Refusals are ``{message}``, with ``trace`` and ``install`` where there is something to say of them."""

    def update_api_activity(self) -> None:
        """Note what changes something as activity of the user: panels ask again and again for lists."""
        if self.request.method not in {"GET", "HEAD"}:
            super().update_api_activity()

    def answer(self, document: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Finish with `document` as JSON."""
        self.set_status(status)
        self.finish(json.dumps(document))

    def body(self) -> dict[str, Any]:
        """The request's JSON object; an empty one without a body. Raises `ApiError`."""
        text = self.request.body.strip()
        if not text:
            return {}
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ApiError(
                HTTPStatus.BAD_REQUEST, f"the body is to be a JSON object, and is no JSON: {error}"
            ) from None
        if not isinstance(document, dict):
            raise ApiError(
                HTTPStatus.BAD_REQUEST,
                f"the body is to be a JSON object, not {foreign(json.dumps(document))}",
            )
        return document

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """See `ApiHandler`."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        document = {"message": self._message(status_code, error)}
        if isinstance(error, ApiError):
            document |= {
                key: text for key, text in (("trace", error.trace), ("install", error.install)) if text
            }
        self.finish(json.dumps(document))

    def _message(self, status_code: int, error: BaseException | None) -> str:
        if isinstance(error, ApiError):
            return error.message
        if isinstance(error, HTTPError) and (said := error.get_message()):
            return foreign(said, MESSAGE_LENGTH)
        if status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            return "something went wrong in the Jupyter server; its log has the traceback"
        return HTTPStatus(status_code).phrase
