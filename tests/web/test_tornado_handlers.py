"""tornado's handlers; what they answer is in test_site."""

import logging
from typing import Any

import pytest

from jupyter_trame.system.log_limits import Complaints
from jupyter_trame.web.tornado_handlers import log_request, logger


class Request:
    method, path, query = "GET", "/x", "secret=s"


class Handler:
    request = Request()

    def __init__(self, status: int) -> None:
        self.status = status

    def get_status(self) -> int:
        return self.status


@pytest.mark.parametrize(("status", "text"), [(200, ""), (404, ""), (500, "500 GET /x")])
def test_only_defects_are_logged_and_no_secret(
    caplog: pytest.LogCaptureFixture, status: int, text: str
) -> None:
    caplog.set_level(logging.DEBUG)
    handler: Any = Handler(status)
    log_request(Complaints(logger), handler)
    assert caplog.messages == [text][: bool(text)]
