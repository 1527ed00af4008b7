"""Calls that have no answer yet."""

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.call_log import CallLog, ClientCall
from jupyter_trame.protocol.client_events import Replied


def filled() -> CallLog:
    """Two calls that left, one that waits, and the session's own."""
    log = CallLog()
    log.add(ClientCall("own", b"", 1, 0, own=True, sent=True))
    log.add(ClientCall("first", b"", 2, 1, sent=True))
    log.add(ClientCall("second", b"", 3, 2, sent=True))
    log.add(ClientCall("waits", b"", 4, 3))
    return log


def failed(request_id: str, message: str) -> Replied:
    return Replied(request_id, None, {"code": LinkError.code, "message": message})


def ids(log: CallLog) -> list[str]:
    return [call.id for call in log]


def test_a_call_is_answered_once() -> None:
    log = filled()
    assert log.get("first") is log.take("first")
    assert log.take("first") is None
    assert ids(log) == ["own", "second", "waits"]


def test_calls_that_left_fail_alone() -> None:
    log = filled()
    assert log.fail("lost", sent=True) == [
        failed("first", "lost; the call may have run"),
        failed("second", "lost; the call may have run"),
    ]
    assert ids(log) == ["own", "waits"]


def test_all_fail_but_the_sessions_own() -> None:
    log = filled()
    log.fail("lost", sent=True)
    assert log.fail("over") == [failed("waits", "over")]
    assert ids(log) == ["own"]


def test_another_replica_knows_which_answers_come() -> None:
    log = filled()
    told = log.fail_unknown(2, {"own"})
    assert told == [failed("first", "the Jupyter server was restarted; the call may have run")]
    assert ids(log) == ["own", "second", "waits"]


def test_a_new_session_makes_all_calls_but_the_sessions_own_and_answers_to_writes() -> None:
    log = filled()
    log.add(ClientCall("write", b"", 5, 4, settles=1))
    assert [call.id for call in log.clear()] == ["first", "second", "waits"]
    assert ids(log) == []
