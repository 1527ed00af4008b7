"""Backends by name."""

import asyncio
import sys
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.program import choice
from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server, life_cycle_of
from jupyter_trame.web.aiohttp import AiohttpHttpServer
from jupyter_trame.web.generic import GenericHttpServer
from jupyter_trame.web.tornado import TornadoHttpServer
from tests.contract.rules import rule
from tests.support.servers import LoopBackend, LoopHost


@pytest.mark.parametrize(
    ("name", "front"),
    [("tornado", TornadoHttpServer), ("aiohttp", AiohttpHttpServer), ("generic", GenericHttpServer)],
)
def test_every_name_has_its_front(name: str, front: type) -> None:
    assert name in choice.HTTP_SERVERS
    assert choice.make_backend(life_cycle_of(Server("app")), name)._make_http_server is front


def test_another_name_is_refused_with_what_there_is() -> None:
    with pytest.raises(ServerError, match="tornado, aiohttp, generic"):
        choice.make_backend(life_cycle_of(Server("app")), "flask")


def test_the_default_depends_on_manners_and_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice.default_name(prefers_aiohttp=False) == "tornado"
    assert choice.default_name(prefers_aiohttp=True) == "aiohttp"
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert choice.default_name(prefers_aiohttp=True) == "tornado"


def test_a_missing_aiohttp_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(ServerError, match=r"pip install jupyter-trame\[aiohttp\]"):
        choice.make_backend(life_cycle_of(Server("app")), "aiohttp")


@pytest.mark.parametrize("name", choice.HTTP_SERVERS)
def test_in_a_kernel_it_runs_on_the_loop_that_turns(name: str, process: registry.Process) -> None:
    async def main() -> None:
        server = Server("app")
        process.host = LoopHost()
        assert server.start(port=0, timeout=0, backend=name, open_browser=False) is None
        assert await server.ready
        assert server.running
        await server.stop()

    asyncio.run(main())


@rule("prefers_aiohttp")
@pytest.mark.parametrize(("compat", "front"), [(None, TornadoHttpServer), ("trame", AiohttpHttpServer)])
def test_alone_a_server_listens_on_its_own(compat: Any, front: type) -> None:
    backend = choice.choose(life_cycle_of(Server("x", compat=compat)), None)
    assert isinstance(backend, StandAlone)
    assert backend._make_http_server is front


def test_a_backend_may_be_named(process: registry.Process) -> None:
    process.host = LoopHost()
    life_cycle = life_cycle_of(Server("x"))
    assert isinstance(choice.choose(life_cycle, None), LoopBackend)
    assert isinstance(choice.choose(life_cycle, "jupyter"), LoopBackend)
    assert isinstance(choice.choose(life_cycle, "tornado"), StandAlone)


@pytest.mark.parametrize(("host", "name"), [(LoopHost(), "pigeon"), (None, "jupyter")])
def test_an_unknown_backend_lists_what_there_is(
    process: registry.Process, host: LoopHost | None, name: str
) -> None:
    process.host = host
    with pytest.raises(ServerError, match="tornado, aiohttp, generic, and jupyter"):
        choice.choose(life_cycle_of(Server("x")), name)
