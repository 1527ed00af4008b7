import importlib.util
import logging
from types import ModuleType
from unittest.mock import Mock

import pytest
import tornado
from tornado.iostream import BaseIOStream
from tornado.websocket import WebSocketProtocol13

from jupyter_trame.transports import _tornado_private


def loaded() -> ModuleType:
    """The module as a process that begins now has it."""
    assert _tornado_private.__file__ is not None
    spec = importlib.util.spec_from_file_location("private", _tornado_private.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_this_tornado_has_all_that_is_used(caplog: pytest.LogCaptureFixture) -> None:
    module = loaded()
    assert module._lacks == module._protocol_lacks == []
    assert module.framed
    assert not caplog.records


def test_what_is_missing_is_said_once_and_stood_in_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def constructor(self: object) -> None:
        """As of a version that names everything anew."""

    monkeypatch.setattr(BaseIOStream, "__init__", constructor)
    with caplog.at_level(logging.WARNING):
        module = loaded()
    (line,) = caplog.messages
    assert line == (
        f"tornado {tornado.version} has no _read_buffer_size, _write_buffer as they were: "
        "messages of clients take longer"
    )
    assert module.framed
    stream = Mock(writing=lambda: True)
    assert (module.unread(stream), module.unwritten(stream)) == (1, 1)


@pytest.mark.parametrize("name", ["_handle_message", "_receive_frame", "_write_frame"])
@pytest.mark.parametrize("changed", [False, True], ids=["gone", "changed"])
def test_a_protocol_that_has_changed_is_left_to_tornado(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, name: str, changed: bool
) -> None:
    def other(self: object, something: object) -> None:
        """With other parameters."""

    if changed:
        monkeypatch.setattr(WebSocketProtocol13, name, other)
    else:
        monkeypatch.delattr(WebSocketProtocol13, name)
    with caplog.at_level(logging.WARNING):
        module = loaded()
    assert not module.framed
    (line,) = caplog.messages
    assert f"has no {name} as they were" in line


def test_a_reader_that_is_no_coroutine_is_left_to_tornado(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WebSocketProtocol13, "_receive_frame", lambda self: None)
    assert loaded()._protocol_lacks == ["_receive_frame"]


def test_a_method_that_nobody_calls_any_more_is_left_to_tornado(monkeypatch: pytest.MonkeyPatch) -> None:
    async def loop(self: object) -> None:
        """It reads otherwise."""

    monkeypatch.setattr(WebSocketProtocol13, "_receive_frame_loop", loop)
    assert loaded()._protocol_lacks == ["_receive_frame"]
