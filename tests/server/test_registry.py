"""Names, slugs and replacement."""

import pytest

from jupyter_trame.server import Server, registry
from jupyter_trame.server.registry import slug_of


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


def test_alone_a_server_listens_on_its_own() -> None:
    from jupyter_trame.server.backends.tornado import TornadoBackend

    assert isinstance(registry.make_default_backend(Server("x")), TornadoBackend)
