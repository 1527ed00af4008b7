"""What both clients have in common, seen from outside."""

import inspect
from typing import Any

import pytest

import jupyter_trame.trio
from jupyter_trame.client import Client
from jupyter_trame.client.common_client import CommonClient

CLIENTS = [Client, jupyter_trame.trio.Client]


def members(cls: type[CommonClient]) -> dict[str, Any]:
    """Public ones, as they are called."""
    found = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}
    return {
        name: inspect.signature(member) if inspect.isfunction(member) else type(member)
        for name, member in found.items()
    }


def test_both_have_the_same_members() -> None:
    ours, trio_s = map(members, CLIENTS)
    del ours["to"]  # servers in one process have asyncio
    assert ours == trio_s
    assert {"call", "change", "connect", "disconnect", "errors", "state", "subscribe"} <= ours.keys()


@pytest.mark.parametrize("kind", CLIENTS)
def test_where_the_address_comes_from(kind: type[CommonClient]) -> None:
    greeting: dict[str, Any] = {"sessionURL": "http://greeting/", "x": 1}
    client: CommonClient = kind("http://own/")  # type: ignore[call-arg]
    assert client._address("http://call/", dict(greeting)) == "http://call/"
    assert client._address(None, greeting) == "http://greeting/"
    assert greeting == {"x": 1}
    assert client._address(None, {}) == "http://own/"
    configured: CommonClient = kind(config={"sessionURL": "http://config/"})  # type: ignore[call-arg]
    assert configured._address(None, {}) == "http://config/"
    with pytest.raises(TypeError, match="needs the address"):
        kind()._address(None, {})  # type: ignore[call-arg]
