"""What the class of a service may call (contract a.7)."""

import inspect
from typing import Any

import pytest

from jupyter_trame.narvi.callbacks import Callbacks
from jupyter_trame.narvi.webapp_services import WebAppServices
from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.service_messages import ServiceRequest
from tests.narvi.support import KEY, FakeEvents


def handler(*_: Any) -> Any:
    return 200, b"", "text/plain", {}


def make(key: InstanceKey = KEY) -> tuple[WebAppServices, FakeEvents, Callbacks]:
    events, callbacks = FakeEvents(), Callbacks()
    return WebAppServices(key, events, callbacks), events, callbacks


SIGNATURES = {
    "send": "(msg, for_session_id=None, except_session_id=None)",
    "add_message_listener": "(callback)",
    "add_session_open_listener": "(callback)",
    "add_session_close_listener": "(callback)",
    "add_app_close_listener": "(callback)",
    "create_request_service": "(app_name, handler_pattern, handler, request_method='GET', session_id=None)",
    "remove_request_service": "(handler_id)",
    "send_to_app": "(workspace_id, app_name, service_id, data)",
    "set_app2app_message_callback": "(callback)",
    "set_metrics_callback": "(callback, metrics_metadata)",
    "set_admin_listener": "(callback)",
    "get_service_id": "()",
    "get_workspace_id": "()",
    "get_app_name": "()",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_original_s_arguments(name: str) -> None:
    signature = inspect.signature(getattr(WebAppServices, name))
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in list(signature.parameters.values())[1:]
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY  # ours
    ]
    assert str(inspect.Signature(plain)) == SIGNATURES[name]


def test_messages_are_text_or_bytes() -> None:
    services, events, _ = make()
    services.send("a")
    services.send(b"b", "s1")
    services.send(bytearray(b"c"), except_session_id="s2")  # type: ignore[arg-type]
    services.send(memoryview(b"d"), "s1", "s2")  # type: ignore[arg-type]
    assert events.sent == [
        ("a", None, None),
        (b"b", "s1", None),
        (b"c", None, "s2"),
        (b"d", "s1", "s2"),
    ]
    with pytest.raises(TypeError, match="a message is str or bytes, not dict"):
        services.send({})  # type: ignore[arg-type]


def test_callbacks_are_kept_by_kind() -> None:
    services, events, callbacks = make()
    calls: list[Any] = [lambda *_: None for _ in range(7)]
    services.add_message_listener(calls[0])
    services.add_session_open_listener(calls[1])
    services.add_session_close_listener(calls[2])
    services.add_app_close_listener(calls[3])
    services.set_admin_listener(calls[4])
    services.set_metrics_callback(calls[5], {"a": {}})
    services.set_app2app_message_callback(calls[6], from_workspaces="v")
    assert callbacks.message == [calls[0]]
    assert callbacks.session_open == [calls[1]]
    assert callbacks.session_close == [calls[2]]
    assert callbacks.app_close == [calls[3]]
    assert (callbacks.admin, events.admin) == (calls[4], 1)
    assert (callbacks.metrics, callbacks.metrics_metadata) == (calls[5], {"a": {}})
    assert (callbacks.app2app, callbacks.app2app_from) == (calls[6], {"v"})
    services.set_app2app_message_callback(None)
    assert callbacks.app2app is None
    with pytest.raises(TypeError, match="a callback is callable, not 7"):
        services.add_message_listener(7)  # type: ignore[arg-type]


def test_request_services_of_an_instance_that_is_not_shared_are_its_session_s() -> None:
    services, _, callbacks = make(InstanceKey("w", "service", "x", "s1"))
    handler_id, url = services.create_request_service("app", "calc", handler)
    assert url == "session/s1/calc"
    assert callbacks.requests.find(ServiceRequest("app", "GET", url)) is not None
    services.remove_request_service(handler_id)
    assert callbacks.requests.find(ServiceRequest("app", "GET", url)) is None


def test_what_it_is_and_whom_it_tells() -> None:
    services, events, _ = make()
    assert (services.get_workspace_id(), services.get_app_name(), services.get_service_id()) == (
        "w",
        "service",
        "x",
    )
    assert services.send_to_app("v", "app", "y", {"a": 1}) is True
    assert events.to_apps == [("v", "app", "y", {"a": 1})]
    services.administer("stop", "w", "service", "x")
    assert events.administered == [("stop", "w", "service", "x")]
