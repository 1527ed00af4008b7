"""The secret of a process whose servers have one each."""

import asyncio
from argparse import Namespace

import pytest

from jupyter_trame.compat.core_server import CoreServer
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "process", registry.Process())
    monkeypatch.setattr(CoreServer, "_configured", None)


@pytest.mark.asyncio
async def test_it_is_that_of_the_server_that_runs() -> None:
    server = Server("with a secret of its own")
    life = server.start(exec_mode="task", port=0, host="127.0.0.1", open_browser=False, timeout=0)
    assert await server.ready
    protocol = server.protocol
    assert isinstance(protocol, CoreServer)
    assert CoreServer.authentication_token == protocol.secret != "wslink-secret"
    CoreServer.configure(Namespace(authKeyFile=None, authKey="of nobody"))
    assert CoreServer.authentication_token == "of nobody"
    assert protocol.secret != "of nobody"
    await server.stop()
    assert life is not None
    await asyncio.wait_for(life, 30)


def test_a_file_that_is_missing_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        CoreServer.configure(Namespace(authKeyFile="no/such/file", authKey="x"))
    assert CoreServer.authentication_token == "wslink-secret"
