"""The demo app, written as any package would write one: it is registered under `jupyter_trame.apps`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_trame import Server

__all__ = ["app"]


def app(server: "Server") -> None:
    """Fuel economy of 392 cars: filters, a chart drawn by Python and a table, all bound to one state."""
    try:
        from jupyter_trame.demo.dashboard import build
    except ImportError as error:
        # A launcher shows the words of the error alone.
        raise ImportError(
            f"the demo needs more packages ({error}): run pip install 'jupyter-trame[demo]' in the environment of "
            "the kernel"
        ) from error
    build(server)


# A launcher reads these lines without running them, in a process that may have neither pandas nor matplotlib.
app.title = "Cars demo"  # type: ignore[attr-defined]
app.icon = (  # type: ignore[attr-defined]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke-linecap="round">'
    '<path d="M3 3v18h18" stroke="#7a828c" stroke-width="2"/>'
    '<circle cx="8" cy="8" r="2.4" fill="#2f86d6"/>'
    '<circle cx="12.5" cy="12.5" r="2.4" fill="#e8940c"/>'
    '<circle cx="18" cy="15.5" r="2.4" fill="#1a9e75"/>'
    "</svg>"
)
