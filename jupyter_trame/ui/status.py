"""What a part says beside what it shows: that it is at work, how far it is, what went wrong."""

from __future__ import annotations

from typing import Any, Final

from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of

__all__ = ["NO_STATUS", "report_data", "status"]


def status(*, busy: bool = False, error: dict[str, Any] | None = None) -> dict[str, Any]:
    """The value of a part's second key."""
    return {"busy": busy, "error": error}


def report_data(server: Server, report: ErrorReport) -> dict[str, Any]:
    """A report as views of `server` show it: with its traceback where they may have that."""
    return report.as_data(with_trace=runtime_of(server).shows_traces)


NO_STATUS: Final = status()
