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

__all__ = ["NAMES", "choose", "default_name", "find_http_server", "make_backend"]

NAMES = ("tornado", "aiohttp", "generic")


def choose(life_cycle: LifeCycle, name: str | None) -> Backend:
    """What carries a server: the backend `name`, or the one that fits this process.

    Raises `ServerError` that lists the names where there is no such backend.
    """
    process = registry.process
    if process.make_backend is not None and name in {None, "jupyter"}:
        return process.make_backend(life_cycle)
    make = process.make_named_backend or make_backend
    name = name or default_name(prefers_aiohttp=life_cycle.runtime.manners.prefers_aiohttp)
    return make(life_cycle, name, hosted=process.in_kernel)


def default_name(*, prefers_aiohttp: bool) -> str:
    """What carries a program's server that names nothing: tornado, or aiohttp where it is preferred and there."""
    return "aiohttp" if prefers_aiohttp and _has_aiohttp() else "tornado"


def make_backend(life_cycle: LifeCycle, name: str, *, hosted: bool = False) -> StandAlone:
    """The backend `name`; `hosted`: in a kernel, whose loop turns already.

    Raises `ServerError` for a name that is none of `NAMES`, and where it needs a package that is missing.
    """
    from jupyter_trame.program.standalone import StandAlone

    return StandAlone(life_cycle, find_http_server(name), hosted=hosted)


def find_http_server(name: str) -> HttpServerFactory:
    """What listens for the backend `name`. Raises as `make_backend`."""
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
        f"there is no backend {name!r} here; there are {', '.join(NAMES)}, and jupyter in a kernel"
    )


def _has_aiohttp() -> bool:
    try:
        import aiohttp  # noqa: F401
    except ImportError:
        return False
    return True
