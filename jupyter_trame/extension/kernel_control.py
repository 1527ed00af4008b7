"""Asks a kernel, wherever it runs, to stop or to restart one of its servers, and who looks at it over comms."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign
from jupyter_trame.protocol.link import LinkOp, Parcel
from jupyter_trame.transports.control_words import (
    ABSENT,
    BEGUN,
    BUSY,
    CONTROL,
    DONE,
    FAILED,
    LISTED,
    VIEWERS,
)
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.rendezvous import END_OF_TIME
from jupyter_trame.transports.stream import StreamLink

__all__ = ["BUSY_MESSAGE", "ask_kernel", "ask_viewers", "not_running", "unreachable"]

BUSY_MESSAGE = "the kernel is busy; interrupt it or shut it down"
_PATIENCE = 3.0
"""Seconds that the kernel's main thread has to begin."""
_WORD = 4.5
"""Seconds in which the kernel says whether it has begun; a gateway may be far away."""
_CLOSED = "closed"
"""Not a word of the kernel's: the link has ended."""


def not_running(slug: str) -> ApiError:
    """The refusal for a server that is not there, or no more."""
    return ApiError(HTTPStatus.NOT_FOUND, f"the app {foreign(slug)!r} is not running any more")


def unreachable(error: LinkError) -> ApiError:
    """The refusal where the kernel is there, and cannot be asked."""
    return ApiError(
        HTTPStatus.SERVICE_UNAVAILABLE, f"the kernel cannot be asked: {foreign(error, MESSAGE_LENGTH)}"
    )


async def ask_kernel(kernels: Kernels, kernel_id: str, verb: str, slug: str, *, limit: float) -> None:
    """Have the kernel do `verb`, a word of `control_words`, to its server `slug`; returns when that is done.

    `limit`: seconds for that, from when the kernel has begun. Raises `ApiError`: a kernel that is busy is told
    of within 5 s, and does nothing later. Cancelling is safe; what has begun goes on.
    """
    words: asyncio.Queue[list[Any]] = asyncio.Queue()
    link: StreamLink | None = None
    try:
        try:
            async with asyncio.timeout(_WORD):
                link = await _open(kernels, kernel_id, slug, words)
                link.send(Parcel([verb, slug, _PATIENCE]))
                word = await words.get()
        except TimeoutError:
            raise ApiError(HTTPStatus.CONFLICT, BUSY_MESSAGE) from None
        if word[0] == BEGUN:
            try:
                async with asyncio.timeout(limit):
                    word = await words.get()
            except TimeoutError:
                raise ApiError(
                    HTTPStatus.GATEWAY_TIMEOUT,
                    f"the app {foreign(slug)!r} did not {verb} within {limit:g} seconds",
                ) from None
    finally:
        if link is not None:
            link.close("it is answered")
    _check(word, verb, slug)


async def ask_viewers(kernels: Kernels, kernel_id: str, slug: str) -> list[tuple[str, float]]:
    """Ids of the clients of the server `slug` that the kernel reaches over its comms, and since when.

    Empty for a kernel whose release knows no such question, or which does not answer in time. Raises `ApiError` where
    it cannot be asked. Cancelling is safe.
    """
    words: asyncio.Queue[list[Any]] = asyncio.Queue()
    link: StreamLink | None = None
    try:
        async with asyncio.timeout(_WORD):
            link = await _open(kernels, kernel_id, slug, words)
            link.send(Parcel([VIEWERS, slug, _PATIENCE]))
            word = await words.get()
    except TimeoutError:
        return []
    finally:
        if link is not None:
            link.close("it is answered")
    match word:
        case [kind, [*viewers]] if kind == LISTED:
            return [(each[0], each[1]) for each in viewers if _is_viewer(each)]
        case _:
            return []


def _is_viewer(told: object) -> bool:
    match told:
        case [str(), int() | float() as since]:
            return 0 <= since < END_OF_TIME
        case _:
            return False


async def _open(kernels: Kernels, kernel_id: str, slug: str, words: asyncio.Queue[list[Any]]) -> StreamLink:
    """A link to the kernel's control, whose answers go into `words`; its end is one of them."""

    def on_ops(ops: list[LinkOp]) -> None:
        for op in ops:
            if not isinstance(op, Parcel) or not op.header:
                raise LinkError(f"a kernel's control says parcels, not {type(op).__name__}")
            words.put_nowait(op.header)

    try:
        record = await kernels.look_up(kernel_id)
        if record is None:
            raise not_running(slug)
        sock = await join(record, CONTROL, "", connect=partial(kernels.connect, kernel_id))
    except LinkError as error:
        raise unreachable(error) from error
    return StreamLink(
        sock,
        asyncio.get_running_loop(),
        on_ops=on_ops,
        on_closed=lambda reason: words.put_nowait([_CLOSED, reason]),
    )


def _check(word: list[Any], verb: str, slug: str) -> None:
    """Raises what `word` says."""
    match word:
        case [kind] if kind == DONE:
            return
        case [kind] if kind == BUSY:
            raise ApiError(HTTPStatus.CONFLICT, BUSY_MESSAGE)
        case [kind] if kind == ABSENT:
            raise not_running(slug)
        case [kind, str(message), str(trace)] if kind == FAILED:
            raise ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, foreign(message, MESSAGE_LENGTH), trace=trace)
        case [kind, reason] if kind == _CLOSED:
            raise ApiError(
                HTTPStatus.CONFLICT,
                f"the kernel does not {verb} the app when it is asked to ({foreign(reason)}): it has ended, or its "
                f"jupyter_trame is older than that of the Jupyter server; run server.stop() in a cell of it, or "
                "restart the kernel",
            )
        case other:
            raise ApiError(HTTPStatus.CONFLICT, f"the kernel's answer is not understood: {foreign(other)}")
