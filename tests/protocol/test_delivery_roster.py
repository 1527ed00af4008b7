"""Who opens a session, who may resume one, when one ends."""

import itertools
from typing import Any

import pytest

from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.delivery import Roster
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.session import Channel, Session
from jupyter_trame.types import ClientId, Epoch

EPOCH = Epoch("e")


def channel(identity: str | None = None) -> Channel:
    return Channel(identity, False, Limits(), Assembler(512, 1))


@pytest.fixture
def roster() -> Roster:
    tokens = itertools.count()
    return Roster(Limits(), lambda: f"t{next(tokens)}")


def opened(roster: Roster, identity: str | None = None) -> Session:
    session = roster.open(channel(identity), ClientId(f"c{sum(1 for _ in roster)}"), native=True)
    session.synced = True
    return session


def asks(**own: Any) -> dict[str, Any]:
    return {"resume": "t0", "epoch": EPOCH, "got": 0, **own}


def test_a_session_belongs_to_its_channel(roster: Roster) -> None:
    connection = channel("me")
    session = roster.open(connection, ClientId("c0"), native=True)
    assert (session.client_id, session.token, session.identity, session.native) == ("c0", "t0", "me", True)
    assert session.channel is connection
    assert connection.session is session
    assert roster.get(ClientId("c0")) is session
    assert roster.get(ClientId("c1")) is None


def test_a_walk_may_end_sessions(roster: Roster) -> None:
    sessions = [opened(roster) for _ in range(3)]
    for session in roster:
        assert roster.end(session)
        assert not roster.end(session)
    assert list(roster) == []
    assert roster.get(sessions[0].client_id) is None


def test_the_token_finds_the_session(roster: Roster) -> None:
    first, second = opened(roster), opened(roster)
    assert roster.resumable(channel(), asks(), EPOCH) is first
    assert roster.resumable(channel(), asks(resume="t1"), EPOCH) is second


def test_an_ended_session_cannot_be_resumed(roster: Roster) -> None:
    roster.end(opened(roster))
    assert roster.resumable(channel(), asks(), EPOCH) is None


@pytest.mark.parametrize(
    "own",
    [{"resume": "t9"}, {"resume": 0}, {"resume": []}, {"epoch": "f"}, {"got": 1}, {"got": -1}, {"got": 0.0}],
    ids=str,
)
def test_what_does_not_fit_is_not_resumed(roster: Roster, own: dict[str, Any]) -> None:
    opened(roster)
    assert roster.resumable(channel(), asks(**own), EPOCH) is None


@pytest.mark.parametrize(("theirs", "mine"), [("me", "you"), ("me", None), (None, "me")])
def test_a_session_is_bound_to_its_identity(roster: Roster, theirs: str | None, mine: str | None) -> None:
    session = opened(roster, theirs)
    assert roster.resumable(channel(mine), asks(), EPOCH) is None
    assert roster.resumable(channel(theirs), asks(), EPOCH) is session


def test_without_the_state_there_is_nothing_to_go_on_with(roster: Roster) -> None:
    opened(roster).synced = False
    assert roster.resumable(channel(), asks(), EPOCH) is None


def test_deadlines(roster: Roster) -> None:
    sessions = [opened(roster) for _ in range(3)]
    assert roster.next_deadline is None
    sessions[0].deadline, sessions[1].deadline = 20.0, 10.0
    assert roster.next_deadline == 10
    assert roster.expired(9.9) == []
    assert roster.expired(10) == [sessions[1]]
    assert roster.expired(99) == [sessions[1], sessions[0]]


def test_only_so_many_are_away() -> None:
    roster = Roster(Limits(away=2), iter("abcd").__next__)
    sessions = [opened(roster) for _ in range(4)]
    for session, deadline in zip(sessions[1:], (30.0, 20.0, 10.0), strict=True):
        session.deadline = deadline
    assert roster.expired(0) == [sessions[3]]
    roster.end(sessions[3])
    assert roster.expired(0) == []
