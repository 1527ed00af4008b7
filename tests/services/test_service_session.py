"""A page and its instance: the greeting comes first, and nothing after the end."""

import asyncio
import json
from typing import Any

import pytest

from jupyter_trame.services import service_session
from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.service_messages import Visitor
from jupyter_trame.services.service_session import ServiceSession
from tests.services.support import FakeInstance, FakePort, service


def make() -> tuple[ServiceSession, FakeInstance, FakePort, list[Any]]:
    instance = FakeInstance(InstanceKey("w", "service", "x"), service(), None)  # type: ignore[arg-type]
    port, ended = FakePort(), []
    return ServiceSession(Visitor("s1", "app"), instance, port, {"a": 1}, ended.append), instance, port, ended


def greeting(port: FakePort) -> Any:
    return json.loads(port.sent[0])


def test_the_greeting_goes_before_all_that_was_sent() -> None:
    session, _, port, _ = make()
    session.send(b"early", text=True)
    session.send(b"\0", text=False)
    assert port.sent == []
    session.greet()
    session.greet()
    session.send(b"late", text=True)
    assert greeting(port) == {"session_id": "s1", "action": "session_connected", "app_parameters": {"a": 1}}
    assert port.sent[1:] == ["early", b"\0", "late"]


def test_what_is_sent_before_the_greeting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_session, "_EARLY", 100)
    session, _, port, ended = make()
    session.send(b"x" * 101, text=False)
    assert port.closed == (1013, "too much was sent before the page was greeted")
    assert ended == [session]


def test_messages_reach_the_instance_and_heartbeats_nobody() -> None:
    session, instance, _, _ = make()
    for message in ("", "hello", b"", b"\0"):
        session.receive(message)
    assert [call[2] for call in instance.calls] == ["hello", b"", b"\0"]


def test_it_ends_once() -> None:
    session, instance, port, ended = make()
    session.ended()
    session.ended()
    session.close(1012, "again")
    session.greet()
    session.send(b"x", text=True)
    assert session.receive("x") is None
    assert not session.is_open
    assert instance.calls == [("close", "s1")]
    assert (port.sent, port.closed, ended) == ([], None, [session])


def test_it_is_closed_by_the_host() -> None:
    session, instance, port, ended = make()
    session.close(1012, "restart")
    assert port.closed == (1012, "restart")
    assert instance.calls == [("close", "s1")]
    assert ended == [session]


def test_an_instance_that_never_heard_of_it_does_not_hear_of_its_end() -> None:
    session, instance, port, ended = make()
    session.turn_away(1012, "gone")
    assert port.closed == (1012, "gone")
    assert (instance.calls, ended) == ([], [])


@pytest.fixture(autouse=True)
def _loop() -> Any:
    """Fake instances have events of asyncio."""
    loop = asyncio.new_event_loop()
    yield
    loop.close()
