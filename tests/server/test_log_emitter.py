"""Errors as events."""

from typing import Any, cast

import pytest

from jupyter_trame.server.log_emitter import LogEmitter


def test_listeners_hear_of_their_event() -> None:
    emitter, heard = LogEmitter(), list[Any]()
    error = ValueError("x")
    for event in ("exception", "error", "critical", "info", "debug"):
        emitter.add_event_listener(event, lambda what, event=event: heard.append((event, what)))
    emitter.exception(error)
    emitter.error("e")
    emitter.critical("c")
    emitter.info("i")
    emitter.debug("d")
    expected = [("exception", error), ("error", "e"), ("critical", "c"), ("info", "i"), ("debug", "d")]
    assert heard == expected


def test_listeners_leave() -> None:
    emitter, heard = LogEmitter(), list[Any]()
    emitter.add_event_listener("info", heard.append)
    emitter.remove_event_listener("info", heard.append)
    emitter.remove_event_listener("info", heard.append)
    emitter.info("x")
    assert heard == []


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValueError, match="exception, error"):
        LogEmitter().add_event_listener(cast("Any", "news"), print)
