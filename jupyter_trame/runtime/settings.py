"""The command line and the environment: nothing else in the package reads them."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.manners import OURS

__all__ = [
    "DEFAULT_SECRET",
    "IGNORED",
    "CommandLine",
    "Settings",
    "backend_name",
    "behind_gateway",
    "default_arguments",
    "default_headers",
    "default_hot_reload",
    "default_options",
    "has_jupyter_session",
    "ignored_variables",
    "is_loopback",
    "is_voila",
    "jupyter_base_url",
    "make_parser",
    "read_settings",
]

T = TypeVar("T")

DEFAULT_SECRET = "wslink-secret"

IGNORED = {
    "TRAME_IFRAME_BUILDER": "views are in the page",
    "TRAME_IPYWIDGETS_DISABLE": "views are widgets",
    "TRAME_JUPYTER_ENDPOINT": "the Jupyter server serves the pages",
    "TRAME_JUPYTER_WWW": "the Jupyter server serves the pages",
    "WSLINK_HEART_BEAT": "there is TRAME_WS_HEART_BEAT",
    "WSLINK_MAX_MSG_SIZE": "there is TRAME_WS_MAX_MSG_SIZE",
    "WSLINK_MSG_OVERHEAD": "the header of a chunk does not count",
    "WSLINK_READY_MSG": "there is on_server_ready",
    "WSLINK_WS_COMPRESS": "messages are never compressed",
}
"""What trame and wslink read, and why it has no effect here."""

_MAX_MESSAGE = 10_000_000
_HEART_BEAT = 30
_TIMEOUT = 300.0
_LAST_PORT = 65535
_HOSTS = frozenset(
    {"colab_kernel_launcher", "ipykernel_launcher", "ipython", "ipython3", "py.test", "pytest"}
)
_HOST_PACKAGES = frozenset({"IPython", "pytest"})
"""Those that ``python -m`` runs."""
_TEST_RUN = frozenset({"PYTEST_CURRENT_TEST", "PYTEST_VERSION"})
"""Variables that pytest sets while it runs tests."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server that has started runs."""

    host: str
    port: int
    """0 takes any free port."""
    timeout: float
    """Seconds without any client after which the server stops; 0 never stops it."""
    open_browser: bool
    debug: bool
    """Show tracebacks to every client."""
    signal_handlers: bool
    given_secret: str = field(repr=False)
    """The secret that was given, or an empty string; which one is in force `Runtime.secret` says."""
    content: Path | None
    """The folder of the page; None leaves it to the modules."""
    endpoint: str | None
    """Path of the websocket without its slash; None opens none."""
    http: bool
    """Whether pages and files are served."""
    folders: Mapping[str, str]
    """URL prefix -> folder, as on the command line; what `Server.serve` holds takes its place."""
    hello_size: int
    """Bytes of the largest message before a client is let in; a longer secret makes it more."""
    ssl: str | None
    """Certificate and key, ``adhoc`` or ``cert,key``; None serves plain HTTP."""
    reverse_url: str | None
    """The websocket of a relay to connect to, instead of listening."""
    desktop: bool
    """Show the app in a window of its own."""
    allowed_hosts: frozenset[str]
    """Names by which requests may call the server, beside those that it is bound to; ``*`` is every name."""
    follow_symlinks: bool
    """Whether a link in a served folder may lead out of it."""
    banner: bool
    """Greet with a picture."""
    namespace: argparse.Namespace = field(repr=False)
    """The command line as it was read, with the app's own arguments; host, port and timeout as they are in force."""

    def check_folders(self) -> None:
        """Raises `ServerError` for a folder that is not there: all of its files would be missed one by one."""
        content = {} if self.content is None else {"--content": self.content}
        served = {f"--fs-endpoints {prefix}": Path(folder) for prefix, folder in self.folders.items()}
        for option, folder in {**content, **served}.items():
            if not folder.is_dir():
                raise ServerError(f"{option}: there is no folder {folder}")


