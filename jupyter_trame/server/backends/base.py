"""What a server asks of whatever carries it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

__all__ = ["Backend", "ExecMode", "OpenMode", "StartRequest"]

ExecMode: TypeAlias = Literal["main", "task", "coroutine"]
OpenMode: TypeAlias = Literal["tab", "right", "split", "window"]


@dataclass(frozen=True, slots=True)
class StartRequest:
    """The arguments of `Server.start`; None leaves a value to the command line and the environment."""

    exec_mode: ExecMode = "main"
    host: str | None = None
    port: int | None = None
    """0 takes any free port."""
    timeout: float | None = None
    """Seconds without any client after which the server stops; 0 never stops it."""
    open_browser: bool | None = None
    show_connection_info: bool = True
    signal_handlers: bool = True


class Backend(Protocol):
    """Carries one server through one or more lives."""

    shows_traces: bool
    """Whether every client that can connect may see tracebacks."""
    starts_on_display: bool
    """Whether showing a server that is off starts it."""

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """Bring the server up; what `Server.start` returns."""

    def close(self, *, replaced: bool) -> None:
        """The server stopped. `replaced`: another life of it begins, so clients wait for that one."""

    def retitle(self, title: str) -> None:
        """The title of the server changed. Any thread."""

    def open(self, mode: OpenMode) -> None:
        """Show the app in a page of its own."""

    def view(self) -> Any:
        """The widget that shows the app in a cell. Raises `ServerError` where there are no widgets."""

    def mimebundle(self) -> dict[str, Any] | None:
        """The app as the value of a cell; None where only text can be shown."""
