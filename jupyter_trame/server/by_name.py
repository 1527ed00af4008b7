"""`get_server`: the server of a name, wherever in a program or notebook it is asked for."""

from typing import Any, Literal, overload

from jupyter_trame.runtime import registry
from jupyter_trame.server.server import ClientType, Server

__all__ = ["get_server"]


@overload
def get_server(
    name: str | Server | None = None,
    create_if_missing: Literal[True] = True,
    client_type: ClientType | None = None,
    **options: Any,
) -> Server: ...


@overload
def get_server(
    name: str | Server | None = None,
    create_if_missing: bool = True,
    client_type: ClientType | None = None,
    **options: Any,
) -> Server | None: ...


def get_server(
    name: str | Server | None = None,
    create_if_missing: bool = True,
    client_type: ClientType | None = None,
    **options: Any,
) -> Server | None:
    """The server called `name`, by default ``"trame"``: the same each time, also in a cell that runs again.

    A server that is given in place of its name is returned. Where there is none of that name it is made with `options`,
    which count then only, or None is returned without `create_if_missing`. Any thread.

    Raises TypeError where the server has another `client_type` already, or `name` is neither of the two.
    """
    if isinstance(name, Server):
        server: Server | None = name
    elif name is None or isinstance(name, str):
        with registry.current().making:
            server = registry.current().servers.get(name or "trame")
            if server is None and create_if_missing:
                server = Server(name or "trame", **options)
    else:
        raise TypeError(f"a server is found by its name, not by {name!r}")
    if server is not None and client_type is not None:
        server.client_type = client_type
    return server
