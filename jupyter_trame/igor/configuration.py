"""What a server may be told: the dictionary of the original, checked, and what the constructor adds to it."""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jupyter_trame.given import check_texts
from jupyter_trame.runtime.settings import is_loopback

__all__ = [
    "CONFIG",
    "FileOptions",
    "Options",
    "read_file_options",
    "read_grace",
    "read_options",
    "whole_config",
]

T = TypeVar("T")

_DEFAULTS: dict[str, Any] = {
    "port": 5678,
    "host": "localhost",
    "origins": [],
    "allowed_hosts": [],
    "max_clients": 512,
    "file_server": False,
    "file_server_config": {
        "enable": False,
        "port": 8080,
        "root_directory": None,
        "writable": False,
        "max_size": 100 << 20,
        "origins": [],
    },
    "logging": {"level": logging.ERROR, "file_name": "igor_error.log"},
}

CONFIG: dict[str, Any] = copy.deepcopy(_DEFAULTS)
"""What servers take that are given no configuration; each has a copy of its own from the moment it is made."""

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
"""What an address and the name of a file may hold."""
_RECLAIM = ("token", "open")


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the file server may do."""

    root: Path
    """All paths are below it."""
    port: int = 8080
    writable: bool = False
    max_size: int = 100 << 20
    """Bytes of an upload."""
    origins: tuple[str, ...] = ()
    """Pages of other origins that may read, and write where that is allowed."""
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A configuration that was checked."""

    host: str
    port: int
    name: str
    """Of the server in its process, and in its address under Jupyter."""
    origins: tuple[str, ...]
    """Pages that may connect beside those of this machine; under Jupyter jupyter-server decides."""
    allowed_hosts: tuple[str, ...]
    """Names by which requests may call the server, beside the usual."""
    max_clients: int
    """Who may be connected at once."""
    grace: float
    max_message_size: int
    """Bytes of a frame."""
    open_reclaim: bool
    files: FileOptions | None
    log_level: int
    log_file: str | None


def whole_config(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """A copy of `config`, of `CONFIG` without one, with the defaults for what it leaves out.

    Raises `TypeError` and `ValueError`, with a sentence that says what was expected.
    """
    given = CONFIG if config is None else config
    return _merge(_DEFAULTS, given, "config")


def _merge(defaults: Mapping[str, Any], given: object, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{where} is a dict, not {type(given).__name__}")
    unknown = sorted(map(str, set(given) - set(defaults)))
    if unknown:
        known = ", ".join(defaults)
        raise ValueError(f"{where} has no {', '.join(unknown)}; what there is: {known}")
    merged = copy.deepcopy({**defaults, **given})
    for key, value in defaults.items():
        if isinstance(value, dict):
            merged[key] = _merge(value, merged[key], f"{where}[{key!r}]")
    return merged


def read_options(
    config: Mapping[str, Any], *, name: str | None, grace: float, max_message_size: int, allow_reclaim: str
) -> Options:
    """Check a whole configuration. Raises `TypeError` and `ValueError`, as `whole_config`."""
    host = _typed(config["host"], str, "config['host']")
    port = _port(config["port"], "config['port']")
    if allow_reclaim not in _RECLAIM:
        raise ValueError(f"allow_reclaim is one of {', '.join(_RECLAIM)}, not {allow_reclaim!r}")
    if allow_reclaim == "open" and not is_loopback(host):
        raise ValueError(
            f'allow_reclaim="open" lets everybody take every id, so it needs a host of this machine, not {host!r}'
        )
    if _typed(max_message_size, int, "max_message_size") <= 0:
        raise ValueError(f"max_message_size is bytes, more than 0, not {max_message_size}")
    if _typed(config["max_clients"], int, "config['max_clients']") <= 0:
        raise ValueError(f"config['max_clients'] is a number, more than 0, not {config['max_clients']}")
    log = config["logging"]
    return Options(
        host=host,
        port=port,
        name=_name(str(port) if name is None else name),
        origins=check_texts("config['origins']", config["origins"]),
        allowed_hosts=check_texts("config['allowed_hosts']", config["allowed_hosts"]),
        max_clients=config["max_clients"],
        grace=read_grace(grace, "session_grace"),
        max_message_size=max_message_size,
        open_reclaim=allow_reclaim == "open",
        files=_file_options(config),
        log_level=_level(log["level"]),
        log_file=str(log["file_name"]) if log["file_name"] else None,
    )


def read_grace(seconds: float, where: str) -> float:
    """For how long a session is kept. Raises `TypeError` and `ValueError`."""
    if not _typed(seconds, (int, float), where) >= 0:
        raise ValueError(f"{where} is seconds, 0 or more, not {seconds}")
    return seconds


def _file_options(config: Mapping[str, Any]) -> FileOptions | None:
    given = config["file_server_config"]
    if not (config["file_server"] or given["enable"]):
        return None
    hosts = check_texts("config['allowed_hosts']", config["allowed_hosts"])
    return read_file_options(given, lambda key: f"config['file_server_config'][{key!r}]", hosts)


def read_file_options(
    given: Mapping[str, Any], called: Callable[[str], str], allowed_hosts: tuple[str, ...] = ()
) -> FileOptions:
    """Check what a file server was given; `called` says how messages call a key of it.

    Raises `TypeError` and `ValueError`, as `whole_config`.
    """
    max_size = _typed(given["max_size"], int, called("max_size"))
    if max_size < 0:
        raise ValueError(f"{called('max_size')} is bytes, 0 or more, not {max_size}")
    return FileOptions(
        root=_root(given["root_directory"], called("root_directory")),
        port=_port(given["port"], called("port")),
        writable=_typed(given["writable"], bool, called("writable")),
        max_size=max_size,
        origins=check_texts(called("origins"), given["origins"]),
        allowed_hosts=allowed_hosts,
    )


def _root(root: object, where: str) -> Path:
    """The folder that a file server shows. Raises `ValueError` where there is none: not everything is to be shown."""
    if not isinstance(root, str | Path) or not str(root):
        raise ValueError(
            f"{where} names the folder that the file server shows, as text or a Path; got {root!r}"
        )
    try:
        found = Path(root).resolve(strict=True)
    except OSError as error:
        raise ValueError(f"{where}: {str(root)!r} cannot be used: {error.strerror or error}") from None
    if not found.is_dir():
        raise ValueError(f"{where}: {str(root)!r} is no folder")
    return found


def _typed(value: T, kind: type | tuple[type, ...], where: str) -> T:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(one.__name__ for one in kinds)
        raise TypeError(f"{where} is {names}, not {value!r}")
    return value


def _port(value: Any, where: str) -> int:
    port: int = _typed(value, int, where)
    if not 0 <= port <= 65535:
        raise ValueError(f"{where} is a port, 0 to 65535, not {port}")
    return port


def _name(name: str) -> str:
    if not _NAME.fullmatch(_typed(name, str, "name")):
        raise ValueError(f"name is letters, digits and - _ . and does not begin with a dot, not {name!r}")
    return name


def _level(level: Any) -> int:
    number: Any = logging.getLevelNamesMapping().get(level) if isinstance(level, str) else level
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"config['logging']['level'] is a level of logging or its name, not {level!r}")
    return int(number)
