"""What every app of this folder has: a line in which Python says what it got."""

from typing import TYPE_CHECKING

from trame_client.widgets import html

if TYPE_CHECKING:
    from jupyter_trame import Server

__all__ = ["answer_line", "answer_to", "say"]


def say(server: "Server", text: object) -> None:
    """Show `text` in the line, from whatever task or callback."""
    with server.state:
        server.state.answer = f"python: {text}"


def answer_to(server: "Server", key: str) -> None:
    """Show the value of a state key whenever it changes."""
    server.state.setdefault("answer", "python waits")

    @server.state.change(key)
    def _changed(**values: object) -> None:
        say(server, values[key])


def answer_line(server: "Server") -> None:
    """The line; call it inside of a layout."""
    server.state.setdefault("answer", "python waits")
    html.Div("{{ answer }}", classes="answer")
