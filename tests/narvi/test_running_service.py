"""The guard around the code of a service: what raises is said, and the rest goes on."""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.narvi.running_service import RunningService, load_class
from jupyter_trame.services.instance import ServiceFailedError
from jupyter_trame.services.service_messages import AppMessage, ServiceRequest
from jupyter_trame.system.log_limits import Complaints
from tests.narvi.support import KEY, FakeEvents, visitor


class Service:
    def __init__(self, services: Any, **parameters: Any) -> None:
        self.services = services
        self.parameters = parameters


def make() -> tuple[RunningService, FakeEvents]:
    events = FakeEvents()
    return RunningService(KEY, events), events


def fail(*_: Any) -> None:
    raise RuntimeError("it went wrong")


def leave(*_: Any) -> None:
    sys.exit("enough")


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def cancel(*_: Any) -> None:
    raise asyncio.CancelledError


def fail_without_words(*_: Any) -> None:
    class WordlessError(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    raise WordlessError


class _Unreadable(Mapping[str, float]):
    """Reading it on the host's loop would end the monitor's round for all."""

    def __getitem__(self, name: str) -> float:
        raise RuntimeError(name)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("no names")

    def __len__(self) -> int:
        return 1


def test_a_class_is_loaded_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_class(f"{__name__}.Service") is Service
    (tmp_path / "narvi_broken.py").write_text("1 / 0")
    (tmp_path / "narvi_leaves.py").write_text("import sys; sys.exit(3)")
    (tmp_path / "narvi_stops.py").write_text("raise KeyboardInterrupt")
    monkeypatch.syspath_prepend(tmp_path)
    for dotted, reason in [
        ("narvi_nowhere.Service", "cannot be loaded: ModuleNotFoundError: No module named 'narvi_nowhere'"),
        ("narvi_broken.Service", "cannot be loaded: ZeroDivisionError"),
        ("narvi_leaves.Service", "cannot be loaded: SystemExit: 3"),
        ("narvi_stops.Service", "cannot be loaded: KeyboardInterrupt"),
        (f"{__name__}.Sarvice", "has no class Sarvice"),
        (f"{__name__}.KEY", "there is no class of that name"),
    ]:
        with pytest.raises(ServiceFailedError, match=reason):
            load_class(dotted)


def test_the_constructor_gets_the_services_and_the_parameters() -> None:
    running, _ = make()
    running.construct(Service, {"a": 1})
    assert isinstance(running.instance, Service)
    assert running.instance.services is running.services
    assert running.instance.parameters == {"a": 1}


@pytest.mark.parametrize(
    ("constructor", "reason"),
    [
        (fail, "RuntimeError: it went wrong"),
        (leave, "SystemExit: enough"),
        (interrupt, "KeyboardInterrupt"),
        (cancel, "CancelledError"),
        (fail_without_words, "WordlessError: it cannot say why"),
    ],
)
def test_a_constructor_that_raises(
    constructor: Callable[..., Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    running, _ = make()
    with pytest.raises(ServiceFailedError, match=f"the constructor of the service failed: {reason}"):
        running.construct(constructor, {})
    assert "the constructor of w/service/x failed" in caplog.text
    assert "Traceback" in caplog.text


def test_instances_of_a_service_complain_together(caplog: pytest.LogCaptureFixture) -> None:
    """Each page may make one, whose constructor fails."""
    complaints = Complaints(logging.getLogger("jupyter_trame.narvi"), rate=0.001, burst=3)
    for _ in range(10):
        with pytest.raises(ServiceFailedError):
            RunningService(KEY, FakeEvents(), complaints).construct(fail, {})
    assert caplog.text.count("the constructor of w/service/x failed") == 3


def test_listeners_run_in_order_whatever_one_of_them_raises(caplog: pytest.LogCaptureFixture) -> None:
    running, events = make()
    seen: list[Any] = []
    services = running.services
    for add in (
        services.add_session_open_listener,
        services.add_message_listener,
        services.add_session_close_listener,
        services.add_app_close_listener,
    ):
        add(fail)
        add(leave)
        add(interrupt)
        add(cancel)
        add(lambda *args: seen.append(args))
    running.open_session(visitor(query={"q": "1"}, headers={"H": "2"}))
    running.receive("s1", "hello")
    running.close_session("s1")
    running.end()
    assert seen == [("app", "s1", {"q": "1"}, {"H": "2"}), ("hello", "s1"), ("s1",), ()]
    assert events.opened == ["s1"]
    for what in ("session open", "message", "session close", "app close"):
        assert caplog.text.count(f"{what} listener of w/service/x failed") == 4


def test_the_greeting_follows_the_open_listeners() -> None:
    running, events = make()
    running.services.add_session_open_listener(lambda *_: events.opened.append("listener"))
    running.open_session(visitor())
    assert events.opened == ["listener", "s1"]


def test_handlers() -> None:
    running, _ = make()

    def answer(path: Any, query: Any, headers: Any, body: bytes) -> Any:
        return 201, repr([path, query, headers, body]).encode(), "text/x", {"X-A": "b"}

    running.services.create_request_service("app", "items/$id", answer, "POST")
    request = ServiceRequest("app", "POST", "items/7", {"q": "1"}, {"H": "2"}, b"body")
    hit = running.callbacks.requests.find(request)
    assert hit is not None
    found = running.handle(*hit, request)
    assert (found.status, found.media_type, found.headers) == (201, "text/x", {"X-A": "b"})
    assert found.body == b"[{'id': '7'}, {'q': '1'}, {'H': '2'}, b'body']"


@pytest.mark.parametrize(
    "handler", [fail, leave, interrupt, cancel, fail_without_words, lambda *_: "not an answer"]
)
def test_a_handler_that_fails_answers_500_and_says_nothing_more(
    handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    running, _ = make()
    running.services.create_request_service("app", "x", handler)
    request = ServiceRequest("app", "GET", "x")
    hit = running.callbacks.requests.find(request)
    assert hit is not None
    found = running.handle(*hit, request)
    assert (found.status, found.body) == (500, b"500: the handler of this address failed")
    assert "the handler of GET x of w/service/x failed" in caplog.text


def test_a_session_takes_its_request_services_with_it() -> None:
    running, _ = make()
    _, url = running.services.create_request_service("app", "x", lambda *_: None, session_id="s1")
    running.services.add_session_close_listener(fail)
    running.close_session("s1")
    assert running.callbacks.requests.find(ServiceRequest("app", "GET", url)) is None


def test_messages_of_others_and_of_the_monitor() -> None:
    running, _ = make()
    seen: list[Any] = []
    message = AppMessage("v", "sender", "y", [1])
    running.receive_app_message(message)
    running.receive_admin({})
    running.services.set_app2app_message_callback(lambda *args: seen.append(args))
    running.services.set_admin_listener(seen.append)
    running.receive_app_message(message)
    running.receive_admin({"w": {}})
    assert seen == [("v", "sender", "y", [1]), {"w": {}}]


def test_metrics() -> None:
    running, _ = make()
    assert running.metrics() is None
    running.services.set_metrics_callback(lambda: {"a": 1}, {})
    assert running.metrics() == {"a": 1}
    running.services.set_metrics_callback(fail, {})  # type: ignore[arg-type]
    assert running.metrics() is None
    running.services.set_metrics_callback(lambda: {"a": 1, "b": float("nan")}, {})
    assert running.metrics() == {"a": 1}
    running.services.set_metrics_callback(_Unreadable, {})
    assert running.metrics() is None
    running.services.set_metrics_callback(lambda: 7, {})  # type: ignore[arg-type, return-value]
    assert running.metrics() is None
