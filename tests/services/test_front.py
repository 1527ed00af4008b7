"""What requests are answered with, without a socket."""

import asyncio
import json
import logging
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.services import front as module
from jupyter_trame.services.addresses import Redirect, Refusal
from jupyter_trame.services.front import FileAnswer, Front, WebRequest
from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.resources import Resources
from jupyter_trame.services.service_host import ReservedSession
from jupyter_trame.services.service_messages import ServiceAnswer
from jupyter_trame.system import expression_process
from tests.services.support import FakePort, Hosted, app, run, service, until


async def ask(registered: Any, service_id: str) -> bool:
    return bool(registered.validate_service_id(service_id))


def get(path: str, **options: Any) -> WebRequest:
    return WebRequest("GET", f"/narvi/w/{path}", **options)


def text(found: Any) -> tuple[int, str]:
    assert isinstance(found, Refusal)
    return int(found.status), found.text


@pytest.fixture
def resources(tmp_path: Path) -> Resources:
    (tmp_path / "page.html").write_text("page")
    (tmp_path / "icon.png").write_text("icon")
    return Resources({"index.html": str(tmp_path / "page.html"), ("", "*.png"): str(tmp_path)})


def test_pages_files_and_what_is_neither(resources: Resources, tmp_path: Path) -> None:
    async def scenario() -> None:
        hosted = Hosted(service(service_id_validator=["x"]), app(resources=resources))
        front = Front(hosted.host, ask)
        assert await front.answer(get("app/x/index.html")) == FileAnswer(
            tmp_path / "page.html", "index.html", True
        )
        assert await front.answer(get("app/x/icon.png")) == FileAnswer(
            tmp_path / "icon.png", "icon.png", False
        )
        assert text(await front.answer(get("app/x/none.png"))) == (
            404,
            "404: app has nothing at this address",
        )
        assert text(await front.answer(get("app/y/icon.png"))) == (
            404,
            "404: app in w has no such service id",
        )
        assert await front.answer(get("app", query="a=b")) == Redirect("app/index.html?a=b")
        posted = await front.answer(WebRequest("POST", "/narvi/w/app"))
        assert text(posted) == (405, "405: this address can only be read")
        assert text(await front.answer(WebRequest("PATCH", "/narvi/w/app/x/y")))[0] == 405
        assert text(await front.answer(get("app/x/connect")))[0] == 426
        await hosted.host.close()

    run(scenario)


def test_handlers_come_behind_files(resources: Resources) -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app(resources=resources))
        front = Front(hosted.host, ask)
        await hosted.join()
        hosted.made[0].answers = ServiceAnswer(200, b"handled")
        assert isinstance(await front.answer(get("app/x/icon.png")), FileAnswer)
        assert await front.answer(get("app/x/calc")) == ServiceAnswer(200, b"handled")
        request = WebRequest(
            "POST",
            "/narvi/w/app/x/icon.png",
            "a=1&a=2",
            [("Cookie", "secret"), ("Accept", "x")],
            b"body",
        )
        assert await front.answer(request) == ServiceAnswer(200, b"handled")
        asked = hosted.made[0].calls[-1][1]
        assert (asked.method, asked.path, asked.query, asked.headers, asked.body) == (
            "POST",
            "icon.png",
            {"a": "2"},
            {"Accept": "x"},
            b"body",
        )
        head = await front.answer(WebRequest("HEAD", "/narvi/w/app/x/calc"))
        assert head == ServiceAnswer(200, b"handled")
        assert hosted.made[0].calls[-1][1].method == "GET"
        await hosted.host.close()

    run(scenario)


def test_status_and_overview() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.registry.admin_path = "/admin"
        front = Front(hosted.host, ask)
        assert text(await front.answer(get("app/x/status"))) == (404, "404: the service does not run")
        await hosted.join()
        for name in ("app", "service"):
            found = await front.answer(get(f"{name}/x/status"))
            assert isinstance(found, ServiceAnswer)
            assert json.loads(found.body) == {"uptime": 0, "session_count": 1}
        hosted.made[0].events.ended("it broke")
        await until(lambda: not hosted.host.known.runs(hosted.address()))
        assert text(await front.answer(get("app/x/status"))) == (502, "502: it broke")
        assert text(await front.answer(WebRequest("GET", "/admin")))[0] == 403
        found = await front.answer(WebRequest("GET", "/admin", may_administer=True))
        assert isinstance(found, ServiceAnswer)
        assert json.loads(found.body) == hosted.host.known.overview()
        await hosted.host.close()

    run(scenario)


