"""Refusals of the extension as lines of text, and what the log says of them."""

from typing import Any

from jupyter_server.base.handlers import JupyterHandler

from jupyter_trame.errors import LinkError
from jupyter_trame.files.headers import refusal_headers
from jupyter_trame.files.page_policy import POLICY_HEADER
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign
from jupyter_trame.transports.tornado_answer import ReadableAnswer
from jupyter_trame.transports.tornado_log import LogsNoQuery

__all__ = ["PlainErrors"]


class PlainErrors(ReadableAnswer, LogsNoQuery, JupyterHandler):
    """jupyter-server's page for errors names the user, whom nobody knows while an address cannot be decoded."""

    def write_error(self, status_code: int, **_: Any) -> None:
        """One line of text."""
        self.clear_header("ETag")
        self.refuse(f"{status_code}: {self.answer_reason}")

    def refuse_unreachable(self, error: LinkError) -> None:
        """Finish with 503 and the reason: the kernel is there, and cannot be asked."""
        self.set_status(503)
        self.refuse(f"503: {foreign(error, MESSAGE_LENGTH)}")

    def refuse(self, text: str) -> None:
        """Finish with `text`."""
        for name, value in refusal_headers(self.answer_headers.get(POLICY_HEADER, "")).items():
            self.set_header(name, value)
        self.finish(text)
