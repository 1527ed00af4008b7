"""What is told of an exception in user code, whose own methods may raise when they are asked."""

import os
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from jupyter_trame.errors import MissingArgumentError, SerializationError
from jupyter_trame.execution.code_places import name_cells
from jupyter_trame.execution.missing_packages import remedy_for
from jupyter_trame.log_text import MESSAGE_LENGTH, TRACE_LENGTH, foreign, shortened

__all__ = ["ErrorReport", "describe", "make_report", "trace_of"]

_PACKAGE = f"{Path(__file__).parent.parent}{os.sep}"
_HIDDEN = (_PACKAGE, f"{Path(msgpack.__file__).parent}{os.sep}", "msgpack/")
"""Of a mistake of the app's author these show nothing; the last is how a compiled msgpack names its own."""


def describe(error: BaseException) -> str:
    """``repr(error)``; where that raises, the name of its class."""
    try:
        return repr(error)
    except BaseException:  # noqa: BLE001 - it is user code, and this is how its errors are told
        return f"{type(error).__qualname__} (its repr fails)"


def trace_of(error: BaseException) -> str:
    """The traceback of `error` as text; where that cannot be made, what it is.

    Frames of this package and of msgpack are left out, unless there are no others. Cells have their numbers.
    """
    try:
        shown = traceback.TracebackException.from_exception(error)
        _hide_frames(shown)
        return name_cells("".join(shown.format()))
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
    is_hint: bool = False
    """Whether nothing has failed: it looks like a mistake, and the message says what may be meant."""
    remedy: str = ""
    """What to do about it, if that is known; the message begins with it."""

    def as_data(self, *, with_trace: bool) -> dict[str, Any]:
        """The report as clients get it."""
        trace = self.trace if with_trace and self.trace else None
        data = {"where": self.where, "message": self.message, "trace": trace, "time": self.time}
        return {**data, "hint": True} if self.is_hint else data


def make_report(
    where: str, error: BaseException, shown: BaseException, *, in_place: bool = False
) -> ErrorReport:
    """The report of `error`, an exception of the callback `where`, with the traceback of `shown`.

    A client may have given what `where` and the message repeat: reports have the beginning of what is long.
    """
    trace = "" if _is_all_said(error) else trace_of(shown)
    message, remedy = _message_of(error) if trace else str(error), remedy_for(error) or ""
    said = shortened(f"{remedy} ({message})" if remedy else message, MESSAGE_LENGTH)
    trace = shortened(trace, TRACE_LENGTH)
    return ErrorReport(foreign(where), said, trace, in_place=in_place, remedy=remedy)


def _message_of(error: BaseException) -> str:
    try:
        return name_cells("".join(traceback.format_exception_only(error))).strip()
    except BaseException:  # noqa: BLE001 - as in `trace_of`
        return describe(error)


def _is_all_said(error: BaseException) -> bool:
    """Whether the message says it all: no line of the user's is to blame.

    A value is refused when it is sent, and not in the line that has set it; a function that takes what is not there was
    not called.
    """
    files = (frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__))
    return isinstance(error, SerializationError | MissingArgumentError) and all(map(_is_hidden, files))


def _hide_frames(shown: traceback.TracebackException) -> None:
    """Leave out what `trace_of` does, in `shown` and in what it names as its reasons."""
    frames = [frame for frame in shown.stack if not _is_hidden(frame.filename)]
    if frames:
        shown.stack = traceback.StackSummary.from_list(frames)
    for reason in (shown.__cause__, shown.__context__, *(shown.exceptions or ())):
        if reason is not None:
            _hide_frames(reason)


def _is_hidden(path: str) -> bool:
    return path.startswith(_HIDDEN)
