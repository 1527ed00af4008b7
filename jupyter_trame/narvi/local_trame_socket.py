"""The socket of a page of a trame app on the local host: a session, and a client of the app's server."""

from __future__ import annotations

from collections.abc import Awaitable

from jupyter_trame.narvi.local_socket import NarviSocket
from jupyter_trame.narvi.local_trame import LocalTrameApp
from jupyter_trame.narvi.page_line import PageLine
from jupyter_trame.services.addresses import CONNECT, TRAME_SOCKET

__all__ = ["TrameAppSocket"]


class TrameAppSocket(NarviSocket):
    """``<workspace>/<app>/<service id>/ws``; the page finds it beside itself."""

    _line: PageLine | None = None

    @property
    def asked_path(self) -> str:
        """See the base: it is let in as other sessions are."""
        return f"{self.request.path.removesuffix(TRAME_SOCKET)}{CONNECT}"

    @property
    def max_message_size(self) -> int:
        """Bytes of a frame of a client."""
        return self._app.site.frame_limit

    def open(self, *_: str, **__: str) -> None:
        """Open the session, and become a client."""
        super().open()
        port = self._narvi_port
        assert port is not None
        line = self._line = PageLine(port, self._app_closes)
        port.on_relieved = line.relieved
        self._app.connect(line)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the app; nothing more is read while it says so."""
        line = self._line
        room = None if line is None else line.receive(message)
        return None if room is None else self._wait(room)

    def on_close(self) -> None:
        """The connection has ended."""
        super().on_close()
        line, self._line = self._line, None
        if line is not None:
            line.ended()

    @property
    def _app(self) -> LocalTrameApp:
        assert self._reserved is not None
        assert isinstance(self._reserved.instance, LocalTrameApp)
        return self._reserved.instance

    def _app_closes(self, code: int, reason: str) -> None:
        if self._session is not None:
            self._session.close(code, reason)
