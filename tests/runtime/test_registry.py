"""Names, slugs and replacement."""

import threading

import pytest

from jupyter_trame.runtime import registry
from jupyter_trame.runtime.registry import slug_of
from jupyter_trame.server import Server, runtime_of


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
    slugs = [runtime_of(Server(name)).slug for name in ("My app", "my-app", "MY APP", "My app")]
    assert slugs == ["my-app", "my-app-2", "my-app-3", "my-app"]
    assert set(process.servers) == {"My app", "my-app", "MY APP"}


def test_a_second_server_of_a_name_has_another_epoch(process: registry.Process) -> None:
    first, second = Server("x"), Server("x")
    assert process.servers["x"] is second
    assert runtime_of(first).primary.epoch != runtime_of(second).primary.epoch


def test_children_are_not_registered(process: registry.Process) -> None:
    root = Server("x")
    root.create_child_server(prefix="c_")
    assert process.servers == {"x": root}


def test_one_that_is_forgotten_leaves_its_name_and_slug(process: registry.Process) -> None:
    first, second = Server("My app"), Server("my-app")
    process.forget("My app", second)
    assert set(process.servers) == {"My app", "my-app"}
    process.forget("My app", first)
    process.forget("My app", first)
    assert set(process.servers) == {"my-app"}
    assert runtime_of(Server("MY APP")).slug == "my-app"


@pytest.mark.asyncio
async def test_nothing_stays_of_one_that_is_forgotten(process: registry.Process) -> None:
    def entries() -> list[int]:
        return [len(found) for found in vars(process).values() if isinstance(found, dict)]

    before = entries()
    server = Server("x")
    server.start()
    assert sum(entries()) > sum(before)
    await server.stop()
    process.forget("x", server)
    assert entries() == before


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
    process.host = None
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


def test_a_session_has_its_thread_and_nothing_else(process: registry.Process) -> None:
    seen: list[registry.Process] = []

    def visit() -> None:
        seen.append(registry.current())
        seen.append(registry.begin_session())
        seen.append(registry.current())

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    assert seen[0] is process
    assert seen[1] is seen[2] is not process
    assert registry.current() is process
