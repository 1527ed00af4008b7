"""The mask of frames."""

import importlib.util
import logging

import pytest
import tornado
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.transports import masking


@given(st.binary(min_size=4, max_size=4), st.binary())
def test_the_mask_is_tornados(mask: bytes, data: bytes) -> None:
    assert masking.mask is not masking._mask
    assert masking._mask(mask, data) == masking.mask(mask, data)


def test_what_is_missing_is_said_and_stood_in_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("tornado.util._websocket_mask")
    assert masking.__file__ is not None
    spec = importlib.util.spec_from_file_location("masking", masking.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with caplog.at_level(logging.WARNING):
        spec.loader.exec_module(module)
    assert caplog.messages == [
        f"tornado {tornado.version} has no _websocket_mask as it was: messages of clients take longer"
    ]
    assert module.mask(b"abcd", b"xyz12") == masking.mask(b"abcd", b"xyz12")
