"""A blocking client of the wire for measurements: one websocket, one `ClientSession`."""

from collections.abc import Mapping
from typing import Any, Self

from websockets.sync.client import connect

from jupyter_trame.client.session import ClientSession, Ready, Refused, StateChanged
from jupyter_trame.errors import AuthenticationError

__all__ = ["Viewer"]


class Viewer:
    """Opens `url`, says hello and fetches the state; `with` closes it."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, secret: str = "") -> None:
        self._socket = connect(
            url, additional_headers=dict(headers or {}), compression=None, max_size=None, legacy=True
        )
        self._session = ClientSession(secret=secret)
        self._session.connected()
        self._send()
        ready = False
        while not ready:
            ready = any(isinstance(event, Ready) for event in self._receive())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def write(self, key: str, value: Any) -> None:
        """Write one key."""
        self._session.write({key: value})
        self._send()

    def wait(self, key: str, value: Any) -> None:
        """Read until `key` has come as `value`."""
        while True:
            for event in self._receive():
                if isinstance(event, StateChanged) and event.changes.get(key) == value:
                    return

    def _send(self) -> None:
        for frame in self._session.take_output():
            self._socket.send(frame)

    def _receive(self) -> list[object]:
        frame = self._socket.recv()
        assert isinstance(frame, bytes)
        events = self._session.receive(frame)
        self._send()
        for event in events:
            if isinstance(event, Refused):
                raise AuthenticationError(event.error)
        return list(events)
