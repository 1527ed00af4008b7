"""What carries a server in this process: a kernel that does, or one of the backends that need none, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_trame.errors import ServerError
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.backend import Backend
from jupyter_trame.runtime.lifecycle import LifeCycle

if TYPE_CHECKING:
    from jupyter_trame.program.standalone import StandAlone
    from jupyter_trame.web.http_server import HttpServerFactory

__all__ = ["HTTP_SERVERS", "choose", "choose_http_server", "default_name", "make_backend"]

HTTP_SERVERS = ("tornado", "aiohttp", "generic")


def choose(life_cycle: LifeCycle, name: str | None) -> Backend:
    """What carries a server: the backend `name`, or the one that fits this process.

    Raises `ServerError` that lists the names where there is no such backend.
    """
    host = registry.current().host
    return make_backend(life_cycle, name) if host is None else host.make_backend(life_cycle, name)


def default_name(*, prefers_aiohttp: bool) -> str:
    """What carries a program's server that names nothing: tornado, or aiohttp where it is preferred and there."""
    return "aiohttp" if prefers_aiohttp and _has_aiohttp() else "tornado"


def make_backend(life_cycle: LifeCycle, name: str | None, *, hosted: bool = False) -> StandAlone:
    """The backend that the server carries itself by; `hosted`: in a kernel, whose loop turns already.

    Raises as `choose_http_server`.
    """
    from jupyter_trame.program.standalone import StandAlone

    return StandAlone(life_cycle, choose_http_server(life_cycle, name), hosted=hosted)


def choose_http_server(life_cycle: LifeCycle, name: str | None) -> HttpServerFactory:
    """What listens for a server: the HTTP server `name`, or the one that its manners prefer.

    Raises `ServerError` for a name that is none of `HTTP_SERVERS`, and where it needs a package that is missing.
    """
    return _find(name or default_name(prefers_aiohttp=life_cycle.runtime.manners.prefers_aiohttp))


def _find(name: str) -> HttpServerFactory:
    if name == "tornado":
        from jupyter_trame.web.tornado import TornadoHttpServer

        return TornadoHttpServer
    if name == "aiohttp":
        if not _has_aiohttp():
            raise ServerError('backend="aiohttp" needs aiohttp: pip install jupyter-trame[aiohttp]')
        from jupyter_trame.web.aiohttp import AiohttpHttpServer

        return AiohttpHttpServer
    if name == "generic":
        from jupyter_trame.web.generic import GenericHttpServer

        return GenericHttpServer
    raise ServerError(
        f"there is no backend {name!r} here; there are {', '.join(HTTP_SERVERS)}, and jupyter in a kernel"
    )


def _has_aiohttp() -> bool:
    try:
        import aiohttp  # noqa: F401
    except ImportError:
        return False
    return True
