"""What request services answer, through the Jupyter server."""

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.narvi_services import NarviServices
from tests.extension.narvi_support import app, greeting, refused, register, service
from tests.extension.support import until


async def test_row_9_request_services(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
) -> None:
    register(narvi, ("service", service(cls="Web")), ("app", app(tmp_path)))
    base = ("trame", "narvi", "w", "app", "x")
    assert await refused(jp_fetch(*base, "items", "a", "b")) == 404, "nothing runs"
    ws = await connect_page()
    await greeting(ws)
    mine = await ws.read_message()
    for method in ("GET", "POST", "PUT", "DELETE"):
        body = "body" if method in {"POST", "PUT"} else None
        answer = await jp_fetch(
            *base,
            "items",
            "a b",
            "c",
            "d",
            method=method,
            body=body,
            params={"q": "1"},
            headers={"X-Mine": "2"},
        )
        facts = json.loads(answer.body)
        assert answer.code == 201
        assert facts["method"] == method
        assert facts["path"] == {"id": "a b", "rest": "c/d"}
        assert facts["query"] == {"q": "1"}
        assert facts["headers"]["X-Mine"] == "2"
        assert not {"Cookie", "Authorization", "X-Xsrftoken"} & set(facts["headers"])
        assert facts["body"] == (body or "")
        assert answer.headers["X-Own"] == "1"
        assert "a=b" not in answer.headers.get("Set-Cookie", "")
    assert (await jp_fetch(*base, *mine.split("/"))).body.decode() in mine
    failed = await jp_fetch(*base, "fail", raise_error=False)
    assert failed.code == 500
    assert b"no such thing" not in failed.body
    assert await refused(jp_fetch(*base, "nothing")) == 404
    ws.close()
    await until(lambda: not narvi.sessions)
    assert await refused(jp_fetch(*base, *mine.split("/"))) == 404


async def test_a_service_that_dies_in_the_middle_of_a_request(
    narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
) -> None:
    register(narvi, ("service", service(cls="Web")), ("app", app(tmp_path)))
    ws = await connect_page()
    await greeting(ws)
    await ws.read_message()
    answer = await jp_fetch("trame", "narvi", "w", "app", "x", "die", raise_error=False)
    assert answer.code == 502
    assert b"the kernel of the service has ended" in answer.body
    assert await ws.read_message() is None
    assert ws.close_code == 1012


class TestDeadline:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"narvi_request_timeout": 0.5}

    async def test_a_slow_handler_gives_504(
        self, narvi: NarviServices, connect_page: Any, jp_fetch: Any, tmp_path: Path
    ) -> None:
        register(narvi, ("service", service(cls="Web")), ("app", app(tmp_path)))
        await greeting(await connect_page())
        assert await refused(jp_fetch("trame", "narvi", "w", "app", "x", "slow")) == 504
