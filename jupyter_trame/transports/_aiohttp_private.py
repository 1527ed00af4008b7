"""What is used of aiohttp that its documentation does not promise, and what stands in for it where it is not there."""

import logging
from inspect import iscoroutinefunction, signature
from types import FunctionType
from typing import IO, Any

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

__all__ = ["WatchedFile", "watched"]

_logger = logging.getLogger(__name__)


class WatchedFile(web.FileResponse):
    """A file that goes through the transport's buffer, where it is seen whether the client takes it. The system's
    `sendfile` goes around it. Only where `watched` is true.
    """

    async def _sendfile(
        self, request: web.BaseRequest, fobj: IO[Any], offset: int, count: int
    ) -> AbstractStreamWriter:
        writer = await web.StreamResponse.prepare(self, request)
        assert writer is not None
        return await self._sendfile_fallback(writer, fobj, offset, count)


_PARAMETERS = {
    "_sendfile": ["self", "request", "fobj", "offset", "count"],
    "_sendfile_fallback": ["self", "writer", "fobj", "offset", "count"],
}
"""Of the coroutines of aiohttp's file that are called or replaced."""


def _missing(response: type) -> list[str]:
    functions = {name: value for name, value in vars(response).items() if isinstance(value, FunctionType)}
    used = {name for function in functions.values() for name in function.__code__.co_names}
    return [
        name
        for name, parameters in _PARAMETERS.items()
        if name not in used
        or not iscoroutinefunction(functions.get(name))
        or list(signature(functions[name]).parameters) != parameters
    ]


_lacks = _missing(web.FileResponse)
watched = not _lacks
"""Whether a `WatchedFile` works; otherwise large files are sent as a whole, whatever part was asked for."""
if _lacks:
    _logger.warning(
        "aiohttp %s has no %s as they were: parts of files are not sent",
        aiohttp.__version__,
        ", ".join(_lacks),
    )
