"""`ui.app`: an interface and its server in one line."""

from __future__ import annotations

from typing import Any

from trame_client.ui.core import AbstractLayout
from trame_client.widgets.core import HTML_CTX

from jupyter_trame.server import Server
from jupyter_trame.ui.living import begin_again, end_others
from jupyter_trame.ui.part import Part

__all__ = ["AppLayout", "app"]


def app(
    server: str | Server = "trame", *, title: str | None = None, template: str = "main", **attributes: Any
) -> AppLayout:
    """A layout in which parts stand below each other: ``with ui.app("cars") as app:``, where `app` is the `Server`.

    A name makes a new server, which takes the place of an earlier one of the same name. A server that is given is used
    as it is, so an app of the launcher is ``with ui.app(server):``. `title` is shown by tabs and pages, `template`
    names the interface where a server has several. What `html.*`, widget packages and `server.state.change` do in other
    layouts they do in this one.

    What is written in the ``with`` block is the interface: where it is entered again, in another cell or in one that
    runs again, the new block takes the place of the old one.

    As all layouts it is used on the thread that builds the interface. Raises TypeError for what is neither a name nor
    a server.
    """
    if isinstance(server, str):
        server = Server(server)
    elif not isinstance(server, Server):
        raise TypeError(f"ui.app is given a name or a Server, not {server!r}")
    if title is not None:
        server.state.trame__title = title
    return AppLayout(server, template, **attributes)


class AppLayout(AbstractLayout):  # type: ignore[misc] # trame-client has no types
    """The outermost layout of `ui.app`: entered it is the server."""

    def __init__(self, server: Server, template: str, **attributes: Any) -> None:
        self._outermost = Part("JtApp", trame_server=server, **attributes)
        super().__init__(server, self._outermost, template_name=template)

    def flush_content(self) -> None:
        """Push new content to client; what an earlier layout of this template had ends."""
        super().flush_content()
        end_others(self.server, self.template_name, self._outermost)

    def __enter__(self) -> Server:
        if self._outermost not in HTML_CTX.element_stack:
            self._outermost.clear()
            begin_again(self.server, self.template_name, self._outermost)
        super().__enter__()
        server: Server = self.server
        return server
