"""Names, slugs and replacement."""

from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.registry import slug_of
from jupyter_trame.server import Server
from tests.support.servers import LoopBackend


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("trame", "trame"),
        ("My App", "my-app"),
        ("  Ünïcode / path? ", "unicode-path"),
        ("日本", "app"),
        ("a--b__c", "a-b-c"),
        ("", "app"),
    ],
)
def test_slugs_are_lower_case_and_safe(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_names_with_the_same_letters_get_different_slugs(process: registry.Process) -> None:
    slugs = [Server(name)._runtime.slug for name in ("My app", "my-app", "MY APP", "My app")]
    assert slugs == ["my-app", "my-app-2", "my-app-3", "my-app"]
    assert set(process.servers) == {"My app", "my-app", "MY APP"}


def test_a_second_server_of_a_name_has_another_epoch(process: registry.Process) -> None:
    first, second = Server("x"), Server("x")
    assert process.servers["x"] is second
    assert first._runtime.primary.epoch != second._runtime.primary.epoch


def test_children_are_not_registered(process: registry.Process) -> None:
    root = Server("x")
    root.create_child_server(prefix="c_")
    assert process.servers == {"x": root}


@pytest.mark.parametrize(("compat", "front"), [(None, "TornadoFront"), ("trame", "AiohttpFront")])
def test_alone_a_server_listens_on_its_own(compat: Any, front: str) -> None:
    backend = registry.make_default_backend(Server("x", compat=compat))
    assert isinstance(backend, StandAlone)
    assert getattr(backend._make_front, "__name__", "") == front


def test_a_backend_may_be_named(process: registry.Process) -> None:
    server = Server("x")
    assert isinstance(process.choose_backend(server, None), LoopBackend)
    assert isinstance(process.choose_backend(server, "jupyter"), LoopBackend)
    assert isinstance(process.choose_backend(server, "tornado"), StandAlone)


def test_an_unknown_backend_lists_what_there_is(process: registry.Process) -> None:
    with pytest.raises(ServerError, match="tornado, aiohttp, generic"):
        process.choose_backend(Server("x"), "pigeon")
    process.make_backend = registry.make_default_backend
    with pytest.raises(ServerError, match="jupyter"):
        process.choose_backend(Server("x"), "jupyter")


@pytest.mark.asyncio
async def test_who_starts_takes_the_name_back(process: registry.Process) -> None:
    first, second = Server("x"), Server("x")
    second.start()
    first.start()
    assert (first.running, second.running) == (True, False)
    assert process.servers["x"] is first
    await first.stop()


@pytest.mark.asyncio
async def test_two_of_trames_in_one_program_are_two_apps(process: registry.Process) -> None:
    process.make_backend = registry.make_default_backend
    assert not process.in_kernel
    start = {"exec_mode": "task", "port": 0, "host": "127.0.0.1", "show_connection_info": False, "timeout": 0}
    servers = [Server("x", compat="trame") for _ in range(2)]
    for server in servers:
        server.start(**start)  # type: ignore[arg-type]
        await server.ready
    third = Server("x", compat="trame")
    assert [server.running for server in servers] == [True, True]
    assert process.servers["x"] is third
    strict = Server("x")
    assert process.servers["x"] is strict
    assert [server.running for server in servers] == [True, True]
    for server in servers:
        await server.stop()
