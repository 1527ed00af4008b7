"""Row 12: what pages of the monitor are told, and what they may ask for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.narvi.apps.monitor import MonitorApp

OVERVIEW = {"team": {"chat": {"instances": {}, "apps": [{"app_name": "chat"}]}}}
STOP = {"action": "stop", "workspace": "team", "service": "chat", "service_id": "1"}


class Services:
    """What the monitor asks of its host, written down."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, str | None]] = []
        self.done: list[tuple[str, ...]] = []
        self.opened: Callable[..., object] = print
        self.heard: Callable[..., object] = print
        self.round: Callable[..., object] = print

    def send(self, msg: str, for_session_id: str | None = None) -> None:
        self.sent.append((json.loads(msg), for_session_id))

    def add_session_open_listener(self, callback: Callable[..., object]) -> None:
        self.opened = callback

    def add_message_listener(self, callback: Callable[..., object]) -> None:
        self.heard = callback

    def set_admin_listener(self, callback: Callable[..., object]) -> None:
        self.round = callback

    def administer(self, action: str, *which: str) -> None:
        if action not in {"stop", "restart"}:
            raise ValueError(f"no such action: {action}")
        self.done.append((action, *which))


def monitor(services: Any, read_only: bool = False) -> MonitorApp:
    return MonitorApp(services, read_only)


@pytest.fixture
def services() -> Services:
    return Services()


def test_pages_get_the_overview_at_once_and_at_each_round(services: Services) -> None:
    monitor(services)
    services.opened("monitor", "early", {}, {})
    assert services.sent == [], "there is none yet"
    services.round(OVERVIEW)
    services.opened("monitor", "late", {}, {})
    services.round({})
    assert services.sent == [(OVERVIEW, None), (OVERVIEW, "late"), ({}, None)]


@pytest.mark.parametrize("action", ["stop", "restart"])
def test_pages_stop_and_restart(services: Services, action: str) -> None:
    monitor(services)
    services.heard(json.dumps(STOP | {"action": action}), "s1")
    assert services.done == [(action, "team", "chat", "1")]
    assert services.sent == []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "a JSON object"),
        ("[" * 9000, "a JSON object"),
        ("7", "the texts action, workspace, service, service_id"),
        (b"\xff", "a JSON object"),
        (json.dumps(STOP | {"service_id": 1}), "the texts"),
        (json.dumps(STOP | {"action": "delete"}), "no such action: delete"),
        ("x" * 10_001, "10000 characters at most, not 10001"),
    ],
)
def test_what_is_no_request_is_refused(services: Services, message: str | bytes, reason: str) -> None:
    monitor(services)
    services.heard(message, "s1")
    ((answer, session),) = services.sent
    assert answer[0] == "refused"
    assert reason in answer[1]
    assert session == "s1", "nobody else hears of it"
    assert services.done == []


def test_one_that_only_looks_on(services: Services) -> None:
    monitor(services, read_only=True)
    services.heard(json.dumps(STOP), "s1")
    assert services.done == []
    assert services.sent == [(["refused", "this monitor is for looking only"], "s1")]


def test_its_page_is_built() -> None:
    assert set(MonitorApp.RESOURCES) == {"index.html", "monitor.css", "monitor.js"}
    page = Path(MonitorApp.RESOURCES["index.html"]).read_text("utf-8")
    for address in ("narvi/narvi.js", "monitor.js", "monitor.css"):
        assert f'"{address}"' in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", ""), "nothing is fetched from elsewhere"
    assert len(Path(MonitorApp.RESOURCES["monitor.js"]).read_bytes()) < 20_000
