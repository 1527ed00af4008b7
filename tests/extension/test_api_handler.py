"""Refusals are JSON, say what was expected and what came, and questions are no activity."""

import json
from http import HTTPStatus
from typing import Any

import pytest

from jupyter_trame.extension import api_apps
from jupyter_trame.extension.api_handler import ApiError


async def post_file(jp_fetch: Any, body: str) -> tuple[int, dict[str, Any]]:
    response = await jp_fetch("trame", "api", "v1", "files", method="POST", body=body, raise_error=False)
    assert response.headers["Content-Type"].startswith("application/json")
    return response.code, json.loads(response.body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "the body is to be a JSON object, and is no JSON: "),
        ("[" * 100_000, "the body is to be a JSON object, and is no JSON: "),
        ("[1]", "the body is to be a JSON object, not [1]"),
        ("", "and its path is 'None'"),
    ],
)
async def test_a_body_that_is_no_object(jp_fetch: Any, extension: Any, body: str, said: str) -> None:
    status, answer = await post_file(jp_fetch, body)
    assert status == 400
    assert said in answer["message"]


async def test_a_body_in_another_encoding(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch(
        "trame", "api", "v1", "files", method="POST", body=b"\xff\xfe{", raise_error=False
    )
    assert response.code == 400


async def test_a_method_that_is_not_there(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch("trame", "api", "v1", "apps", method="DELETE", raise_error=False)
    assert (response.code, json.loads(response.body)) == (405, {"message": "Method Not Allowed"})


async def test_a_defect_of_ours_is_told_without_its_words(
    jp_fetch: Any, extension: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Any:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr(api_apps, "read_apps", fail)
    response = await jp_fetch("trame", "api", "v1", "apps", raise_error=False)
    assert response.code == 500
    assert "its log has the traceback" in json.loads(response.body)["message"]
    assert b"secret" not in response.body
    assert "a secret of the machine" in caplog.text


def test_what_an_app_has_raised_is_as_long_as_a_message_may_be() -> None:
    error = ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "x" * 1_000_000, trace="y" * 1_000_000)
    assert error.message == f"{'x' * 4000}\u2026 (996000 characters more)"
    assert len(error.trace) < 41_000


async def test_what_is_asked_again_and_again_is_no_activity(
    jp_fetch: Any, extension: Any, jp_serverapp: Any
) -> None:
    settings = jp_serverapp.web_app.settings
    await jp_fetch("trame", "api", "v1", "servers")
    assert "api_last_activity" not in settings
    await jp_fetch("trame", "api", "v1", "apps", "none", method="POST", body="", raise_error=False)
    assert "api_last_activity" in settings


def test_an_error_says_its_sentence() -> None:
    error = ApiError(404, "100 % is no app", trace="line 1")  # type: ignore[arg-type]
    assert str(error) == "100 % is no app"
    assert error.get_message() == "100 % is no app"
