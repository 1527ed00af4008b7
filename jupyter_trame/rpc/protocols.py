"""`server.protocol`: publications, shared objects and the RPC methods that widget packages register.

A protocol object is accepted for what it has: functions of its class that carry ``_wslinkuris`` (the mark that
wslink's ``register`` leaves) are methods that clients may call.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cached_property
from typing import Any

from jupyter_trame.execution.error_reports import describe
from jupyter_trame.names import ACTIONS_TOPIC
from jupyter_trame.protocol.access import is_secret
from jupyter_trame.rpc.core_methods import CoreMethods
from jupyter_trame.rpc.log_emitter import LogEmitter
from jupyter_trame.runtime.pending import NetworkMonitor
from jupyter_trame.runtime.runtime import Runtime
from jupyter_trame.types import ClientId

__all__ = ["CoreProtocol"]

_logger = logging.getLogger(__name__)

_ID_LENGTH = 33
"""Of a client's id: a ``c``, and the 32 digits that wslink's names go without it."""


class CoreProtocol:
    """Holds what packages have registered, for one life of a server.

    The names are those that packages written for trame call.
    """

    def __init__(self, runtime: Runtime, stop: Callable[[], object]) -> None:
        self.server: Any = runtime.app.server
        self.network_monitor: NetworkMonitor = runtime.network
        self._methods = CoreMethods(runtime)
        """What every server answers."""
        self._runtime = runtime
        self._stop = stop
        self._protocols: list[Any] = []
        self._shared: dict[str, Any] = {}
        self._table: dict[str, tuple[Any, Callable[..., Any]]] | None = None
        self.current: ContextVar[ClientId | None] = ContextVar("current", default=None)
        """The client whose call is running."""
        self._connected: set[str] = set()

    @cached_property
    def log_emitter(self) -> LogEmitter:
        """Errors as events, for packages."""
        return LogEmitter(self._emitter_failed)

    # -- to clients

    def publish(
        self, topic: str, data: Any, client_id: str | None = None, skip_last_active_client: bool = False
    ) -> None:
        """Send `data`, as it is now, to every client; to one; or to all but the one whose call is running."""
        client = None if client_id is None else self._client(client_id)
        skip = self.current.get() if skip_last_active_client else None
        self._runtime.primary.messages.publish(topic, data, client=client, skip=skip)

    def addAttachment(self, payload: Any) -> Any:  # noqa: N802 - wslink's name
        """`payload`: binary values travel as they are."""
        return payload

    def push_state_change(self, changes: Mapping[str, Any], skip_last_active_client: bool = False) -> None:  # noqa: ARG002 - the author of a change is known here
        """Commit `changes` for every client, past the server's own state."""
        self._runtime.commit(changes)

    def push_actions(self, actions: list[Mapping[str, Any]]) -> None:
        """Have every client run `actions`."""
        if self._runtime.network_log is not None:
            self._runtime.network_log.event_to_clients(actions)
        self.publish(ACTIONS_TOPIC, actions)

    def clear_state_client_cache(self, *names: str) -> None:
        """Send the next value of the root-level `names` even if it is the same as the last."""
        self._runtime.primary.forget(names)

    def stopServer(self) -> None:  # noqa: N802 - wslink's name
        """End the server soon."""
        self._stop()

    # -- protocol objects

    def registerLinkProtocol(self, protocol: Any) -> None:  # noqa: N802 - wslink's name
        """Add the methods of `protocol`, an object of any class. Registering one again changes nothing."""
        if any(known is protocol for known in self._protocols):
            return
        protocol.coreServer = self
        self._protocols.append(protocol)
        if self._table is not None:
            self._connect(protocol)
            self._table = self._collect()

    def unregisterLinkProtocol(self, protocol: Any) -> None:  # noqa: N802 - wslink's name
        """Take the methods of `protocol` away."""
        self._protocols = [known for known in self._protocols if known is not protocol]
        if self._table is not None:
            self._table = self._collect()

    def getLinkProtocols(self) -> list[Any]:  # noqa: N802 - wslink's name
        """The registered objects, this one last."""
        return [*self._protocols, self]

    def setSharedObject(self, key: str, value: Any) -> None:  # noqa: N802 - wslink's name
        """Keep `value` for every protocol object; None forgets it."""
        if value is None:
            self._shared.pop(key, None)
        else:
            self._shared[key] = value

    def getSharedObject(self, key: str) -> Any:  # noqa: N802 - wslink's name
        """What was set under `key`, or None."""
        return self._shared.get(key)

    def getRPCMethod(self, name: str) -> tuple[Any, Callable[..., Any]] | None:  # noqa: N802 - wslink's name
        """The object and the function that answer the method `name`; None for an unknown one."""
        if self._table is None:
            self._table = self._collect()
        return self._table.get(name)

    def build(self) -> None:
        """Connect the registered objects. Once, after the configure callbacks."""
        for protocol in self._protocols:
            self._connect(protocol)
        self._table = self._collect()

    def find_trigger(self, name: object) -> Callable[..., Any] | None:
        """See `CoreMethods.find_trigger`."""
        return self._methods.find_trigger(name)

    # -- clients

    @property
    def secret(self) -> str:
        """What a client's hello must hold."""
        return self._runtime.secret

    def updateSecret(self, secret: str) -> None:  # noqa: N802 - wslink's name
        """Ask for `secret` from now on."""
        self._runtime.set_secret(secret)

    async def validate(self, token: Any, client_id: str) -> bool:
        """Whether `token`, the secret of a hello, lets `client_id` in.

        Objects with an ``async validateToken(token, client_id)`` decide, and all have to agree; without any the
        secret does. One that raises refuses, and its error is reported.
        """
        judges = [
            judge for known in self._protocols if callable(judge := getattr(known, "validateToken", None))
        ]
        for judge in judges:
            try:
                verdict = self._runtime.user_code.invoke("validateToken", judge, token, _internal(client_id))
                if inspect.isawaitable(verdict):
                    verdict = await self._runtime.user_code.wait("validateToken", verdict)
            except Exception:  # noqa: BLE001 - reported
                return False
            except asyncio.CancelledError:  # of something that the object awaited, or of who asks
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                return False
            if not verdict:
                return False
        return bool(judges) or is_secret(token, self.secret)

    @property
    def has_validators(self) -> bool:
        """Whether an object decides about hellos, instead of the secret."""
        return any(callable(getattr(known, "validateToken", None)) for known in self._protocols)

    def client_connected(self, request: Any, client_id: str) -> None:
        """Tell the objects that have an ``onConnect(request, client_id)``; once a client. The owner's thread."""
        client = _internal(client_id)
        if client not in self._connected:
            self._connected.add(client)
            self._tell("onConnect", request, client)

    def client_closed(self, client_id: str) -> None:
        """Tell the objects that have an ``onClose(client_id)``; once a client. The owner's thread."""
        client = _internal(client_id)
        if client in self._connected:
            self._connected.remove(client)
            self._tell("onClose", client)

    def run_as(self, client: ClientId | None, call: Callable[[], Any]) -> Any:
        """`call`, while `client` counts as the active one, on this thread or in this task."""
        token = self.current.set(client)
        try:
            return call()
        finally:
            self.current.reset(token)

    def _client(self, client_id: str) -> ClientId:
        """The client that wslink calls `client_id`: it leaves our leading ``c`` out."""
        full = ClientId(f"c{client_id}")
        return full if self._runtime.primary.is_client(full) else ClientId(client_id)

    def _tell(self, hook: str, *args: Any) -> None:
        for protocol in list(self._protocols):
            function = getattr(protocol, hook, None)
            if callable(function):
                self._runtime.user_code.schedule_all(
                    hook, self._runtime.user_code.call(hook, function, *args)
                )

    def _emitter_failed(self, event: str, error: BaseException) -> None:
        if event == "error":  # which is what a report emits
            _logger.error("log_emitter: %s", describe(error), exc_info=error)
        else:
            self._runtime.user_code.caught("log_emitter", error)

    def _collect(self) -> dict[str, tuple[Any, Callable[..., Any]]]:
        methods: dict[str, tuple[Any, Callable[..., Any]]] = {}
        for protocol in self._protocols:
            methods.update(_methods_of(protocol))
        return {**methods, **self._methods.table()}

    def _connect(self, protocol: Any) -> None:
        init = getattr(protocol, "init", None)
        if callable(init):
            init(self.publish, self.addAttachment, self.stopServer)
        else:
            protocol.publish = self.publish
            protocol.addAttachment = self.addAttachment
            protocol.stopServer = self.stopServer


def _internal(client_id: str) -> str:
    """`client_id` as packages for wslink know it."""
    return client_id[1:] if len(client_id) == _ID_LENGTH and client_id[0] == "c" else client_id


def _methods_of(protocol: Any) -> dict[str, tuple[Any, Callable[..., Any]]]:
    methods: dict[str, tuple[Any, Callable[..., Any]]] = {}
    kind = type(protocol)
    for name, function in inspect.getmembers(kind, inspect.isfunction):
        marks = vars(function).get("_wslinkuris")
        if marks and not isinstance(inspect.getattr_static(kind, name), staticmethod):
            # Of several decorators only the bottom one counts: that is how wslink has it.
            methods[marks[0]["uri"]] = (protocol, function)
    return methods
