"""`trame_server.protocol.CoreServer`: our protocol, with the secret that trame keeps for the whole process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_trame.compat.stand_in import StandIn
from jupyter_trame.rpc.protocols import CoreProtocol
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.settings import DEFAULT_SECRET

__all__ = ["CoreServer"]


class _KnowsSecret(StandIn):
    """The class of `CoreServer`, which is asked for a secret by its own name."""

    _configured: tuple[str | None] | None = None

    @property
    def authentication_token(self) -> str | None:
        """What was configured or assigned last; before, the secret of the latest server that runs."""
        if self._configured is not None:
            return self._configured[0]
        protocols = [server.protocol for server in registry.process.servers.values() if server.running]
        running = [protocol for protocol in protocols if protocol is not None]
        return running[-1].secret if running else DEFAULT_SECRET

    @authentication_token.setter
    def authentication_token(self, secret: str | None) -> None:
        self._configured = (secret,)


class CoreServer(CoreProtocol, metaclass=_KnowsSecret):
    """Each protocol of ours is an instance. Servers share no secret: what is configured here opens none of them."""

    _stands_in = True

    @classmethod
    def configure(cls, options: Any) -> None:
        """Take the secret of `options`: the content of the file ``authKeyFile``, else ``authKey``. Raises OSError."""
        path = options.authKeyFile
        secret = Path(path).read_text("utf-8").strip() if path else options.authKey
        cls.authentication_token = secret
