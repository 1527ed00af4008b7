"""The backends that need no kernel, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_trame.errors import ServerError

if TYPE_CHECKING:
    from jupyter_trame.program.standalone import StandAlone
    from jupyter_trame.server.server import Server
    from jupyter_trame.web.front import FrontFactory

__all__ = ["NAMES", "default_name", "find_front", "make_backend"]

NAMES = ("tornado", "aiohttp", "generic")


def default_name(*, compat: bool) -> str:
    """What carries a program's server that names nothing: tornado, for a compatible one aiohttp where it is there."""
    return "aiohttp" if compat and _has_aiohttp() else "tornado"


def make_backend(server: Server, name: str, *, hosted: bool = False) -> StandAlone:
    """The backend `name` for `server`; `hosted`: in a kernel, whose loop turns already.

    Raises `ServerError` for a name that is none of `NAMES`, and where it needs a package that is missing.
    """
    from jupyter_trame.program.standalone import StandAlone

    return StandAlone(server, find_front(name), hosted=hosted)


def find_front(name: str) -> FrontFactory:
    """What listens for the backend `name`. Raises as `make_backend`."""
    if name == "tornado":
        from jupyter_trame.web.tornado import TornadoFront

        return TornadoFront
    if name == "aiohttp":
        if not _has_aiohttp():
            raise ServerError('backend="aiohttp" needs aiohttp: pip install jupyter-trame[aiohttp]')
        from jupyter_trame.web.aiohttp import AiohttpFront

        return AiohttpFront
    if name == "generic":
        from jupyter_trame.web.generic import GenericFront

        return GenericFront
    raise ServerError(
        f"there is no backend {name!r} here; there are {', '.join(NAMES)}, and jupyter in a kernel"
    )


def _has_aiohttp() -> bool:
    try:
        import aiohttp  # noqa: F401
    except ImportError:
        return False
    return True
