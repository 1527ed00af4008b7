"""`server.protocol`: publications, shared objects and the RPC methods that widget packages register.

A protocol object is accepted for what it has: functions of its class that carry ``_wslinkuris`` (the mark that
wslink's ``register`` leaves) are methods that clients may call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_trame.protocol.envelope import ACTIONS_TOPIC
from jupyter_trame.types import ClientId

if TYPE_CHECKING:
    from jupyter_trame.protocol import Primary
    from jupyter_trame.server.server import Server

__all__ = ["CoreProtocol"]


class CoreProtocol:
    """One a life of a server. The names are those that packages written for trame call."""

    def __init__(self, server: Server, primary: Primary, stop: Callable[[], object]) -> None:
        self.server = server
        self._primary = primary
        self._stop = stop
        self._protocols: list[Any] = []
        self._shared: dict[str, Any] = {}
        self._methods: dict[str, tuple[Any, Callable[..., Any]]] | None = None
        self._current: ClientId | None = None

    def publish(
        self, topic: str, data: Any, client_id: str | None = None, skip_last_active_client: bool = False
    ) -> None:
        """Send `data`, as it is now, to every client; to one; or to all but the one whose call is running."""
        client = None
        if client_id is not None:
            client = ClientId(client_id if client_id.startswith("c") else f"c{client_id}")
        self._primary.publish(
            topic, data, client=client, skip=self._current if skip_last_active_client else None
        )

    def addAttachment(self, payload: Any) -> Any:  # noqa: N802 - wslink's name
        """`payload`: binary values travel as they are."""
        return payload

    def push_state_change(self, changes: Mapping[str, Any], skip_last_active_client: bool = False) -> None:  # noqa: ARG002 - the author of a change is known here
        """Commit `changes` for every client, past the server's own state."""
        self._primary.commit(changes)

    def push_actions(self, actions: list[Mapping[str, Any]]) -> None:
        """Have every client run `actions`."""
        self.publish(ACTIONS_TOPIC, actions)

    def clear_state_client_cache(self, *names: str) -> None:
        """Send the next value of the root-level `names` even if it is the same as the last."""
        self._primary.forget(names)

    def registerLinkProtocol(self, protocol: Any) -> None:  # noqa: N802 - wslink's name
        """Add the methods of `protocol`, an object of any class. Registering one again changes nothing."""
        if any(known is protocol for known in self._protocols):
            return
        protocol.coreServer = self
        self._protocols.append(protocol)
        if self._methods is not None:
            self._connect(protocol)
            self._methods.update(_methods_of(protocol))

    def unregisterLinkProtocol(self, protocol: Any) -> None:  # noqa: N802 - wslink's name
        """Take the methods of `protocol` away."""
        self._protocols = [known for known in self._protocols if known is not protocol]
        if self._methods is not None:
            self._methods = self._collect()

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
        if self._methods is None:
            self._methods = self._collect()
        return self._methods.get(name)

    def build(self) -> None:
        """Connect the registered objects. Once, after the configure callbacks."""
        for protocol in self._protocols:
            self._connect(protocol)
        self._methods = self._collect()

    def run_as(self, client: ClientId | None, call: Callable[[], Any]) -> Any:
        """`call`, while `client` counts as the active one."""
        outer, self._current = self._current, client
        try:
            return call()
        finally:
            self._current = outer

    def _collect(self) -> dict[str, tuple[Any, Callable[..., Any]]]:
        methods: dict[str, tuple[Any, Callable[..., Any]]] = {}
        for protocol in self._protocols:
            methods.update(_methods_of(protocol))
        return methods

    def _connect(self, protocol: Any) -> None:
        init = getattr(protocol, "init", None)
        if callable(init):
            init(self.publish, self.addAttachment, self._stop)
        else:
            protocol.publish = self.publish
            protocol.addAttachment = self.addAttachment
            protocol.stopServer = self._stop


def _methods_of(protocol: Any) -> dict[str, tuple[Any, Callable[..., Any]]]:
    methods: dict[str, tuple[Any, Callable[..., Any]]] = {}
    for _, function in inspect.getmembers(type(protocol), inspect.isfunction):
        marks = vars(function).get("_wslinkuris")
        if marks:
            # Of several decorators only the bottom one counts: that is how wslink has it.
            methods[marks[0]["uri"]] = (protocol, function)
    return methods
