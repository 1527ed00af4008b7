"""Waiting for a start in several requests, each shorter than proxies let one be."""

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus

from jupyter_server.utils import url_path_join

from jupyter_trame.extension.api import API_PATH
from jupyter_trame.extension.api_handler import ApiError, ApiHandler
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.rights import requires
from jupyter_trame.extension.starts import Start, Starts
from jupyter_trame.log_text import foreign

__all__ = ["LONGEST_WAIT", "StartHandler", "answer_start"]

LONGEST_WAIT = 50.0
"""Seconds; proxies end requests after 60 s."""
_WAIT = 20.0
"""Seconds, where the request does not say any."""


async def answer_start(handler: ApiHandler, begin: Callable[[], Start], up: HTTPStatus) -> None:
    """Answer with the server and the status `up`, or 202 and where to ask again. Raises what the start did.

    `begin` is not called for a request that is not as expected.
    """
    seconds = _seconds(handler)
    start = begin()
    model = await start.wait(seconds)
    if model is not None:
        handler.answer(asdict(model), up)
        return
    handler.set_header("Location", url_path_join(handler.base_url, API_PATH, "starts", start.id))
    handler.answer({"id": start.id, "what": start.what}, HTTPStatus.ACCEPTED)


class StartHandler(ApiHandler):
    """``starts/<id>``."""

    def initialize(self, *, starts: Starts, control: AppControl) -> None:
        """See `Starts` and `AppControl`."""
        super().initialize()
        self._starts = starts
        self._control = control

    @requires("read", "kernels")
    async def get(self, start_id: str) -> None:
        """What has come of it."""
        await answer_start(self, lambda: self._starts.find(start_id), HTTPStatus.OK)

    @requires("write", "kernels")
    @requires("execute", "kernels")
    async def delete(self, start_id: str) -> None:
        """Stop it, and what it has started."""
        start = self._starts.find(start_id)
        model = await self._starts.stop(start)
        address = start.address if model is None else (model.kernel_id, model.slug)
        if address is not None:
            try:
                await self._control.stop(*address)
            except ApiError as error:
                if error.status_code != HTTPStatus.NOT_FOUND:
                    raise
        self.set_status(HTTPStatus.NO_CONTENT)
        self.finish()


def _seconds(handler: ApiHandler) -> float:
    text = handler.get_query_argument("wait", None)
    if text is None:
        return _WAIT
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT:
        raise ApiError(
            HTTPStatus.BAD_REQUEST,
            f"wait is to be a number of seconds from 0 to {LONGEST_WAIT:g}, not {foreign(text)!r}",
        )
    return seconds
