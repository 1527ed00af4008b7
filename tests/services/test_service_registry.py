"""Who has registered what, and who may replace it."""

import pytest

from jupyter_trame.services.entries import Redirection
from jupyter_trame.services.service_registry import NameTakenError, ServiceRegistry, read_base_path
from tests.services.support import app, registry_with, service


def test_what_is_registered_is_found() -> None:
    one, two = service("one"), service("two")
    front, other = app("front", "one"), app("other", "one")
    registry = registry_with(one, two, front, other)
    assert registry.services == [one, two]
    assert registry.service("w", "one") is one
    assert registry.service("v", "one") is None
    assert registry.app("w", "front") is front
    assert registry.service_of(front) is one
    assert registry.apps_of(one) == [front, other]
    assert registry.apps_of(two) == []


def test_the_owner_replaces_and_nobody_else() -> None:
    first, again, foreign = service(owner="a"), service(owner="a"), service(owner="b")
    registry = registry_with(first)
    assert registry.add_service(again) is first
    with pytest.raises(NameTakenError, match="the service w/service is registered already"):
        registry.add_service(foreign)
    assert registry.services == [again]
    registry.add_app(app(owner="a"))
    with pytest.raises(NameTakenError, match="the app w/app"):
        registry.add_app(app(owner="b"))
    registry.add_redirection(Redirection(from_url="/x", workspace="w", app_name="app", owner="a"))
    with pytest.raises(NameTakenError, match="the redirect from /x"):
        registry.add_redirection(Redirection(from_url="/x", workspace="w", app_name="app", owner="b"))


def test_what_an_owner_has_goes_with_it() -> None:
    mine, theirs = service("mine", owner="a"), service("theirs", owner="b")
    registry = registry_with(mine, theirs, app("front", "mine", owner="a"))
    registry.add_redirection(Redirection(from_url="/x", workspace="w", app_name="front", owner="a"))
    assert registry.remove_owner("a") == [mine]
    assert registry.services == [theirs]
    assert registry.apps == registry.redirections == []
    assert registry.remove_owner("a") == []


def test_an_app_needs_its_service() -> None:
    with pytest.raises(
        ValueError, match=r"service 'service' of the app 'app' is not registered in the workspace 'w'"
    ):
        registry_with(app())


def test_ways_in() -> None:
    registry = registry_with(
        service("fixed", fixed_service_id="main"),
        service("free"),
        app("chooser", "fixed"),
        app("chosen", "free", service_chooser_app_name="chooser"),
        app("lost", "free", service_chooser_app_name="nowhere"),
        app("known", "free"),
        app("round", "free", service_chooser_app_name="about"),
        app("about", "free", service_chooser_app_name="round"),
        app("twice", "free", service_chooser_app_name="chosen"),
    )
    ways = {entry.app_name: registry.has_way_in(entry) for entry in registry.apps}
    assert ways == {
        "chooser": True,
        "chosen": True,
        "lost": False,
        "known": False,
        "round": False,
        "about": False,
        "twice": True,
    }


@pytest.mark.parametrize(("given", "read"), [("/narvi", "/narvi"), ("/a/b/", "/a/b"), ("", ""), ("/", "")])
def test_base_paths(given: str, read: str) -> None:
    assert read_base_path(given) == read


def test_paths_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="base_path begins with a slash"):
        ServiceRegistry("narvi")
    with pytest.raises(TypeError, match="base_path is text"):
        read_base_path(7)
    with pytest.raises(ValueError, match="admin_path is a path"):
        ServiceRegistry(admin_path="admin")
    with pytest.raises(ValueError, match="is the admin_path"):
        registry_with(Redirection(from_url="/admin", workspace="w", app_name="a"), admin_path="/admin")
    with pytest.raises(ValueError, match="to_app is one part"):
        registry_with(Redirection(from_url="/x", workspace="w", app_name=""))
