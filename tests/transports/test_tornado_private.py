import importlib.util
import logging
from types import ModuleType
from unittest.mock import Mock

import pytest
import tornado
from hypothesis import given
from hypothesis import strategies as st
from tornado.iostream import BaseIOStream

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
    assert module._lacks == []
    assert not caplog.records


def test_what_is_missing_is_said_once_and_stood_in_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("tornado.util._websocket_mask")

    def constructor(self: object) -> None:
        """As of a version that names everything anew."""

    monkeypatch.setattr(BaseIOStream, "__init__", constructor)
    with caplog.at_level(logging.WARNING):
        module = loaded()
    (line,) = caplog.messages
    assert line.startswith(
        f"tornado {tornado.version} has no _read_buffer_size, _write_buffer, _websocket_mask any"
    )
    stream = Mock(writing=lambda: True)
    assert (module.unread(stream), module.unwritten(stream)) == (1, 1)
    assert module.mask(b"abcd", b"xyz12") == _tornado_private.mask(b"abcd", b"xyz12")


@given(st.binary(min_size=4, max_size=4), st.binary())
def test_the_mask_is_tornados(mask: bytes, data: bytes) -> None:
    assert _tornado_private._mask(mask, data) == _tornado_private.mask(mask, data)
