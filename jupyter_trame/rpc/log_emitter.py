"""`protocol.log_emitter`: errors as events, for packages that subscribe to them."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

__all__ = ["LogEmitter", "LogEvent"]

LogEvent: TypeAlias = Literal["exception", "error", "critical", "info", "debug"]


class LogEmitter:
    """``exception`` comes with the exception of a method that a client called, the others with a text. Any thread."""

    allowed_events = frozenset(get_args(LogEvent))

    def __init__(self, report: Callable[[str, BaseException], object]) -> None:
        """`report(event, error)` hears of a listener that raised; the others are called all the same."""
        self._report = report
        self._listeners: dict[str, list[Callable[[Any], object]]] = {}

    def add_event_listener(self, event: LogEvent, listener: Callable[[Any], object]) -> None:
        """Call ``listener(what)`` at each `event`. Raises ValueError for one that there is not."""
        self._check(event)
        self._listeners.setdefault(event, []).append(listener)

    def remove_event_listener(self, event: LogEvent, listener: Callable[[Any], object]) -> None:
        """Undo `add_event_listener`; a listener that is not there is ignored."""
        self._check(event)
        self._listeners[event] = [known for known in self._listeners.get(event, []) if known != listener]

    def emit(self, event: LogEvent, what: Any) -> None:
        """Tell the listeners of `event`."""
        self._check(event)
        for listener in list(self._listeners.get(event, [])):
            try:
                listener(what)
            except BaseException as error:  # noqa: BLE001 - reported
                self._report(event, error)

    def exception(self, error: BaseException) -> None:
        """A method raised."""
        self.emit("exception", error)

    def error(self, message: str) -> None:
        """Something failed."""
        self.emit("error", message)

    def critical(self, message: str) -> None:
        """Something cannot go on."""
        self.emit("critical", message)

    def info(self, message: str) -> None:
        """Something worth to be known."""
        self.emit("info", message)

    def debug(self, message: str) -> None:
        """Something for who looks for a defect."""
        self.emit("debug", message)

    def _check(self, event: str) -> None:
        if event not in self.allowed_events:
            names = ", ".join(get_args(LogEvent))
            raise ValueError(f"the events are {names}, {event!r} is none of them")
