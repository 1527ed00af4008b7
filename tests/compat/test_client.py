"""What programs for trame reach inside a client."""

import asyncio
import sys
from typing import Any

import aiohttp
import pytest

from jupyter_trame.client import Client as OurClient
from jupyter_trame.compat.client import Client
from jupyter_trame.compat.session import WsLinkSession
from jupyter_trame.errors import RemoteError
from tests.client.support import TIMEOUT, running, until


def test_the_session_of_a_client_calls_and_subscribes() -> None:
    async def main() -> None:
        heard = list[Any]()
        async with running("socket") as place, Client(place.url) as client:
            session = client._session
            assert isinstance(session, WsLinkSession)
            assert session.client_id
            state = await (await session.call("trame.state.get", []))
            assert state["state"]["count"] == 1
            refused = await session.call("no.such")
            with pytest.raises(RemoteError, match="Unregistered method called"):
                await refused
            session.register_subscription("topic", heard.append)
            place.server.protocol.publish("topic", 1)
            await until(lambda: heard == [1])
            session.unregister_subscription("topic", heard.append)
            session.unregister_subscription("topic", heard.append)
            place.server.protocol.publish("topic", 2)
            await client.call("trame.state.get")
            assert heard == [1]
            session.register_subscription("topic", heard.append)
            session.clear_subscriptions()
            place.server.protocol.publish("topic", 3)
            await client.call("trame.state.get")
            assert heard == [1]
            await session.close()
            assert not client.connected

    asyncio.run(asyncio.wait_for(main(), TIMEOUT))


def test_what_programs_catch_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with running("socket") as place, Client(place.url) as client:
            with pytest.raises(TypeError, match=r"can not serialize.*object"):
                await client.call_trigger("echo", [object()])
        with pytest.raises(aiohttp.ClientConnectionError, match="no trame server answers") as raised:
            await client.connect()
        assert isinstance(raised.value, ConnectionError)
        monkeypatch.setitem(sys.modules, "aiohttp", None)
        with pytest.raises(ConnectionError, match="no trame server answers") as refused:
            await client.connect()
        assert not isinstance(refused.value, aiohttp.ClientConnectionError)

    asyncio.run(asyncio.wait_for(main(), TIMEOUT))


def test_every_client_of_ours_is_one() -> None:
    assert isinstance(OurClient(), Client)
