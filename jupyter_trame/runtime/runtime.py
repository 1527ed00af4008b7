"""How a server runs: what its parts have in common. It knows neither what answers clients nor what carries it."""

from __future__ import annotations

import logging
import secrets
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any, Protocol, TypeAlias

from jupyter_trame._version import __version__
from jupyter_trame.core import Controller, State
from jupyter_trame.errors import SerializationError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import UserCode
from jupyter_trame.names import ERROR_TOPIC, TITLE_KEY
from jupyter_trame.protocol import Event, Primary
from jupyter_trame.runtime import settings
from jupyter_trame.runtime.app import App
from jupyter_trame.runtime.backend import Backend, StartRequest
from jupyter_trame.runtime.modules import Modules
from jupyter_trame.runtime.network_log import NetworkLog
from jupyter_trame.runtime.pending import NetworkMonitor
from jupyter_trame.runtime.settings import Settings
from jupyter_trame.runtime.template_source import TemplateSource
from jupyter_trame.system.log_limits import Throttle
from jupyter_trame.types import ClientId, Epoch

__all__ = ["OFF", "RUNNING", "STARTING", "Answers", "Runtime", "ServerProtocol"]

OFF, STARTING, RUNNING = 0, 1, 2

_logger = logging.getLogger(__name__)


class ServerProtocol(Protocol):
    """What clients may ask in one life of a server: of the server itself, and of what packages have registered."""

    current: ContextVar[ClientId | None]
    """The client whose call is running."""

    @property
    def log_emitter(self) -> Any:
        """Errors as events, for packages."""

    @property
    def has_validators(self) -> bool:
        """Whether an object decides about hellos, instead of the secret."""

    async def validate(self, token: Any, client_id: str) -> bool:
        """Whether `token`, the secret of a hello, lets `client_id` in."""

    def build(self) -> None:
        """Connect the registered objects. Once, after the configure callbacks."""

    def client_connected(self, request: Any, client_id: str) -> None:
        """Tell the objects of a client; once a client. The owner's thread."""

    def client_closed(self, client_id: str) -> None:
        """Tell the objects that a client is gone; once a client. The owner's thread."""

    def find_trigger(self, name: object) -> Callable[..., Any] | None:
        """What the trigger `name` calls; None for an unknown one that is not refused.

        Raises `MethodNotFoundError` for one that is.
        """

    def getRPCMethod(self, name: str) -> tuple[Any, Callable[..., Any]] | None:  # noqa: N802 - wslink's name
        """The object and the function that answer the method `name`; None for an unknown one."""

    def run_as(self, client: ClientId | None, call: Callable[[], Any]) -> Any:
        """`call`, while `client` counts as the active one, on this thread or in this task."""


Answers: TypeAlias = "Callable[[Runtime], Callable[[Event], None]]"
"""Makes what answers the events of the primary; they come on any thread."""


