"""Answers of services, as jupyter-server sends them."""

from __future__ import annotations

from http import HTTPStatus

from jupyter_trame.extension.sending import FileSender
from jupyter_trame.files.page_policy import POLICY_HEADER, PagePolicy, combine, document_policy
from jupyter_trame.protocol.link import PageFiles
from jupyter_trame.services.addresses import Redirect, Refusal
from jupyter_trame.services.front import FrontAnswer, WebRequest
from jupyter_trame.services.service_messages import ServiceAnswer

__all__ = ["NarviAnswers"]


class NarviAnswers(FileSender):
    """A handler below ``<base_url>trame`` that answers with what the core of services says."""

    _policy = PagePolicy()

    @property
    def narvi_path(self) -> str:
        """What of the address the core of services knows: raw, from behind ``<base_url>trame``."""
        # A proxy may have changed what lies before it, and a workspace may be called `trame`.
        return self.request.path.removeprefix(self.base_url.rstrip("/")).removeprefix("/trame")

    def web_request(self, *, may_administer: bool = False) -> WebRequest:
        """The request as the core of services has it."""
        return WebRequest(
            str(self.request.method),
            self.narvi_path,
            self.request.query or "",
            list(self.request.headers.get_all()),
            self.request.body or b"",
            may_administer=may_administer,
        )

    def give(self, answer: FrontAnswer) -> None:
        """Finish with an answer that is no file."""
        if isinstance(answer, Redirect):
            self.set_status(HTTPStatus.TEMPORARY_REDIRECT)
            self.set_header("Location", answer.location)
            self.set_header("Cache-Control", "no-store")
            self.finish()
        elif isinstance(answer, Refusal):
            self.set_status(answer.status)
            if answer.retry_after is not None:
                self.set_header("Retry-After", answer.retry_after)
            self.refuse(answer.text)
        elif isinstance(answer, ServiceAnswer):
            self._give_answer(answer)
        else:
            raise TypeError(f"{type(answer).__name__} is no answer of this kind")

    def _give_answer(self, answer: ServiceAnswer) -> None:
        self.set_status(answer.status)
        self.add_page_headers(PageFiles())
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.set_header("Content-Type", answer.media_type)
        # It may hold what others have said, and opened as a page it would act for who looks at it.
        policy = combine(self.answer_headers.get(POLICY_HEADER, ""), document_policy(answer.media_type) or "")
        self.set_header(POLICY_HEADER, policy)
        if answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.clear_header("Content-Type")
            self.finish()
        else:
            self.finish(answer.body)
