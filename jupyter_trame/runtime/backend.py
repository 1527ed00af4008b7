"""What a server asks of whatever carries it, and of what a life opens."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from jupyter_trame.doctor.report import Report

__all__ = ["Backend", "Carrier", "ExecMode", "OpenMode", "ServerHost", "StartRequest"]

ExecMode: TypeAlias = Literal["main", "task", "coroutine", "desktop"]
OpenMode: TypeAlias = Literal["tab", "right", "split", "window", "browser"]


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
    backend: str | None = None
    """The name of what is to carry the server."""
    window: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of pywebview's `create_window`, for the mode ``"desktop"``."""
    follow_symlinks: bool | None = None
    """Whether a link in a served folder may lead out of it."""
    disable_logging: bool = False
    """Leave the levels of loggers alone."""
    arguments: Sequence[str] | None = None
    """The command line; None stands for the process's own."""


class Backend(Protocol):
    """Carries one server through one or more lives."""

    shows_traces: bool
    """Whether every client that can connect may see tracebacks."""
    starts_on_display: bool
    """Whether showing a server that is off starts it."""

    @property
    def web(self) -> Any:
        """What `on_server_bind` gets and `server._server` is while the server is up; None without a web app."""

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """Bring the server up by `LifeCycle.up` or `LifeCycle.run`; what `Server.start` returns."""

    def close(self, *, replaced: bool) -> None:
        """The server stopped. `replaced`: another life of it begins, so clients wait for that one."""

    def retitle(self, title: str) -> None:
        """The title of the server changed. Any thread."""

    def open(self, mode: OpenMode | None) -> None:
        """Show the app in a page of its own; None: where its user likes to have it."""

    def display_still(self, template: str) -> bool:
        """Put a still picture of a layout into the output, if nobody is there to see more; whether it is there."""

    def displayed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What Jupyter and IPython show of the server where it is displayed, as ``_repr_mimebundle_`` gives it."""

    def whereabouts(self) -> str:
        """Where a server that runs is, for its text form: " at <address>", without a secret, or nothing. Any thread."""

    def view(self, template: str = "main", embed: str | None = None) -> Any:
        """The widget that shows the app in a cell. Raises `ServerError` where there are no widgets.

        `template` is the name of one of its layouts; `embed` says how it is shown, see `Server.view`.
        """

    def doctor(self) -> Report:
        """What is known of the server and of its ways to clients. Any thread but that of its sockets, for a second."""

    async def examine(self) -> Report:
        """The same, while the owner's loop, which waits for it, goes on. Raises nothing; cancelling is safe."""

    def pending(self) -> int:
        """Messages on their way to clients that are not written yet. Any thread.

        When it may have become 0 the backend calls `NetworkMonitor.changed`.
        """


class ServerHost(Protocol):
    """Carries the servers of a process that is no program: of a kernel, or of a prompt."""

    is_kernel: bool
    """Whether servers of one name have one address, so that the next one takes the place of the one before."""

    def cell(self) -> str | None:
        """The id of the cell that runs; None where there is none, or nobody says. Any thread."""

    def make_backend(self, life_cycle: Any, name: str | None) -> Backend:
        """What carries the server of `life_cycle`: the backend `name`, or the host's own. Raises `ServerError`."""

    def close(self) -> None:
        """End what the servers share. Main thread."""


class Carrier(Protocol):
    """The sockets of one life of a server that carries itself: what `LifeCycle.run` calls, in this order."""

    def open(self) -> Any:
        """Be ready to listen; what `on_server_bind` gets."""

    async def listen(self) -> int:
        """Open the sockets; the port, 0 where there is none."""

    def publish(self) -> None:
        """Let clients in."""

    def announce(self) -> None:
        """Tell the user that the server is up."""

    async def until(self, finished: Coroutine[Any, Any, None]) -> None:
        """Return when `finished`, the end of the life, has come, or when the life is to end."""

    def shut(self) -> None:
        """The life begins no more: close what `open` and `listen` have opened."""

    async def closed(self) -> None:
        """Return when everything is closed; in each case, and last."""
