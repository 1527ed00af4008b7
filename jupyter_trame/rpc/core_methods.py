"""The methods that every server answers, called in this process with live objects, or by clients."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any

from jupyter_trame.core.hints import missing_key
from jupyter_trame.core.spelling import nearest
from jupyter_trame.errors import MethodNotFoundError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign
from jupyter_trame.names import (
    CLIENT_ERROR,
    DOCTOR,
    FORCE_PUSH,
    LIFE_CYCLE_UPDATE,
    ON_ERROR,
    STATE_GET,
    STATE_UPDATE,
    TEMPLATE_KEY,
    TEMPLATE_MISTAKE,
    TRIGGER,
    UNKNOWN_KEY,
)
from jupyter_trame.protocol.packing import clean_value
from jupyter_trame.runtime.runtime import Runtime
from jupyter_trame.system.log_limits import Complaints, Throttle

if TYPE_CHECKING:
    from jupyter_trame.doctor.report import Report

__all__ = ["CoreMethods", "UnknownTriggerError"]

_logger = logging.getLogger(__name__)


class UnknownTriggerError(MethodNotFoundError):
    """A client called a trigger that nobody registered."""

    def __init__(self, name: object, nearest: str | None) -> None:
        super().__init__(name)
        self.nearest = nearest

    def __str__(self) -> str:
        return f"no trigger {self.method!r} is registered{self.hint}"

    @property
    def hint(self) -> str:
        """What follows the message."""
        return f"; the nearest is {self.nearest!r}" if self.nearest else ""


class CoreMethods:
    """Has the methods that every server answers, for one life of a server; names of keys are those of the root."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._examination: asyncio.Future[Report] | None = None

    @cached_property
    def _client_errors(self) -> Throttle:
        return Throttle(rate=2, burst=20)

    @cached_property
    def _complaints(self) -> Complaints:
        return Complaints(_logger)

    def state_get(self) -> dict[str, Any]:
        """Name and state as a client gets them, but nothing is left out for not being packable."""
        values = self._runtime.sent(self._runtime.state.initial)
        state = {key: clean_value(value) for key, value in values.items()}
        return {"name": self._runtime.app.name, "state": state}

    def state_update(self, changes: Iterable[Mapping[str, Any]]) -> None:
        """Set each ``key`` to its ``value``, or to None."""
        values = {change["key"]: change.get("value") for change in changes}
        self._runtime.state.update(values)
        self._runtime.flush()

    async def trigger(
        self, name: str, args: Iterable[Any] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call the function that is registered under `name`, flush the state, and return what it returned."""
        function = self.find_trigger(name)
        if function is None:
            return None
        try:
            result = function(*(args or ()), **(kwargs or {}))
            return await result if inspect.isawaitable(result) else result
        finally:
            self._runtime.flush()

    def find_trigger(self, name: object) -> Callable[..., Any] | None:
        """What `name` calls; an unknown one is refused, or None and logged.

        Raises `UnknownTriggerError` for one that is refused.
        """
        runtime = self._runtime
        function = runtime.controller.trigger_fn(name) if isinstance(name, str) else None
        if function is not None:
            return function
        known = runtime.controller.trigger_names()
        error = UnknownTriggerError(name, nearest(str(name), known))
        if runtime.manners.refuses_unknown_triggers:
            raise error
        self._complaints.warn("Trigger %s seems to be missing%s", name, error.hint)
        return None

    def force_push(self, *keys: str) -> None:
        """Send the values of `keys`, as they are now, to every client."""
        self._runtime.force_push(str(key) for key in keys)

    def life_cycle_update(self, name: str) -> None:
        """A client tells of its life: call what is registered as ``on_<name>``."""
        is_the_servers = str(name).startswith("server_")
        if is_the_servers and not self._runtime.manners.clients_fire_server_events:
            self._complaints.warn("a client claims to know the life of the server: %s", name)
            return
        self._runtime.fire(f"on_{name}")
        self._runtime.flush()

    def client_error(self, message: Any = "") -> None:
        """An exception in a client: a template, a script. It is user code too."""
        if not self._client_errors.allow():
            return
        text = foreign(message, MESSAGE_LENGTH, lines=True)
        heard = self._runtime.fire(ON_ERROR, text)
        if heard:
            self._runtime.flush()
        manners = self._runtime.manners
        if manners.logs_errors_of_pages or not heard:
            _logger.error("%s %s%s", manners.error_of_a_page, text, self._client_errors.left_out())
        self._runtime.user_code.add(ErrorReport("client", text, "", from_client=True))

    def template_mistake(self, template: Any = "", message: Any = "", line: Any = None) -> str:
        """A page cannot draw a part of a template: tell of it, and return what is wrong with the Python line of it."""
        text = foreign(message, MESSAGE_LENGTH, lines=True)
        source = self._runtime.template_sources.get(str(template)) if self._runtime.shows_traces else None
        place = source.at_line(line) if source is not None and type(line) is int else ""
        if place:
            text = f"{text} ({place})"
        self.client_error(f'template "{template}": {text}')
        return text

    def unknown_key(self, template: Any = "", key: Any = "") -> str | None:
        """A template names `key`, which is not in the state: what is to be said of that, None for nothing.

        Hints are for the app's author: where clients get no tracebacks the log alone has them.
        """
        runtime = self._runtime
        known = runtime.state.initial
        if not runtime.manners.hints_at_unknown_keys or not isinstance(key, str) or key in known:
            return None
        if f"{TEMPLATE_KEY}{template}" not in known:  # a page may say anything
            return None
        source = runtime.template_sources.get(str(template))
        place = source.naming(key) if source is not None else ""
        name = foreign(key, MESSAGE_LENGTH)
        user = place or foreign(f'the template "{template}"', MESSAGE_LENGTH)
        text, is_slip = missing_key(name, known, user)
        if is_slip:
            runtime.user_code.advise(f'template "{template}"', text, from_client=True)
        return text if runtime.shows_traces else None

    async def doctor(self) -> dict[str, Any] | None:
        """The report of `Backend.examine`, where clients may see tracebacks; else None: strangers are told nothing.

        Who asks while somebody else does gets the same one.
        """
        backend = self._runtime.backend
        if backend is None or not self._runtime.shows_traces:
            return None
        if self._examination is None or self._examination.done():
            self._examination = asyncio.ensure_future(backend.examine())
        return (await asyncio.shield(self._examination)).as_dict()

    def exit(self) -> None:
        """End the server."""
        self._runtime.owner.submit(self._runtime.stop)

    def exit_later(self, seconds: Any = 60) -> None:
        """End the server in `seconds`."""
        delay = seconds if isinstance(seconds, int | float) and not isnan(seconds) else 60
        self._runtime.owner.call_later(max(delay, 0), self._runtime.stop)

    def table(self) -> dict[str, tuple[CoreMethods, Callable[..., Any]]]:
        """Method -> object and function, as `CoreProtocol.getRPCMethod` gives them."""
        kind = type(self)
        functions: dict[str, Callable[..., Any]] = {
            STATE_GET: kind.state_get,
            STATE_UPDATE: kind.state_update,
            TRIGGER: kind.trigger,
            FORCE_PUSH: kind.force_push,
            LIFE_CYCLE_UPDATE: kind.life_cycle_update,
            CLIENT_ERROR: kind.client_error,
            TEMPLATE_MISTAKE: kind.template_mistake,
            UNKNOWN_KEY: kind.unknown_key,
            DOCTOR: kind.doctor,
            "application.exit": kind.exit,
            "application.exit.later": kind.exit_later,
        }
        return {name: (self, function) for name, function in functions.items()}