class Runtime:
    """The insides of a root server.

    `LifeCycle` alone sets `stage`, `stop`, `protocol` and `port`, and calls `carry` and `configure`; everybody else
    reads.
    """

    def __init__(self, app: App, slug: str, answers: Answers) -> None:
        """`slug` is the address of the server in its process."""
        self.app = app
        self.slug = slug
        self.manners = app.manners
        self.stage = OFF
        """Where in its life the server is."""
        self.stop: Callable[[], Awaitable[None]] = _nothing
        """Ends the server, at once; any thread."""
        self.backend: Backend | None = None
        """What carries the server; None before it is first needed."""
        self.port = 0
        """Where a stand-alone server listens; it keeps its last value."""
        self.settings: Settings | None = None
        """How the server runs; None before its first start."""
        self.owner = OwnerLoop()
        self.user_code = UserCode(self.owner)
        self.user_code.sinks += [self._publish_error, self._emit_error]
        self.network = NetworkMonitor(self._undelivered)
        self.network_log: NetworkLog | None = None
        self.modules = Modules(app)
        self.protocol: ServerProtocol | None = None
        """Of this life, or the last; None before the first."""
        self.commit_observers: list[Callable[[Mapping[str, Any]], None]] = []
        """Called with the changes of each commit, on the thread that flushed, after they left."""
        self.parts: dict[str, Any] = {}
        """What lives in the interface beside its template, by name (`ui/living.py`)."""
        self.made_keys: set[str] = set()
        """Root-level keys whose values a function of a part makes: other functions wait for them."""
        self._withheld: Counter[str] = Counter()
        """How many withhold each key; never changed in place, since other threads read it."""
        self.template_sources: dict[str, TemplateSource] = {}
        """Of each template by its name, where that is known. The owner's thread."""
        self._unheard: deque[ErrorReport] = deque(maxlen=50)
        """What happened while there was no client; the first one is told."""
        self._published_errors = Throttle(rate=5, burst=20)
        self.primary = Primary(
            name=app.name,
            slug=slug,
            title=app.name,
            epoch=Epoch(secrets.token_hex(8)),
            secret=f"s{secrets.token_hex(16)}",
            strict=not self.manners.clients_write_everything,
            on_event=answers(self),
            on_unpackable=self._on_unpackable,
        )
        self.primary.info["package"] = __version__
        self._tell_replicas()

    @property
    def state(self) -> State:
        """The root's state."""
        return self.app.state

    @property
    def controller(self) -> Controller:
        """The root's controller."""
        return self.app.controller

    # -- how it runs

    @property
    def web(self) -> Any:
        """The web application of the backend; None where it has none."""
        return None if self.backend is None else self.backend.web

    def configure(self, request: StartRequest) -> Settings:
        """Read the command line and the environment, and set up what follows from them. Raises `ServerError`."""
        read = settings.read_settings(
            self.app.cli,
            request,
            request.arguments,
            has_the_known_secret=self.manners.has_the_known_secret,
        )
        read.check_folders()
        self.settings = read
        if read.given_secret:
            self.set_secret(read.given_secret)
        self._tell_replicas()
        if read.debug and not request.disable_logging:
            logging.getLogger("jupyter_trame").setLevel(logging.DEBUG)
        for sentence in settings.ignored_variables():
            _logger.warning("%s", sentence)
        path = self.app.options.get("log_network")
        self.network_log = NetworkLog(path) if path else None
        return read

    def carry(self, backend: Backend) -> None:
        """Be carried by `backend` from now on."""
        self.backend = backend
        self._tell_replicas()

    @property
    def shows_traces(self) -> bool:
        """Whether clients get tracebacks: they may execute code anyway, or the server runs with ``--debug``."""
        debug = self.settings is not None and self.settings.debug
        return debug or (self.backend is not None and self.backend.shows_traces)

    def _tell_replicas(self) -> None:
        self.primary.info["tracebacks"] = self.sends_tracebacks

    @property
    def sends_tracebacks(self) -> bool:
        """Whether who asks for what fails gets the traceback."""
        return self.shows_traces or self.manners.sends_tracebacks

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

    def withhold(self, keys: Iterable[str]) -> None:
        """Send the values of the root-level `keys` to nobody from now on, on any thread: who shows them sends parts."""
        keys = set(keys)
        new = keys - self._withheld.keys()
        self._withheld = self._withheld + Counter(keys)
        # What is out already goes with the next commit, not with the last one's bytes.
        self.primary.commit(dict.fromkeys(new & self.primary.committed))

    def release(self, keys: Iterable[str]) -> None:
        """Take one `withhold` of `keys` back: what nobody withholds any more is sent, unless somebody does at once."""
        keys = set(keys)
        self._withheld = self._withheld - Counter(keys)
        self.owner.submit(lambda: self.force_push(keys - self._withheld.keys()))

    def is_withheld(self, key: str) -> bool:
        """Whether clients see nothing of the root-level `key`, and so write nothing into it either."""
        return key in self._withheld

    def sent(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those of `values`, by root-level keys, that are not withheld: what clients and snapshots have."""
        withheld = self._withheld
        if withheld.keys().isdisjoint(values):
            return values
        return {key: value for key, value in values.items() if key not in withheld}

    def commit(self, changes: Mapping[str, Any]) -> None:
        """`State.commit_fn`: one round of changes leaves. Any thread."""
        changes = self.sent(changes)
        if TITLE_KEY in changes:
            self._retitle(str(changes[TITLE_KEY]))
        # Half a commit, which an interrupt of a cell would leave, would never reach some of the clients.
        self.user_code.interrupts.shield(partial(self.primary.commit, changes))
        if not self.manners.notices_changes_in_place:
            self.modules.notice_growth(changes)
        if self.network_log is not None:
            self.network_log.state_to_clients(changes)
        for observer in self.commit_observers:
            observer(changes)

    def flush(self) -> None:
        """Commit what callbacks changed; a value that cannot be compared or packed is reported."""
        try:
            if not self.manners.notices_changes_in_place:
                self.modules.notice_growth()
            self.state.flush()
        except BaseException as error:  # noqa: BLE001 - the loop and the next callback go on
            self.user_code.caught("state", error)

    def force_push(self, names: Iterable[str]) -> None:
        """Send the values of the root-level `names`, as they are now, to every client; unknown ones are ignored."""
        values = self.sent({name: self.state[name] for name in names if self.state.has(name)})
        # What was changed in place is new to the primary; the rest it would keep to itself.
        self.primary.commit(values)
        self.primary.push(values)

    # -- callbacks

    def fire(self, event: str, /, *args: Any, with_state: bool = False) -> bool:
        """Call what is registered for the life-cycle `event`, each function on its own; False when nothing is.

        They get `args`, or the values of the state that they name.
        """
        if event not in self.controller:
            return False
        if not self.owner.owns_thread():
            self.owner.submit(lambda: self.fire(event, *args, with_state=with_state))
            return True
        call = partial(self.user_code.call, event)
        results = self.call_with_state(event) if with_state else self.controller[event].call_each(call, *args)
        self.user_code.schedule_all(event, results)
        return True

    def call_with_state(self, event: str) -> list[Any]:
        """What the functions of the life-cycle `event` return, each of which gets the values of the state that it
        names; one that raises is reported and gives None. The owner's thread.
        """
        values = self.state.to_dict()
        return self.controller[event].call_each_by_name(partial(self.user_code.call, event), values)

    def _retitle(self, title: str) -> None:
        self.primary.info["title"] = title
        if self.backend is not None and self.stage:
            self.backend.retitle(title)

    def _undelivered(self) -> int:
        return 0 if self.backend is None else self.backend.pending()

    def _on_unpackable(self, error: SerializationError) -> None:
        what = "state" if error.what == "value" else error.what
        self.user_code.report(f"{what} {error.key}", error)

    def welcome(self, client: ClientId) -> None:
        """Tell a new client what it could not hear: errors that came before any client, and hints, which still hold."""
        for report in [*self._unheard, *self.user_code.hints.values()]:
            if self._is_for_clients(report):
                self._send_report(report, client)
        self._unheard.clear()

    def remind(self, where: str, message: str) -> None:
        """Tell clients again what was advised before: of another text of a template they know nothing yet."""
        report = self.user_code.hints[where, message]
        if self._is_for_clients(report) and self._published_errors.allow():
            self._send_report(report)

    def _publish_error(self, report: ErrorReport) -> None:
        if not self._is_for_clients(report):
            return
        if self.primary.has_clients:
            if self._published_errors.allow():
                self._send_report(report)
        elif not report.is_hint:
            self._unheard.append(report)

    def _is_for_clients(self, report: ErrorReport) -> bool:
        """Hints are for the app's author, who may see tracebacks."""
        return not (report.from_client or report.in_place) and (self.shows_traces or not report.is_hint)

    def _send_report(self, report: ErrorReport, client: ClientId | None = None) -> None:
        data = report.as_data(with_trace=self.shows_traces)
        self.primary.messages.publish(ERROR_TOPIC, data, client=client)

    def _emit_error(self, report: ErrorReport) -> None:
        if self.protocol is not None and not report.is_hint:
            self.protocol.log_emitter.error(f"{report.where}: {report.message}")


async def _nothing() -> None:
    """Nothing has begun that could be ended."""
