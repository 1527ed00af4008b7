"""What a server and its children have in common: the parts, wired together once."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_trame.core import Controller, State
from jupyter_trame.errors import SerializationError
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import ErrorReport, UserCode
from jupyter_trame.program.announcement import print_banner
from jupyter_trame.protocol import Primary
from jupyter_trame.protocol.envelope import ERROR_TOPIC
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.rpc.dispatcher import Dispatcher
from jupyter_trame.rpc.link_protocols import CoreProtocol
from jupyter_trame.rpc.upload_folder import UploadFolder
from jupyter_trame.rpc.uploads import Uploads
from jupyter_trame.runtime import registry, settings
from jupyter_trame.runtime.backend import Backend, StartRequest
from jupyter_trame.runtime.lifecycle import Ended, LifeCycle
from jupyter_trame.runtime.modules import Modules
from jupyter_trame.runtime.network_log import NetworkLog
from jupyter_trame.runtime.pending import NetworkMonitor
from jupyter_trame.runtime.settings import Settings
from jupyter_trame.transports.throttle import Throttle
from jupyter_trame.types import Epoch

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = ["Runtime"]

_logger = logging.getLogger(__name__)

_TITLE_KEY = "trame__title"


class Runtime:
    """The insides of a root server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.compat = server.compat is not None
        """Whether the server has trame's manners where ours are stricter."""
        folder = None if self.compat else UploadFolder(_quota(server.options["upload_quota"]))
        self.uploads = Uploads(Limits().message, folder)
        self.shows_traces = False
        """Whether clients get tracebacks."""
        self.port = 0
        """Where a stand-alone server listens; it keeps its last value."""
        self.settings: Settings | None = None
        """How the server runs; None before its first start."""
        self.owner = OwnerLoop()
        self.user_code = UserCode(self.owner)
        self.user_code.sinks += [self._publish_error, self._emit_error]
        self.network = NetworkMonitor(self._undelivered)
        self.network_log: NetworkLog | None = None
        self.modules = Modules(server)
        self.protocols_to_configure: list[Callable[[CoreProtocol], object]] = []
        self.protocol: CoreProtocol | None = None
        self.commit_observers: list[Callable[[Mapping[str, Any]], None]] = []
        """Called with the changes of each commit, on the thread that flushed, after they left."""
        self._published_errors = Throttle(rate=5, burst=20)
        self._backend: Backend | None = None
        self._backend_name: str | None = None
        self.slug, replaced = registry.process.register(server)
        self.primary = Primary(
            name=server.name,
            slug=self.slug,
            title=server.name,
            epoch=Epoch(secrets.token_hex(8)),
            secret=f"s{secrets.token_hex(16)}",
            strict=not self.compat,
            on_event=Dispatcher(self, self.uploads).on_event,
            on_unpackable=self._on_unpackable,
        )
        self.life_cycle = LifeCycle(self)
        self._replace(replaced)

    @property
    def state(self) -> State:
        """The root's state."""
        return self.server.state

    @property
    def controller(self) -> Controller:
        """The root's controller."""
        return self.server.controller

    # -- how it runs

    @property
    def backend(self) -> Backend:
        """What carries the server; chosen when it is first asked for."""
        return self._backend or self.use_backend(None)

    @property
    def web(self) -> Any:
        """The web application of the backend; None where it has none."""
        return None if self._backend is None else self._backend.web

    def use_backend(self, name: str | None) -> Backend:
        """Be carried by the backend `name`, or by the one that fits this process. Raises `ServerError`."""
        backend = self._backend
        if backend is None or name != self._backend_name:
            backend = registry.process.choose_backend(self.server, name)
            self._backend, self._backend_name = backend, name
            self.shows_traces = backend.shows_traces
        return backend

    def configure(self, request: StartRequest) -> None:
        """Read the command line and the environment, and set up what follows from them. Raises `ServerError`."""
        read = settings.read_settings(self.server.cli, request, request.arguments, compat=self.compat)
        read.check_folders()
        self.settings = read
        if read.given_secret:
            self.set_secret(read.given_secret)
        self.shows_traces = self.backend.shows_traces or self.settings.debug
        if self.settings.debug and not request.disable_logging:
            logging.getLogger("jupyter_trame").setLevel(logging.DEBUG)
        for sentence in settings.ignored_variables():
            _logger.warning("%s", sentence)
        if self.settings.banner:
            print_banner()
        path = self.server.options.get("log_network")
        self.network_log = NetworkLog(path) if path else None

    def take_name(self) -> None:
        """Be the server of its name again, which a later one may have become meanwhile."""
        self._replace(registry.process.register(self.server)[1])

    @property
    def secret(self) -> str:
        """What a client's hello must hold. It may change at any moment: nobody keeps a copy."""
        return str(self.primary.info["secret"])

    def set_secret(self, secret: str) -> None:
        """Ask clients for `secret` from now on."""
        self.primary.info["secret"] = secret

    @property
    def title(self) -> str:
        """What tabs and lists call the app: the state's ``trame__title``."""
        return str(self.primary.info["title"])

    # -- the state leaves

    def commit(self, changes: Mapping[str, Any]) -> None:
        """`State.commit_fn`: one round of changes leaves. Any thread."""
        if _TITLE_KEY in changes:
            self._retitle(str(changes[_TITLE_KEY]))
        # Half a commit, which an interrupt of a cell would leave, would never reach some of the clients.
        self.user_code.interrupts.shield(partial(self.primary.commit, changes))
        if self.compat:  # elsewhere the state itself notices what is changed in place
            self.modules.notice_growth(changes)
        if self.network_log is not None:
            self.network_log.state_to_clients(changes)
        for observer in self.commit_observers:
            observer(changes)

    def flush(self) -> None:
        """Commit what callbacks changed; a value that cannot be compared or packed is reported."""
        try:
            if self.compat:
                self.modules.notice_growth()
            self.state.flush()
        except BaseException as error:  # noqa: BLE001 - the loop and the next callback go on
            self.user_code.caught("state", error)

    def force_push(self, names: Iterable[str]) -> None:
        """Send the values of the root-level `names`, as they are now, to every client; unknown ones are ignored."""
        values = {name: self.state[name] for name in names if self.state.has(name)}
        # What was changed in place is new to the primary; the rest it would keep to itself.
        self.primary.commit(values)
        self.primary.push(values)

    # -- callbacks

    def fire(self, event: str, /, *args: Any, **kwargs: Any) -> bool:
        """Call what is registered for the life-cycle `event`, each function on its own; False when nothing is."""
        if not self.controller[event].is_bound():
            return False
        if not self.owner.owns_thread():
            self.owner.submit(lambda: self.fire(event, *args, **kwargs))
            return True
        self.user_code.schedule_all(event, self.call_all(event, *args, **kwargs))
        return True

    def call_all(self, event: str, /, *args: Any, **kwargs: Any) -> list[Any]:
        """What the functions of the life-cycle `event` return; one that raises is reported and gives None."""
        call = partial(self.user_code.call, event)
        return self.controller[event].call_each(call, *args, **kwargs)

    def stop(self) -> Ended:
        """End the server; see `Server.stop`."""
        return self.life_cycle.end()

    def _replace(self, other: Server | None) -> None:
        # Two of trame's in one program are two apps, whatever they are called.
        if other is not None and other is not self.server and (registry.process.in_kernel or not self.compat):
            other._runtime.life_cycle.end(replaced=True)

    def _retitle(self, title: str) -> None:
        self.primary.info["title"] = title
        if self._backend is not None and self.life_cycle.stage:
            self._backend.retitle(title)

    def _undelivered(self) -> int:
        return 0 if self._backend is None else self._backend.pending()

    def _on_unpackable(self, error: SerializationError) -> None:
        what = "state" if error.what == "value" else error.what
        self.user_code.report(f"{what} {error.key}", error)

    def _publish_error(self, report: ErrorReport) -> None:
        if not report.from_client and self._published_errors.allow():
            self.primary.publish(ERROR_TOPIC, report.as_data(with_trace=self.shows_traces))

    def _emit_error(self, report: ErrorReport) -> None:
        if self.protocol is not None:
            self.protocol.log_emitter.error(f"{report.where}: {report.message}")


def _quota(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"upload_quota is a number of bytes, not {value!r}")
    return value
