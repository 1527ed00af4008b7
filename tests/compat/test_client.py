"""What programs for trame reach inside a client."""

import asyncio
from typing import Any

import pytest

from jupyter_trame.client import Client as OurClient
from jupyter_trame.compat.client import Client, WsLinkSession
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

    asyncio.run(asyncio.wait_for(main(), TIMEOUT))


def test_every_client_of_ours_is_one() -> None:
    assert isinstance(OurClient(), Client)
