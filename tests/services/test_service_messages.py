"""What is let through of HTTP, both ways."""

import json

from jupyter_trame.services.service_messages import (
    ServiceAnswer,
    answer_headers,
    first_frame,
    visible_headers,
)


def test_secrets_are_no_service_s() -> None:
    given = [
        ("Cookie", "a"),
        ("AUTHORIZATION", "b"),
        ("X-XSRFToken", "c"),
        ("Proxy-Authorization", "d"),
        ("Accept", "text/html"),
        ("X-Own", "1"),
        ("X-Own", "2"),
    ]
    assert visible_headers(given) == {"Accept": "text/html", "X-Own": "1,2"}


def test_answers_say_what_they_may() -> None:
    given = {
        "X-Total": "7",
        "cache-control": "no-store",
        "Location": "../x",
        "Set-Cookie": "a=b",
        "Content-Security-Policy": "",
        "Access-Control-Allow-Origin": "*",
        "Content-Length": "9",
        "Transfer-Encoding": "chunked",
        "Connection": "close",
        "X-Accel-Redirect": "/etc/passwd",
        "X-Frame-Options": "x",
        "X-Bad": "a\r\nSet-Cookie: b",
        "X-Wide": "→",
        "X-Number": 7,
        "X Y": "1",
    }
    assert answer_headers(given) == {"X-Total": "7", "cache-control": "no-store", "Location": "../x"}  # type: ignore[arg-type]


def test_the_first_frame() -> None:
    assert json.loads(first_frame("id", {"a": [1]})) == {
        "session_id": "id",
        "action": "session_connected",
        "app_parameters": {"a": [1]},
    }


def test_a_refusal_says_status_and_text() -> None:
    from http import HTTPStatus

    found = ServiceAnswer.refused(HTTPStatus.BAD_GATEWAY, "it died")
    assert (found.status, found.body) == (502, b"502: it died")
