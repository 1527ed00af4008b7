"""What a part says beside what it shows: that it is at work, how far it is, what went wrong."""

from __future__ import annotations

from typing import Any

from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of

__all__ = ["PartStatus", "report_data"]


class PartStatus:
    """A key that says of a part whether its function is at work, and what that has raised last. Any thread."""

    def __init__(self, server: Server, key: str) -> None:
        self.key = key
        self._server = server
        self.clear()

    def clear(self) -> None:
        """All is well."""
        self._server.state[self.key] = {"busy": False, "error": None}

    def fail(self, report: ErrorReport) -> None:
        """Show `report` in the place of the part."""
        error = report_data(self._server, report)
        self._server.state[self.key] = {"busy": False, "error": error}

    def tell(self, busy: bool) -> None:
        """Say that the function is at work, or is no more."""
        state = self._server.state
        state[self.key] = {**state[self.key], "busy": busy}


def report_data(server: Server, report: ErrorReport) -> dict[str, Any]:
    """A report as views of `server` show it: with its traceback where they may have that."""
    return report.as_data(with_trace=runtime_of(server).shows_traces)
