"""The command line and the environment: nothing else in the package reads them."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_trame.server.backends.base import StartRequest

__all__ = ["Settings", "default_options", "make_parser", "read_settings"]

_MAX_MESSAGE = 10_000_000
_HEART_BEAT = 30
_TIMEOUT = 300.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a stand-alone server runs."""

    host: str
    port: int
    """0 takes any free port."""
    timeout: float
    """Seconds without any client after which the server stops; 0 never stops it."""
    open_browser: bool
    debug: bool
    """Show tracebacks to every client."""
    signal_handlers: bool


def default_options(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The options of a server that its constructor did not get."""
    env = os.environ if environ is None else environ
    return {
        "ws_max_msg_size": int(env.get("TRAME_WS_MAX_MSG_SIZE", _MAX_MESSAGE)),
        "ws_heart_beat": int(env.get("TRAME_WS_HEART_BEAT", _HEART_BEAT)),
    }


def make_parser() -> argparse.ArgumentParser:
    """The command line of an app; apps add arguments of their own, unknown ones are ignored."""
    parser = argparse.ArgumentParser(description="jupyter_trame application", allow_abbrev=False)
    parser.add_argument("--server", action="store_true", help="do not open a browser")
    parser.add_argument("--debug", action="store_true", help="show tracebacks to every client")
    parser.add_argument("--nosignalhandlers", action="store_true", help="leave SIGINT and SIGTERM alone")
    parser.add_argument("--host", default="localhost", help="interface to listen on (%(default)s)")
    parser.add_argument("-p", "--port", type=int, default=8080, help="0 takes any free port (%(default)s)")
    parser.add_argument(
        "--timeout",
        type=float,
        default=_TIMEOUT,
        help="seconds without a client until it stops, 0: never (%(default)s)",
    )
    parser.add_argument("--trame-args", default="", help="arguments in one string, for launchers")
    return parser


def read_settings(
    parser: argparse.ArgumentParser,
    request: StartRequest,
    argv: Sequence[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """What `request` says, else the command line, else the environment."""
    env = os.environ if environ is None else environ
    args, _ = parser.parse_known_args(_arguments(argv, env))
    host = args.host
    if host == "localhost":
        host = request.host or env.get("TRAME_DEFAULT_HOST") or host
    wanted = not env.get("TRAME_SERVER") if request.open_browser is None else request.open_browser
    return Settings(
        host=host,
        port=args.port if request.port is None else request.port,
        timeout=args.timeout if request.timeout is None else request.timeout,
        open_browser=wanted and not args.server and request.exec_mode != "task",
        debug=args.debug,
        signal_handlers=request.signal_handlers and not args.nosignalhandlers,
    )


def _arguments(argv: Sequence[str] | None, env: Mapping[str, str]) -> list[str]:
    """The arguments that count: those of a launcher replace the process's, and a test run's are not ours."""
    own = list(sys.argv[1:] if argv is None else argv)
    extra = env.get("TRAME_ARGS", "")
    if "--trame-args" in own:
        at = own.index("--trame-args") + 1
        return own[at].split() if at < len(own) else []
    if extra:
        return extra.split()
    return [] if argv is None and "pytest" in sys.modules else own