def default_options(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The options of a server that its constructor did not get. Raises `ServerError` that names a bad variable."""
    env = _environment(environ)
    return {
        "log_network": env.get("TRAME_LOG_NETWORK") or None,
        "ws_max_msg_size": _read(env, "TRAME_WS_MAX_MSG_SIZE", int, _MAX_MESSAGE, "a number of bytes"),
        "ws_heart_beat": _read(env, "TRAME_WS_HEART_BEAT", int, _HEART_BEAT, "a whole number of seconds"),
        "desktop_debug": _is_set(env, "TRAME_DESKTOP_DEBUG"),
        "upload_quota": _read(env, "TRAME_UPLOAD_QUOTA", int, Limits().uploads, "a number of bytes"),
        "connect_src": env.get("TRAME_CONNECT_SRC", "").split(),
        "frame_ancestors": env.get("TRAME_FRAME_ANCESTORS", "").split(),
    }


def default_hot_reload(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> bool:
    """Whether functions are read again from their files before each call."""
    env = _environment(environ)
    return "--hot-reload" in default_arguments(argv, env) or bool(env.get("TRAME_HOT_RELOAD"))


def default_headers(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The HTTP headers in the JSON file that ``WSLINK_HTTP_HEADERS`` names.

    Raises `ServerError` for a file that cannot be read.
    """
    name = _environment(environ).get("WSLINK_HTTP_HEADERS")
    if not name:
        return {}
    try:
        content = json.loads(Path(name).read_text("utf-8"))
        return {str(key): str(value) for key, value in content.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ServerError(
            f"WSLINK_HTTP_HEADERS names {name!r}, which holds no JSON object: {error}"
        ) from error


def ignored_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each variable of trame that is set and has no effect here."""
    env = _environment(environ)
    return [
        f"the environment variable {name} is ignored: {why}" for name, why in IGNORED.items() if env.get(name)
    ]


def jupyter_base_url(environ: Mapping[str, str] | None = None) -> str:
    """The path of the jupyter server that a kernel belongs to, as far as it knows: its hub's, else ``/``."""
    return _environment(environ).get("JUPYTERHUB_SERVICE_PREFIX") or "/"


def behind_gateway(environ: Mapping[str, str] | None = None) -> bool:
    """Whether a Kernel Gateway or an Enterprise Gateway started this process as a kernel; both say so."""
    return bool(_environment(environ).get("KERNEL_GATEWAY"))


def is_voila(environ: Mapping[str, str] | None = None) -> bool:
    """Whether Voila started this process as a kernel."""
    return _environment(environ).get("SERVER_SOFTWARE", "").startswith("voila/")


def has_jupyter_session(environ: Mapping[str, str] | None = None) -> bool:
    """Whether a Jupyter server started this process as the kernel of a notebook."""
    return bool(_environment(environ).get("JPY_SESSION_NAME"))


def backend_name(request: StartRequest, environ: Mapping[str, str] | None = None) -> str | None:
    """What is to carry the server, as asked for; None leaves it to where the server runs."""
    return request.backend or _environment(environ).get("TRAME_BACKEND") or None


class CommandLine(argparse.ArgumentParser):
    """Reads the arguments that count where it is given none: not always the process's, see `default_arguments`."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """See `argparse.ArgumentParser.parse_known_args`."""
        return super().parse_known_args(default_arguments() if args is None else list(args), namespace)


def make_parser(description: str = OURS.help_begins) -> CommandLine:
    """The command line of an app; apps add arguments of their own, unknown ones are ignored."""
    parser = CommandLine(description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--server", action="store_true", help="do not open a browser")
    add("--banner", action="store_true", help="greet with a picture")
    add("--app", action="store_true", help="show the app in a window of its own")
    add("--debug", action="store_true", help="show tracebacks to every client, log more")
    add("--nosignalhandlers", action="store_true", help="leave SIGINT and SIGTERM alone")
    add("--host", default="localhost", help="interface to listen on (%(default)s)")
    add(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name of the server, of its proxy for example; * takes every name",
    )
    add("-p", "--port", type=int, default=8080, help="0 takes any free port (%(default)s)")
    add(
        "--timeout",
        type=float,
        default=_TIMEOUT,
        help="seconds without a client until it stops, 0: never (%(default)s)",
    )
    add("--content", default="", help="folder of the page")
    add("--authKey", default=DEFAULT_SECRET, help="what clients say first (a fresh one each start)")
    add("--authKeyFile", default=None, help="file that holds it")
    add("--ws-endpoint", dest="ws", default="ws", help="path of the websocket (%(default)s)")
    add("--no-ws-endpoint", dest="nows", action="store_true", help="open no websocket")
    add(
        "--no-ws-compress",
        dest="nowscompress",
        action="store_true",
        help="accepted: messages are never compressed",
    )
    add("--no-http", action="store_true", help="open the websocket only")
    add("--fs-endpoints", dest="fsEndpoints", default="", help="folders to serve: a=/path|b=/path")
    add(
        "--follow-symlinks", dest="static_follow_symlinks", action="store_true", help="serve where links lead"
    )
    add("--reverse-url", default=None, help="connect to this websocket instead of listening")
    add("--ssl", default="", help="serve HTTPS: adhoc, or certificate,key")
    add("--hot-reload", action="store_true", help="read functions again from their files before each call")
    add("--trame-args", default=None, help="arguments in one string, for launchers")
    return parser


def read_settings(
    parser: argparse.ArgumentParser,
    request: StartRequest,
    argv: Sequence[str] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    has_the_known_secret: bool = OURS.has_the_known_secret,
) -> Settings:
    """What `request` says, else the command line, else the environment.

    `argv` None stands for `default_arguments`; `has_the_known_secret` is the rule of `Manners`.
    Raises `ServerError` for a value that cannot be used.
    """
    env = _environment(environ)
    arguments = default_arguments(environ=env) if argv is None else list(argv)
    args, _ = parser.parse_known_args(arguments)
    host = args.host
    if host == "localhost":
        host = request.host or env.get("TRAME_DEFAULT_HOST") or host
    desktop = args.app or request.exec_mode == "desktop"
    port = 0 if desktop else _port(args.port if request.port is None else request.port)
    timeout = _timeout(args.timeout if request.timeout is None else request.timeout)
    if not isinstance(host, str):
        raise ServerError(f"host is a name or an address, not {host!r}")
    args.host, args.port, args.timeout = host, port, timeout  # packages read there what is in force
    return Settings(
        host=host,
        port=port,
        timeout=timeout,
        open_browser=_wants_browser(args, request, env) and not desktop,
        debug=args.debug,
        signal_handlers=request.signal_handlers and not args.nosignalhandlers,
        given_secret=_secret(args, arguments, well_known=has_the_known_secret and is_loopback(host)),
        content=Path(args.content) if args.content else None,
        endpoint=None if args.nows else args.ws.strip("/"),
        http=not args.no_http,
        folders=_folders(args.fsEndpoints),
        allowed_hosts=_names([*args.allowed_host, env.get("TRAME_ALLOWED_HOSTS", "")]),
        hello_size=_read(env, "WSLINK_AUTH_MSG_SIZE", int, Limits().hello, "a number of bytes"),
        ssl=args.ssl or None,
        reverse_url=args.reverse_url or None,
        desktop=desktop,
        follow_symlinks=args.static_follow_symlinks or _is_set(env, "WSLINK_FOLLOW_SYMLINKS")
        if request.follow_symlinks is None
        else request.follow_symlinks,
        banner=args.banner,
        namespace=args,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def default_arguments(
    argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None
) -> list[str]:
    """The arguments that count: those of a launcher replace the process's, and a test run's are not ours.

    `argv` stands for the process's.
    """
    env = _environment(environ)
    own = list(sys.argv[1:] if argv is None else argv)
    launcher = _launcher_arguments(own)
    if launcher is not None:
        return launcher
    extra = env.get("TRAME_ARGS", "")
    if extra:
        return extra.split()
    return [] if argv is None and _is_host_process(env) else own


def _is_host_process(env: Mapping[str, str]) -> bool:
    """Whether the process's arguments are those of a test run, a kernel or a prompt, and not the app's."""
    program = Path(sys.argv[0])
    # Editors begin test runs by scripts of their own. A program that a test starts inherits the variables, and one
    # that imports pytest without a test run is a program.
    is_test_run = "pytest" in sys.modules and not _TEST_RUN.isdisjoint(env)
    return is_test_run or program.stem in _HOSTS or program.parent.name in _HOST_PACKAGES


def _launcher_arguments(argv: list[str]) -> list[str] | None:
    for index, argument in enumerate(argv):
        if argument == "--trame-args":
            return argv[index + 1].split() if index + 1 < len(argv) else []
        if argument.startswith("--trame-args="):
            return argument.partition("=")[2].split()
    return None


def _wants_browser(args: argparse.Namespace, request: StartRequest, env: Mapping[str, str]) -> bool:
    if args.server or args.reverse_url or request.exec_mode == "task":
        return False
    return not env.get("TRAME_SERVER") if request.open_browser is None else request.open_browser


def _port(value: object) -> int:
    if isinstance(value, int | str):
        with suppress(ValueError):
            port = int(value)
            if 0 <= port <= _LAST_PORT:
                return port
    raise ServerError(f"port is a number from 0 to {_LAST_PORT}, not {value!r}")


def _timeout(value: object) -> float:
    if isinstance(value, int | float | str):
        with suppress(ValueError):
            return float(value)
    raise ServerError(f"timeout is a number of seconds, not {value!r}")


def _secret(args: argparse.Namespace, arguments: list[str], *, well_known: bool) -> str:
    """The secret that was given, or an empty string: then the server makes a fresh one."""
    if args.authKeyFile:
        try:
            return Path(args.authKeyFile).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ServerError(f"--authKeyFile {args.authKeyFile} cannot be read: {error}") from error
    given = args.authKey != DEFAULT_SECRET or any(word.partition("=")[0] == "--authKey" for word in arguments)
    return str(args.authKey) if given or well_known else ""


def _names(lists: Sequence[str]) -> frozenset[str]:
    """The names in `lists`, each of which holds some with commas between them."""
    return frozenset(name.strip().lower() for text in lists for name in text.split(",") if name.strip())


def _folders(text: str) -> dict[str, str]:
    folders = {}
    for entry in filter(None, text.split("|")):
        prefix, equals, folder = entry.partition("=")
        if not (prefix and equals and folder):
            raise ServerError(f"--fs-endpoints is a=/path|b=/path, not {text!r}")
        folders[prefix.strip("/")] = folder
    return folders


def _environment(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _is_set(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() not in {"", "0", "false", "no", "off"}


def _read(env: Mapping[str, str], name: str, kind: Callable[[str], T], default: T, what: str) -> T:
    text = env.get(name, "")
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        raise ServerError(f"the environment variable {name} is {what}, not {text!r}") from None