def test_row_13_a_websocket_is_refused_before_anything_starts() -> None:
    async def scenario() -> None:
        def fail(service_id: str) -> bool:
            raise RuntimeError("no database")

        hosted = Hosted(
            service(service_id_validator=lambda service_id: service_id == "x"),
            service("broken", service_id_validator=fail),
            app(),
            app("front", "broken"),
            max_sessions=1,
        )
        front = Front(hosted.host, ask)
        for path in (
            "app/y/connect",
            "front/x/connect",
            "nobody/x/connect",
            "app/x/other",
            "app/x",
            "app/x/status",
        ):
            found = await front.admit(get(path))
            assert text(found)[0] == 404, path
        assert hosted.made == []
        admission = await front.admit(
            get("service/x/connect", query="a=1", headers=[("Cookie", "c"), ("A", "b")])
        )
        assert isinstance(admission, ReservedSession)
        visitor = admission.visitor
        assert (visitor.app_name, visitor.query, visitor.headers) == ("service", {"a": "1"}, {"A": "b"})
        admission.open(FakePort())
        assert text(await front.admit(get("app/x/connect"))) == (503, "503: too many sessions are open")
        await hosted.host.close()

    run(scenario)


def test_a_start_that_fails_is_said_before_the_upgrade() -> None:
    async def scenario() -> None:
        hosted = Hosted(service(), app())
        hosted.prepare = lambda instance: setattr(instance, "fails", ServiceFailedError("no module x"))
        front = Front(hosted.host, ask)
        assert text(await front.admit(get("app/x/connect"))) == (HTTPStatus.BAD_GATEWAY, "502: no module x")
        assert text(await front.answer(get("app/x/status"))) == (502, "502: no module x")
        await hosted.host.close()

    run(scenario)


def test_row_13_a_page_whose_id_is_refused_leads_to_the_chooser(resources: Resources) -> None:
    async def scenario() -> None:
        hosted = Hosted(
            service(service_id_validator=lambda _: False),
            service("fixed", fixed_service_id="main"),
            app("lobby", "fixed"),
            app(service_chooser_app_name="lobby", resources=resources),
        )
        front = Front(hosted.host, ask)
        assert await front.answer(get("app/y/index.html", query="q")) == Redirect("../../lobby/index.html?q")
        await hosted.host.close()

    run(scenario)


def test_code_that_takes_too_long_has_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_ASKED_WITHIN", 0.01)

    async def scenario() -> None:
        hosted = Hosted(service(service_id_validator=lambda _: True), app())

        async def never(*_: Any) -> bool:
            await asyncio.Event().wait()
            return True

        front = Front(hosted.host, never)
        assert set(await asyncio.gather(*(front.accepts(hosted.address()) for _ in range(80)))) == {False}
        await hosted.host.close()

    with caplog.at_level(logging.WARNING):
        run(scenario)
    # Anybody may ask as often as they like.
    assert 0 < caplog.text.count("has not answered within 0.01 seconds") < 60


def test_an_expression_that_takes_for_ever_has_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_ASKED_WITHIN", 0.5)
    monkeypatch.setattr(expression_process, "_PATIENCE", 0.6)

    async def scenario() -> None:
        rule = re.compile("(a+)+b")
        hosted = Hosted(service(service_id_validator=rule), app(), service("other"), app("other", "other"))
        front = Front(hosted.host, ask)
        waiting = asyncio.ensure_future(front.admit(get(f"app/{'a' * 150}/connect")))
        await asyncio.sleep(0)
        other = await front.admit(get("other/x/connect"))  # the loop goes on
        assert isinstance(other, ReservedSession)
        assert not waiting.done()
        assert text(await waiting) == (404, "404: app in w has no such service id")
        other.release()
        await hosted.host.close()

    with caplog.at_level(logging.WARNING):
        run(scenario)
    assert "has not answered within 0.5 seconds" in caplog.text


def test_who_comes_behind_an_id_that_takes_for_ever_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    # Both limits three times as long as they are, for machines that are at work.
    monkeypatch.setattr(module, "_ASKED_WITHIN", 3 * module._ASKED_WITHIN)
    monkeypatch.setattr(expression_process, "_PATIENCE", 3 * expression_process._PATIENCE)

    async def scenario() -> None:
        hosted = Hosted(service(service_id_validator=re.compile("(a+)+b")), app())
        front = Front(hosted.host, ask)
        slow, good = (f"app/{service_id}/connect" for service_id in ("a" * 150, "aab"))
        refused, reserved = await asyncio.gather(front.admit(get(slow)), front.admit(get(good)))
        assert text(refused) == (404, "404: app in w has no such service id")
        assert isinstance(reserved, ReservedSession)
        reserved.release()
        await hosted.host.close()

    run(scenario)


def test_what_runs_is_asked_for_once(resources: Resources) -> None:
    async def scenario() -> None:
        asked: list[str] = []

        def accept(service_id: str) -> bool:
            asked.append(service_id)
            return True

        hosted = Hosted(service(service_id_validator=accept), app(resources=resources))
        front = Front(hosted.host, ask)
        await hosted.join()
        await front.answer(get("app/x/icon.png"))
        assert asked == []
        await front.answer(get("app/x/index.html"))
        assert asked == ["x"]
        await hosted.host.close()

    run(scenario)
