"""What is told of an exception in user code, whose own methods may raise when they are asked."""

import os
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_trame.errors import SerializationError
from jupyter_trame.log_text import MESSAGE_LENGTH, TRACE_LENGTH, foreign, shortened

__all__ = ["ErrorReport", "describe", "make_report", "trace_of"]

_PACKAGE = f"{Path(__file__).parent.parent}{os.sep}"


def describe(error: BaseException) -> str:
    """``repr(error)``; where that raises, the name of its class."""
    try:
        return repr(error)
    except BaseException:  # noqa: BLE001 - it is user code, and this is how its errors are told
        return f"{type(error).__qualname__} (its repr fails)"


def trace_of(error: BaseException, frames: TracebackType | None = None) -> str:
    """The traceback of `error` as text, from `frames` on if given; where that cannot be made, what it is."""
    try:
        return "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))
    except BaseException:  # noqa: BLE001 - attributes of the user's class take part, those of a SyntaxError for example
        return f"{describe(error)}\n"


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """One exception in user code."""

    where: str
    """The callback: what called it and its name."""
    message: str
    """Type and text of the exception, one line as a rule."""
    trace: str
    """The traceback as text; empty when there is none."""
    time: float = field(default_factory=time.time)
    """Seconds since the epoch."""
    from_client: bool = False
    """Whether it happened in a page, which shows it already."""
    in_place: bool = False
    """Whether the part of the interface that it belongs to shows it."""

    def as_data(self, *, with_trace: bool) -> dict[str, Any]:
        """The report as clients get it."""
        trace = self.trace if with_trace and self.trace else None
        return {"where": self.where, "message": self.message, "trace": trace, "time": self.time}


def make_report(
    where: str, error: BaseException, shown: BaseException, *, in_place: bool = False
) -> ErrorReport:
    """The report of `error`, an exception of the callback `where`, with the traceback of `shown`.

    A client may have given what `where` and the message repeat: reports have the beginning of what is long.
    """
    trace = "" if _is_all_said(error) else trace_of(shown, _user_frames(shown.__traceback__))
    message = shortened(_message_of(error), MESSAGE_LENGTH)
    return ErrorReport(foreign(where), message, shortened(trace, TRACE_LENGTH), in_place=in_place)


def _message_of(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception_only(error)).strip()
    except BaseException:  # noqa: BLE001 - as in `trace_of`
        return describe(error)


def _is_all_said(error: BaseException) -> bool:
    """Whether the message says it all: a value is refused when it is sent, and not in the line that has set it."""
    frames = _user_frames(error.__traceback__)
    ours = frames is None or frames.tb_frame.f_code.co_filename.startswith(_PACKAGE)
    return ours and isinstance(error, SerializationError)


def _user_frames(trace: TracebackType | None) -> TracebackType | None:
    """`trace` without the frames of this package that lead to the user's."""
    frames = trace
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        frames = frames.tb_next
    return frames or trace
