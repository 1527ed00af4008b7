"""The insides of wslink that programs import: chunks, names of methods, events, publications and certificates."""

from __future__ import annotations

import itertools
import os
import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from jupyter_trame.execution.asynchronous import create_task
from jupyter_trame.program.certificates import make_certificate, make_context, save_private
from jupyter_trame.protocol.chunking import HEADER, Assembler, split
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.packing import unpack
from jupyter_trame.runtime import registry

__all__ = [
    "COMPONENT",
    "HEADER_LENGTH",
    "EventEmitter",
    "PublishManager",
    "UnChunker",
    "check_uri",
    "generate_chunks",
    "generate_ssl_pair",
    "load_ssl_context",
    "publish_manager",
]

HEADER_LENGTH = HEADER.size
COMPONENT = re.compile(r"^[a-z][a-z0-9_]*$")
"""One word of a method's name."""

_message_ids = itertools.count(1)
_BEFORE_HELLO = 512


def check_uri(uri: str) -> str:
    """`uri`, the name of a method. Raises `ValueError` for one that is not made of words with dots between."""
    if all(COMPONENT.match(word) for word in uri.split(".")):
        return uri
    raise ValueError("invalid URI")


def generate_chunks(message: bytes, max_size: int) -> Iterator[bytes]:
    """The frames of `message`, at most `max_size` bytes each; 0: one frame."""
    limit = max_size if max_size > 0 else len(message) + HEADER.size
    yield from split([message], next(_message_ids) & 0xFFFFFFFF, limit)


class UnChunker:
    """The way back: the chunks of one connection, in any order."""

    def __init__(self) -> None:
        self._assembler = Assembler(_BEFORE_HELLO, Limits().partial_messages)

    def set_max_message_size(self, size: int) -> None:
        """Take messages of `size` bytes at most from now on; before, hellos are taken."""
        self._assembler = Assembler(size, Limits().partial_messages)

    def release_pending_messages(self) -> None:
        """Forget what is not complete."""
        self._assembler = Assembler(self._assembler.limit, Limits().partial_messages)

    def process_chunk(self, chunk: bytes) -> Any:
        """The message that `chunk` completes, unpacked; else None. Raises `ProtocolError`."""
        payload = self._assembler.feed(chunk)
        return None if payload is None else unpack(payload)


class EventEmitter:
    """Calls listeners by the name of an event; coroutine functions run as tasks of the loop."""

    def __init__(self, allowed_events: Iterable[str] | None = None) -> None:
        self._listeners: dict[str, list[Callable[..., Any]]] = {}
        self._allowed = frozenset(allowed_events or ())
        for event in self._allowed:
            setattr(self, event, partial(self.emit, event))

    def emit(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Call the listeners of `event`. Raises what they raise."""
        self._check(event)
        for listener in list(self._listeners.get(event, ())):
            if iscoroutinefunction(listener):
                create_task(listener(*args, **kwargs))
            else:
                listener(*args, **kwargs)

    def add_event_listener(self, event: str, listener: Callable[..., Any]) -> None:
        """Call `listener` at each `event`. Raises `ValueError` for one that is not allowed."""
        self._check(event)
        self._listeners.setdefault(event, []).append(listener)

    def remove_event_listener(self, event: str, listener: Callable[..., Any]) -> None:
        """Undo `add_event_listener`; one that is not there is ignored."""
        self._check(event)
        self._listeners[event] = [known for known in self._listeners.get(event, ()) if known != listener]

    def has(self, event: str) -> bool:
        """Whether anybody listens to `event`."""
        return self.listeners_count(event) > 0

    def listeners_count(self, event: str) -> int:
        """How many do."""
        self._check(event)
        return len(self._listeners.get(event, ()))

    def clear(self) -> None:
        """Nobody listens any more."""
        self._listeners.clear()

    def _check(self, event: str) -> None:
        if self._allowed and event not in self._allowed:
            raise ValueError(f"{event!r} is not a known event of this EventEmitter: {set(self._allowed)}")


class PublishManager:
    """Publishes to the clients of all servers of the process, and of the protocols that were registered."""

    def __init__(self) -> None:
        self.protocols: list[Any] = []

    def registerProtocol(self, protocol: Any) -> None:  # noqa: N802 - wslink's name
        """Publish to the clients of `protocol` too."""
        if protocol not in self.protocols:
            self.protocols.append(protocol)

    def unregisterProtocol(self, protocol: Any) -> None:  # noqa: N802 - wslink's name
        """Undo `registerProtocol`; one that is not there is ignored."""
        if protocol in self.protocols:
            self.protocols.remove(protocol)

    def addAttachment(self, payload: Any) -> Any:  # noqa: N802 - wslink's name
        """`payload`: binary values travel as they are."""
        return payload

    def publish(
        self, topic: str, data: Any, client_id: str | None = None, skip_last_active_client: bool = False
    ) -> None:
        """As `CoreProtocol.publish`, of each."""
        servers = [server.protocol for server in registry.process.servers.values()]
        for protocol in dict.fromkeys([*filter(None, servers), *self.protocols]):
            protocol.publish(topic, data, client_id, skip_last_active_client)


publish_manager = PublishManager()


def load_ssl_context(cert_file: str | os.PathLike[str], pkey_file: str | os.PathLike[str]) -> ssl.SSLContext:
    """The context of a server with this certificate and key, PEM files. Raises `ServerError`."""
    return make_context(f"{os.fspath(cert_file)},{os.fspath(pkey_file)}", "localhost")


def generate_ssl_pair(host: str) -> tuple[str, str]:
    """Files with a new self-signed certificate for `host` and its key, which this user alone can read.

    They are the caller's to remove. Raises `ServerError` without the package `cryptography`.
    """
    pem = make_certificate(host)
    start = pem.index(b"-----BEGIN CERTIFICATE")
    return str(save_private(pem[start:])), str(save_private(pem[:start]))
