"""Who opens a session, who may resume one, when one ends."""

import itertools
from typing import Any

import pytest

from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.delivery import Sessions
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.session import Channel, Session
from jupyter_trame.types import ClientId, Epoch

EPOCH = Epoch("e")


def channel(identity: str | None = None) -> Channel:
    return Channel(identity, False, Limits(), Assembler(512, 1))


@pytest.fixture
def sessions() -> Sessions:
    tokens = itertools.count()
    return Sessions(Limits(), lambda: f"t{next(tokens)}", lambda _: None)


def opened(sessions: Sessions, identity: str | None = None) -> Session:
    session = sessions.open(channel(identity), ClientId(f"c{sum(1 for _ in sessions)}"), native=True)
    session.synced = True
    return session


def asks(**own: Any) -> dict[str, Any]:
    return {"resume": "t0", "epoch": EPOCH, "got": 0, **own}


def test_a_session_belongs_to_its_channel(sessions: Sessions) -> None:
    connection = channel("me")
    session = sessions.open(connection, ClientId("c0"), native=True)
    assert (session.client_id, session.token, session.identity, session.native) == ("c0", "t0", "me", True)
    assert session.channel is connection
    assert connection.session is session
    assert sessions.get(ClientId("c0")) is session
    assert sessions.get(ClientId("c1")) is None


def test_a_walk_may_end_sessions(sessions: Sessions) -> None:
    three = [opened(sessions) for _ in range(3)]
    for session in sessions:
        sessions.end(session)
    assert list(sessions) == []
    assert sessions.get(three[0].client_id) is None


def test_a_session_ends_once() -> None:
    ended: list[ClientId] = []
    sessions = Sessions(Limits(), lambda: "t", ended.append)
    session = opened(sessions)
    sessions.end(session)
    sessions.end(session)
    assert ended == [session.client_id]


def test_the_token_finds_the_session(sessions: Sessions) -> None:
    first, second = opened(sessions), opened(sessions)
    assert sessions.resumable(channel(), asks(), EPOCH) is first
    assert sessions.resumable(channel(), asks(resume="t1"), EPOCH) is second


def test_an_ended_session_cannot_be_resumed(sessions: Sessions) -> None:
    sessions.end(opened(sessions))
    assert sessions.resumable(channel(), asks(), EPOCH) is None


@pytest.mark.parametrize(
    "own",
    [{"resume": "t9"}, {"resume": 0}, {"resume": []}, {"epoch": "f"}, {"got": 1}, {"got": -1}, {"got": 0.0}],
    ids=str,
)
def test_what_does_not_fit_is_not_resumed(sessions: Sessions, own: dict[str, Any]) -> None:
    opened(sessions)
    assert sessions.resumable(channel(), asks(**own), EPOCH) is None


@pytest.mark.parametrize(("theirs", "mine"), [("me", "you"), ("me", None), (None, "me")])
def test_a_session_is_bound_to_its_identity(sessions: Sessions, theirs: str | None, mine: str | None) -> None:
    session = opened(sessions, theirs)
    assert sessions.resumable(channel(mine), asks(), EPOCH) is None
    assert sessions.resumable(channel(theirs), asks(), EPOCH) is session


def test_without_the_state_there_is_nothing_to_go_on_with(sessions: Sessions) -> None:
    opened(sessions).synced = False
    assert sessions.resumable(channel(), asks(), EPOCH) is None


def test_deadlines(sessions: Sessions) -> None:
    first, second, _ = (opened(sessions) for _ in range(3))
    assert sessions.next_deadline is None
    first.deadline, second.deadline = 20.0, 10.0
    assert sessions.next_deadline == 10
    assert sessions.expired(9.9) == []
    assert sessions.expired(10) == [second]
    assert sessions.expired(99) == [second, first]


def test_only_so_many_are_away() -> None:
    sessions = Sessions(Limits(away=2), iter("abcd").__next__, lambda _: None)
    four = [opened(sessions) for _ in range(4)]
    for session, deadline in zip(four[1:], (30.0, 20.0, 10.0), strict=True):
        session.deadline = deadline
    assert sessions.expired(0) == [four[3]]
    sessions.end(four[3])
    assert sessions.expired(0) == []
