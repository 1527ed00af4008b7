"""What addresses mean: contract c.5 row 2, and the lists of a.2, without a host."""

from http import HTTPStatus
from urllib.parse import quote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.services.addresses import (
    Admin,
    Redirect,
    Refusal,
    ServiceAddress,
    app_address,
    meaning,
    refused_id,
)
from jupyter_trame.services.entries import Redirection
from jupyter_trame.services.service_registry import ServiceRegistry
from jupyter_trame.services.validators import is_service_id
from tests.services.support import app, registry_with, service

NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="/\\"), min_size=1, max_size=20
).filter(is_service_id)


@pytest.fixture
def registry() -> ServiceRegistry:
    return registry_with(
        service("fixed", fixed_service_id="ma:in"),
        service("free"),
        app("lobby", "fixed"),
        app("a:b", "fixed"),
        app("room", "free", service_chooser_app_name="lobby"),
        app("hidden", "free"),
        app("lost", "free", service_chooser_app_name="gone"),
        Redirection(from_url="/foo/bar", workspace="w", app_name="lobby"),
        Redirection(from_url="/narvi/w", workspace="w", app_name="lobby"),
        admin_path="/admin",
    )


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/narvi/w/lobby/index.html", "ma%3Ain/index.html"),
        ("/narvi/w/room/index.html", "../lobby/index.html"),
        ("/narvi/w/lobby", "lobby/index.html"),
        ("/narvi/w/lobby/", "index.html"),
        ("/narvi/w/a:b", "a%3Ab/index.html"),  # otherwise a is a scheme
        ("/narvi/w/room/x", "x/index.html"),
        ("/narvi/w/room/a%20b", "a%20b/index.html"),
        ("/narvi/w/room/x/", "index.html"),
        ("/foo/bar", "../narvi/w/lobby/index.html"),
        ("/narvi/w", "w/lobby/index.html"),
    ],
)
def test_redirects(registry: ServiceRegistry, path: str, location: str) -> None:
    assert meaning(registry, path) == Redirect(location)
    assert meaning(registry, path, "a=1&b=%20") == Redirect(f"{location}?a=1&b=%20")


def test_a_redirect_leads_where_it_says(registry: ServiceRegistry) -> None:
    for path in ("/foo/bar", "/narvi/w"):
        found = meaning(registry, path)
        assert isinstance(found, Redirect)
        assert urljoin(path, found.location) == "/narvi/w/lobby/index.html"
    assert isinstance(meaning(registry, "/foo/bar/"), Refusal)
    assert isinstance(meaning(registry, "/foo/b%61r"), Refusal)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "nothing at this address"),
        ("/narvi", "nothing at this address"),
        ("/narvi/", "nothing at this address"),
        ("/narvix/w/lobby/", "nothing at this address"),
        ("/narvi/v/lobby/index.html", "no such app"),
        ("/narvi/w/nobody/index.html", "no such app"),
        ("/narvi/w/hidden/index.html", "needs a service id"),
        ("/narvi/w/lost/index.html", "needs a service id"),
        ("/narvi/w/free/x/index.html", "no such app"),  # the name of a service
        ("/narvi/w/room/x/../y", "nothing at this address"),
        ("/narvi/w/room/%2e%2e/connect", "nothing at this address"),
        ("/narvi/w/room/%FF/connect", "nothing at this address"),
    ],
)
def test_refusals(registry: ServiceRegistry, path: str, text: str) -> None:
    found = meaning(registry, path)
    assert isinstance(found, Refusal)
    assert found.status == HTTPStatus.NOT_FOUND
    assert text in found.text


def test_places(registry: ServiceRegistry) -> None:
    room, free = registry.app("w", "room"), registry.service("w", "free")
    assert free is not None
    base = "/narvi/w/room"
    assert meaning(registry, f"{base}/x/index.html") == ServiceAddress(free, room, "x", "index.html")
    assert meaning(registry, f"{base}/a%2Fb/connect") == ServiceAddress(free, room, "a/b", "connect")
    assert meaning(registry, f"{base}/x/calc/a%20b/") == ServiceAddress(free, room, "x", "calc/a%20b/")
    for rest in ("connect", "status"):
        found = meaning(registry, f"/narvi/w/free/x/{rest}")
        assert found == ServiceAddress(free, None, "x", rest)
        assert isinstance(found, ServiceAddress)
        assert found.app_name == "free"
    assert meaning(registry, "/admin") == Admin()


def test_an_app_goes_before_a_service_of_its_name() -> None:
    registry = registry_with(service("a"), service("b"), app("a", "b"))
    found = meaning(registry, "/narvi/w/a/x/connect")
    assert isinstance(found, ServiceAddress)
    assert found.service is registry.service("w", "b")


def test_an_id_that_is_refused_leads_to_the_chooser_from_the_page_alone(registry: ServiceRegistry) -> None:
    room, free = registry.app("w", "room"), registry.service("w", "free")
    assert free is not None
    assert refused_id(registry, ServiceAddress(free, room, "x", "index.html"), "q") == Redirect(
        "../../lobby/index.html?q"
    )
    for place in (
        ServiceAddress(free, room, "x", "connect"),
        ServiceAddress(free, registry.app("w", "lost"), "x", "index.html"),
    ):
        found = refused_id(registry, place)
        assert isinstance(found, Refusal)
        assert "no such service id" in found.text


def test_without_a_base_path() -> None:
    registry = registry_with(service(fixed_service_id="x"), app(), base_path="")
    assert meaning(registry, "/w/app/index.html") == Redirect("x/index.html")


@given(NAMES, NAMES)
def test_what_a_redirect_says_is_what_it_leads_to(service_id: str, name: str) -> None:
    registry = registry_with(service(fixed_service_id=service_id), app(name))
    start = app_address("/narvi", "w", name)
    found = meaning(registry, start)
    assert isinstance(found, Redirect)
    page = urljoin(f"http://host{start}", found.location).removeprefix("http://host")
    assert (
        page
        == app_address("/narvi", "w", name, service_id)
        == f"/narvi/w/{quote(name, '')}/{quote(service_id, '')}/index.html"
    )
    place = meaning(registry, page)
    assert isinstance(place, ServiceAddress)
    assert (place.service_id, place.rest) == (service_id, "index.html")


@given(st.text(alphabet="/w.%2fapx~:?#\\\n", max_size=40))
def test_no_address_breaks_it(tail: str) -> None:
    registry = registry_with(service(), app())
    meaning(registry, f"/narvi/{tail}")
