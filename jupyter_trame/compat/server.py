"""`trame_server.Server`: our server with the manners of trame's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

from jupyter_trame import server as ours
from jupyter_trame.compat.stand_in import StandIn
from jupyter_trame.core import Translator
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.backend import ExecMode as ExecModeType
from jupyter_trame.server.server import ClientType

__all__ = [
    "API_VERSION",
    "BackendType",
    "ClientType",
    "ExecModeType",
    "Server",
    "default_client_type",
    "set_default_client_type",
]

API_VERSION = "4.1.0"
"""The version of trame-server whose interface this is."""
BackendType: TypeAlias = Literal["aiohttp", "generic", "jupyter", "tornado"]


def default_client_type() -> ClientType:
    """The client type of servers that were given none."""
    return registry.process.client_type


def set_default_client_type(value: ClientType) -> None:
    """Have servers that were given no client type be of the type `value`. Raises `TypeError` for an unknown one."""
    if value not in get_args(ClientType):
        raise TypeError(f"client_type is one of {', '.join(get_args(ClientType))}, not {value!r}")
    registry.process.client_type = value


class Server(ours.Server, metaclass=StandIn):
    """A server that behaves as trame's does, also where ours has stricter manners: ``compat="trame"``.

    Each server of ours is one: ``trame.app.get_server`` takes what is no instance for a name.
    """

    _stands_in = True

    def __init__(
        self,
        name: str = "trame",
        vn_constructor: Callable[..., Any] | None = None,
        translator: Translator | None = None,
        parent_server: ours.Server | None = None,
        **options: Any,
    ) -> None:
        if parent_server is None:
            options.setdefault("compat", "trame")
        super().__init__(name, vn_constructor, translator, parent_server, **options)
