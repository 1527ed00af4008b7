"""Errors as events."""

from typing import Any, cast

import pytest

from jupyter_trame.rpc.log_emitter import LogEmitter


def _unheard(event: str, error: BaseException) -> None:
    raise AssertionError(event) from error


def test_listeners_hear_of_their_event() -> None:
    emitter, heard = LogEmitter(_unheard), list[Any]()
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
    emitter, heard = LogEmitter(_unheard), list[Any]()
    emitter.add_event_listener("info", heard.append)
    emitter.remove_event_listener("info", heard.append)
    emitter.remove_event_listener("info", heard.append)
    emitter.info("x")
    assert heard == []


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValueError, match="exception, error"):
        LogEmitter(_unheard).add_event_listener(cast("Any", "news"), print)


def test_a_listener_that_fails_stops_no_other() -> None:
    told: list[tuple[str, str]] = []
    emitter = LogEmitter(lambda event, error: told.append((event, repr(error))))
    heard: list[object] = []

    def fail(_: object) -> None:
        raise SystemExit(2)

    for event in ("exception", "error"):
        emitter.add_event_listener(event, fail)
        emitter.add_event_listener(event, heard.append)
    emitter.exception(ValueError("x"))
    emitter.error("y")
    assert [str(what) for what in heard] == ["x", "y"]
    assert told == [("exception", "SystemExit(2)"), ("error", "SystemExit(2)")]
