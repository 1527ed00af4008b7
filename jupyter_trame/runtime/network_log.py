"""The option `log_network`: what server and clients tell each other, as text in a file."""

import json
import logging
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.plain import ForClients

__all__ = ["NetworkLog"]

_logger = logging.getLogger(__name__)

_LINE = "-" * 60


class NetworkLog:
    """Appends a section at each message. Any thread."""

    def __init__(self, path: str | Path) -> None:
        """Empty the file. Raises `ServerError` where that cannot be done."""
        self._path = Path(path)
        self._lock = threading.Lock()
        try:
            self._path.write_text("", "utf-8")
        except OSError as error:
            raise ServerError(f"the network log {str(path)!r} cannot be written: {error}") from error

    def initial_state(self, name: str, state: Mapping[str, Any]) -> None:
        """A client gets the whole state."""
        self._write("INITIAL STATE", {"name": name, "state": state})

    def state_from_client(self, values: Mapping[str, Any]) -> None:
        """A client wrote `values`."""
        self._write(
            "STATE: Client => Server", [{"key": key, "value": value} for key, value in values.items()]
        )

    def state_to_clients(self, values: Mapping[str, Any]) -> None:
        """The server pushed `values`."""
        self._write("STATE: Server => Client", values)

    def event_from_client(self, name: str, args: list[Any], kwargs: Mapping[str, Any]) -> None:
        """A client called the trigger or method `name`."""
        self._write("EVENT: Client => Server", {"name": name, "args": args, "kwargs": kwargs})

    def event_to_clients(self, actions: Any) -> None:
        """The server told clients to act."""
        self._write("EVENT: Server => Client", actions)

    def _write(self, title: str, content: Any) -> None:
        """Never raises: a disk that is full must not keep the state from its clients."""
        text = json.dumps(_readable(content), indent=2, ensure_ascii=False)
        dashes = "-" * 11
        try:
            with self._lock, self._path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{dashes} {title} {dashes}\n{text}\n{_LINE}\n")
        except OSError as error:
            _logger.warning("the network log %s cannot be written: %s", self._path, error)


def _readable(value: Any, depth: int = 50) -> Any:
    """`value` as JSON can hold it: of what it cannot, the type."""
    again = partial(_readable, depth=depth - 1)
    if isinstance(value, ForClients):
        return again(value.for_clients())
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if depth > 0 and isinstance(value, Mapping):
        return {str(key): again(item) for key, item in value.items()}
    if depth > 0 and isinstance(value, list | tuple):
        return [again(item) for item in value]
    return str(type(value))
