"""Backends by name."""

import asyncio
import sys

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.program import choice
from jupyter_trame.server import Server
from jupyter_trame.web.aiohttp import AiohttpFront
from jupyter_trame.web.generic import GenericFront
from jupyter_trame.web.tornado import TornadoFront


@pytest.mark.parametrize(
    ("name", "front"), [("tornado", TornadoFront), ("aiohttp", AiohttpFront), ("generic", GenericFront)]
)
def test_every_name_has_its_front(name: str, front: type) -> None:
    assert name in choice.NAMES
    assert choice.make_backend(Server("app"), name)._make_front is front


def test_another_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(ServerError, match="tornado, aiohttp, generic"):
        choice.make_backend(Server("app"), "flask")


def test_the_default_depends_on_manners_and_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice.default_name(compat=False) == "tornado"
    assert choice.default_name(compat=True) == "aiohttp"
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert choice.default_name(compat=True) == "tornado"


def test_a_missing_aiohttp_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(ServerError, match=r"pip install jupyter-trame\[aiohttp\]"):
        choice.make_backend(Server("app"), "aiohttp")


@pytest.mark.parametrize("name", choice.NAMES)
def test_in_a_kernel_it_runs_on_the_loop_that_turns(name: str) -> None:
    async def main() -> None:
        server = Server("app")
        server._runtime._backend = choice.make_backend(server, name, hosted=True)
        server._runtime._backend_name = name
        assert server.start(port=0, timeout=0, backend=name, open_browser=False) is None
        assert await server.ready
        assert server.running
        await server.stop()

    asyncio.run(main())
