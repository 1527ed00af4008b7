"""`trame_server.utils.logger`: a file for what a program itself has to say about its traffic.

What a server and its clients say is written by the option ``log_network`` of that server, each to its own file.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "StateExchangeType",
    "action_c2s",
    "action_s2c",
    "error",
    "initial_state",
    "initialize_logger",
    "state_c2s",
    "state_exchange",
    "state_s2c",
]

_LINE = "-" * 60


def _title(text: str) -> str:
    dashes = "-" * 11
    return f"{dashes} {text} {dashes}\n"


class StateExchangeType:
    """The titles of the sections."""

    STATE_INITIAL = _title("INITIAL STATE")
    STATE_CLIENT_TO_SERVER = _title("STATE: Client => Server")
    STATE_SERVER_TO_CLIENT = _title("STATE: Server => Client")
    ACTION_CLIENT_TO_SERVER = _title("EVENT: Client => Server")
    ACTION_SERVER_TO_CLIENT = _title("EVENT: Server => Client")


class _File:
    """Where the functions below write; nowhere at first."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self._lock = threading.Lock()

    def append(self, text: str) -> None:
        if self.path is not None:
            with self._lock, self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)


_file = _File()


def initialize_logger(options: Mapping[str, Any]) -> None:
    """Write to the file that `options` names as ``log_network`` from now on, which is removed; or nowhere."""
    path = options.get("log_network")
    _file.path = Path(path) if path else None
    if _file.path is not None:
        _file.path.unlink(missing_ok=True)


def state_exchange(title: str, content: Any) -> None:
    """Append a section. Raises TypeError for what JSON has no form of, but bytes: of them the type is written."""
    if _file.path is not None:
        text = json.dumps(content, indent=2, default=_shown)
        _file.append(f"{title}{text}\n{_LINE}\n")


def initial_state(content: Any) -> None:
    """A client got the whole state."""
    state_exchange(StateExchangeType.STATE_INITIAL, content)


def state_c2s(content: Any) -> None:
    """A client wrote to the state."""
    state_exchange(StateExchangeType.STATE_CLIENT_TO_SERVER, content)


def state_s2c(content: Any) -> None:
    """The server wrote to the state."""
    state_exchange(StateExchangeType.STATE_SERVER_TO_CLIENT, content)


def action_c2s(content: Any) -> None:
    """A client called something."""
    state_exchange(StateExchangeType.ACTION_CLIENT_TO_SERVER, content)


def action_s2c(content: Any) -> None:
    """The server told clients to act."""
    state_exchange(StateExchangeType.ACTION_SERVER_TO_CLIENT, content)


def error(message: str) -> None:
    """Print `message`, and append it."""
    sys.stdout.write(f"Error: {message}\n")
    _file.append(f"{_LINE}\nERROR: {message}\n{_LINE}\n")


def _shown(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return str(type(value))
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
