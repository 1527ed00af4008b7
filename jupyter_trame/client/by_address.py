"""`get_client`: the client of an address, wherever in a program or notebook it is asked for."""

from typing import Any, cast

from jupyter_trame.client.client import Client
from jupyter_trame.runtime import registry

__all__ = ["get_client"]


def get_client(url: str | None = None, hot_reload: bool = False, **config: Any) -> Client:
    """The client of `url`, made when there is none yet; `hot_reload` and `config` (see `Client`) count then only."""
    client = registry.process.clients.get(url)
    if client is None:
        client = registry.process.clients[url] = Client(url, config=config, hot_reload=hot_reload)
    return cast("Client", client)
