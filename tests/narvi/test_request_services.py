"""Which handler answers, and what it may answer with."""

from typing import Any

import pytest

from jupyter_trame.narvi.request_services import RequestServices, read_answer
from jupyter_trame.services.service_messages import ServiceAnswer, ServiceRequest


def handler(*_: Any) -> Any:
    return 200, b"", "text/plain", {}


def found(services: RequestServices, path: str, method: str = "GET", app: str = "app") -> Any:
    hit = services.find(ServiceRequest(app, method, path))
    return None if hit is None else (hit[0].handler_id, hit[1])


def test_the_first_that_fits_answers() -> None:
    services = RequestServices()
    first, url = services.add("app", "items/$id", handler, "GET", None)
    second, _ = services.add("app", "/items/$$rest", handler, "GET", None)
    posted, _ = services.add("app", "items/$id", handler, "POST", None)
    assert url == "items/$id"
    assert found(services, "items/7") == (first, {"id": "7"})
    assert found(services, "items/7/8") == (second, {"rest": "7/8"})
    assert found(services, "items/7", "POST") == (posted, {"id": "7"})
    assert found(services, "items/7", "DELETE") is None
    assert found(services, "items/7", app="other") is None
    services.remove(first)
    services.remove(first)
    assert found(services, "items/7") == (second, {"rest": "7"})


def test_those_of_a_session_have_its_address_and_go_with_it() -> None:
    services = RequestServices()
    one, url = services.add("app", "calc", handler, "GET", "s1")
    two, _ = services.add("app", "calc", handler, "GET", "s2")
    assert url == "session/s1/calc"
    assert found(services, "session/s1/calc") == (one, {})
    assert found(services, "session/s2/calc") == (two, {})
    assert found(services, "session/s3/calc") is None
    assert found(services, "calc") is None
    services.remove_session("s1")
    assert found(services, "session/s1/calc") is None
    assert found(services, "session/s2/calc") == (two, {})


def test_what_is_no_request_service() -> None:
    services = RequestServices()
    with pytest.raises(ValueError, match="request_method is one of DELETE, GET, POST, PUT; got 'PATCH'"):
        services.add("app", "x", handler, "PATCH", None)
    with pytest.raises(TypeError, match="is callable, not 7"):
        services.add("app", "x", 7, "GET", None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="has a name behind its"):
        services.add("app", "$", handler, "GET", None)


def test_answers() -> None:
    assert read_answer((201, b"x", "a/b", {"X-A": "1", "Set-Cookie": "c"})) == ServiceAnswer(
        201, b"x", "a/b", {"X-A": "1"}
    )
    assert read_answer([200, "ü", "text/plain", None]).body == "ü".encode()
    assert read_answer((200, bytearray(b"a"), "text/plain", {})).body == b"a"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "a handler returns .status, body, media type, headers.; got None"),
        ((200, b""), "a handler returns"),
        (("200", b"", "a/b", {}), "the status is a number"),
        ((True, b"", "a/b", {}), "the status is a number"),
        ((101, b"", "a/b", {}), "the status is 200 to 599, not 101"),
        ((200, 7, "a/b", {}), "the body is bytes, not 7"),
        ((200, b"", "a/b\r\nX: y", {}), "the media type is text"),
        ((200, b"", None, {}), "the media type is text"),
        ((200, b"", "a/b", [("a", "b")]), "the headers are a dictionary"),
        ("x" * 500, "x…$"),
    ],
)
def test_answers_that_are_none(given: Any, reason: str) -> None:
    with pytest.raises((TypeError, ValueError), match=reason):
        read_answer(given)
