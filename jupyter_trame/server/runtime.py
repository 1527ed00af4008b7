"""What a server and its children have in common: the parts, wired together once."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_trame.core import Controller, State
from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol import Primary
from jupyter_trame.protocol.envelope import ERROR_TOPIC
from jupyter_trame.server import registry
from jupyter_trame.server.backends.base import Backend
from jupyter_trame.server.errors import ErrorReport, Throttle, UserCode
from jupyter_trame.server.lifecycle import LifeCycle
from jupyter_trame.server.modules import Modules
from jupyter_trame.server.owner import OwnerLoop
from jupyter_trame.server.protocol import CoreProtocol
from jupyter_trame.server.rpc import Dispatcher
from jupyter_trame.types import Epoch

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = ["Runtime"]

_TITLE_KEY = "trame__title"


class Runtime:
    """The insides of a root server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.strict = True
        """Whether clients may write only what is not run in other clients' pages."""
        self.shows_traces = False
        """Whether clients get tracebacks."""
        self.port = 0
        """Where a stand-alone server listens; it keeps its last value."""
        self.owner = OwnerLoop()
        self.user_code = UserCode(self.owner)
        self.user_code.sinks.append(self._publish_error)
        self.modules = Modules(server)
        self.protocols_to_configure: list[Callable[[CoreProtocol], object]] = []
        self.protocol: CoreProtocol | None = None
        self.commit_observers: list[Callable[[Mapping[str, Any]], None]] = []
        """Called with the changes of each commit, on the thread that flushed, after they left."""
        self._published_errors = Throttle(rate=5, burst=20)
        self._backend: Backend | None = None
        self.slug, replaced = registry.process.register(server)
        self.secret = f"s{secrets.token_hex(16)}"
        self.primary = Primary(
            name=server.name,
            slug=self.slug,
            title=server.name,
            epoch=Epoch(secrets.token_hex(8)),
            secret=self.secret,
            strict=self.strict,
            on_event=Dispatcher(self).on_event,
            on_unpackable=self._on_unpackable,
        )
        self.life_cycle = LifeCycle(self)
        if replaced is not None:
            replaced._runtime.life_cycle.end(replaced=True)

    @property
    def state(self) -> State:
        """The root's state."""
        return self.server.state

    @property
    def controller(self) -> Controller:
        """The root's controller."""
        return self.server.controller

    @property
    def backend(self) -> Backend:
        """What carries the server; chosen when it is first asked for."""
        if self._backend is None:
            self._backend = registry.process.make_backend(self.server)
            self.shows_traces = self._backend.shows_traces
        return self._backend

    @property
    def title(self) -> str:
        """What tabs and lists call the app: the state's ``trame__title``."""
        return str(self.primary.info["title"])

    def commit(self, changes: Mapping[str, Any]) -> None:
        """`State.commit_fn`: one round of changes leaves. Any thread."""
        if _TITLE_KEY in changes:
            self._retitle(str(changes[_TITLE_KEY]))
        # Half a commit, which an interrupt of a cell would leave, would never reach some of the clients.
        self.user_code.interrupts.shield(partial(self.primary.commit, changes))
        for observer in self.commit_observers:
            observer(changes)

    def flush(self) -> None:
        """Commit what callbacks changed; a value that cannot be compared or packed is reported."""
        try:
            self.state.flush()
        except Exception as error:  # noqa: BLE001 - the loop and the next callback go on
            self.user_code.report("state", error)

    def fire(self, event: str, /, *args: Any, **kwargs: Any) -> bool:
        """Call what is registered for the life-cycle `event`; False when nothing is."""
        function = self.controller[event]
        if not (function.exists() or function.funcs_once):
            return False
        if not self.owner.owns_thread():
            self.owner.submit(lambda: self.fire(event, *args, **kwargs))
            return True
        self.user_code.schedule_all(event, self.user_code.call(event, function, *args, **kwargs))
        return True

    def stop(self) -> Awaitable[None]:
        """End the server; see `Server.stop`."""
        return self.life_cycle.end()

    def _retitle(self, title: str) -> None:
        self.primary.info["title"] = title
        if self._backend is not None and self.life_cycle.stage:
            self._backend.retitle(title)

    def _on_unpackable(self, error: SerializationError) -> None:
        self.user_code.report(f"state {error.key}", error)

    def _publish_error(self, report: ErrorReport) -> None:
        if not report.from_client and self._published_errors.allow():
            self.primary.publish(ERROR_TOPIC, report.as_data(with_trace=self.shows_traces))
