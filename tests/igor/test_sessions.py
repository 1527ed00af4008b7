"""Ids, sessions, the grace and tokens, under any order of events."""

import itertools
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from jupyter_trame.igor import sessions as module
from jupyter_trame.igor.sessions import IgorSessions, TakenError


def test_tokens_have_128_bits_and_are_new_each_time() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    number = sessions.connect("a")
    tokens = {sessions.introduce(number, "me", None, 0).token}
    tokens |= {sessions.introduce("me", "me", None, 0).token for _ in range(50)}
    assert len(tokens) == 51
    assert all(len(token) == 22 for token in tokens)  # 16 bytes in Base64 without padding


def test_a_number_that_a_client_calls_itself_is_given_to_nobody_else() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    assert sessions.connect("a") == 1
    sessions.introduce(1, 2, None, 0)
    assert sessions.connect("b") == 3
    assert sessions.clients == {2: "a", 3: "b"}


def test_a_client_that_never_said_who_it_is_can_be_taken_by_nobody() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    first, second = sessions.connect("a"), sessions.connect("b")
    for token in (None, "", 0):
        with pytest.raises(TakenError):
            sessions.introduce(second, first, token, 0)
    sessions.disconnect(first, "a", 0)
    with pytest.raises(TakenError):
        sessions.introduce(second, first, "", 1)


def test_tokens_of_any_kind_and_characters_are_compared() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    sessions.introduce(sessions.connect("a"), "me", None, 0)
    other = sessions.connect("b")
    for token in (1, [], {}, "é", "\ud800", "x" * 10_000):
        with pytest.raises(TakenError):
            sessions.introduce(other, "me", token, 0)


def test_tokens_of_which_it_is_not_known_whether_they_arrived() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    first = sessions.introduce(sessions.connect("a"), "me", None, 0).token
    second = sessions.introduce(sessions.connect("b"), "me", first, 0).token
    sessions.introduce(sessions.connect("c"), "me", first, 0)
    with pytest.raises(TakenError):  # whoever has shown the first one has not got the second
        sessions.introduce(sessions.connect("d"), "me", second, 0)
    third = sessions.introduce("me", "me", None, 0).token
    sessions.arrived("me", "b", third)
    sessions.arrived("me", "c", "another")
    sessions.introduce(sessions.connect("e"), "me", first, 0)
    fourth = sessions.introduce("me", "me", None, 0).token
    sessions.arrived("me", "e", fourth)
    with pytest.raises(TakenError):
        sessions.introduce(sessions.connect("f"), "me", first, 0)
    sessions.introduce(sessions.connect("g"), "me", fourth, 0)


def test_the_number_of_tokens_is_bounded() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    tokens = [sessions.introduce(sessions.connect("a"), "me", None, 0).token]
    tokens += [sessions.introduce("me", "me", None, 0).token for _ in range(50)]
    other = sessions.connect("b")
    for token in tokens[:-4]:
        with pytest.raises(TakenError):
            sessions.introduce(other, "me", token, 0)
    sessions.introduce(other, "me", tokens[-4], 0)


def test_who_changes_the_name_leaves_the_old_one_to_its_grace() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    one, two = sessions.connect("a"), sessions.connect("b")
    token = sessions.introduce(one, "one", None, 0).token
    sessions.data["one"]["x"] = 1
    other = sessions.introduce(two, "two", None, 0).token
    assert sessions.introduce("one", "two", other, 5).displaced == "b"
    assert sessions.deadlines == {"one": 15}
    assert sessions.introduce("two", "one", token, 6).displaced is None
    assert sessions.data["one"] == {"x": 1}


def test_a_session_that_a_process_prepared_is_adopted() -> None:
    sessions: IgorSessions[str] = IgorSessions(10)
    sessions.data["me"] = {"prepared": True}
    sessions.introduce(sessions.connect("a"), "me", None, 0)
    assert sessions.data == {"me": {"prepared": True}}


def test_the_number_of_those_away_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 3)
    sessions: IgorSessions[str] = IgorSessions(10)
    for now in range(5):
        sessions.disconnect(sessions.connect("a"), "a", now)
    assert list(sessions.data) == list(sessions.deadlines) == [3, 4, 5]


class Life(RuleBasedStateMachine):
    """Clients connect, say who they are, take ids up, leave and are away for too long, in any order."""

    connections = Bundle("connections")

    def __init__(self) -> None:
        super().__init__()
        self.grace = 10.0
        self.sessions: IgorSessions[object] = IgorSessions(self.grace)
        self.now = 0.0
        self.names: dict[object, Any] = {}
        """The id of each connection that has one."""
        self.tokens: dict[Any, str] = {}
        """What shows that one is an id."""
        self.away: dict[Any, float] = {}
        self.marks: dict[Any, int] = {}
        """What is written in the session of an id."""
        self.numbers = itertools.count()

    @rule(target=connections)
    def connect(self) -> object:
        connection = object()
        number = self.sessions.connect(connection)
        assert number not in self.names.values()
        assert number not in self.away
        self.names[connection] = number
        mark = self.marks[number] = next(self.numbers)
        self.sessions.data[number]["mark"] = mark
        return connection

    @rule(connection=connections, name=st.sampled_from("abc"), honest=st.booleans())
    def introduce(self, connection: object, name: str, honest: bool) -> None:
        current = self.names.get(connection)
        if current is None:  # it was displaced
            return
        held = name != current and (name in self.names.values() or name in self.away)
        token = self.tokens.get(name) if honest else "wrong"
        owner = next((one for one, its in self.names.items() if its == name and one is not connection), None)
        if held and not honest:
            with pytest.raises(TakenError):
                self.sessions.introduce(current, name, token, self.now)
            return
        result = self.sessions.introduce(current, name, token, self.now)
        assert result.displaced is owner
        assert result.token != self.tokens.get(name)
        if name != current:
            if owner is not None:
                self.names[owner] = None
            mark = self.marks.pop(current)
            if not held:
                self.marks[name] = mark
                self.tokens.pop(current, None)
            elif current in self.tokens:
                self.marks[current] = mark
                self.away[current] = self.now + self.grace
            self.away.pop(name, None)
        self.tokens[name] = result.token
        self.names[connection] = name

    @rule(target=connections, connection=consumes(connections))
    def disconnect(self, connection: object) -> Any:
        name = self.names.pop(connection)
        # A displaced connection ends under the id that it had; the id is the new owner's.
        stale = name if name is not None else next(iter(self.names.values()), "a")
        self.sessions.disconnect(stale if stale is not None else "a", connection, self.now)
        if name is not None:
            self.away[name] = self.now + self.grace
        return multiple()

    @rule(seconds=st.sampled_from([0.0, 1.0, 9.0, 10.0, 11.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        next_one = self.sessions.expire(self.now)
        for name in [name for name, deadline in self.away.items() if deadline <= self.now]:
            del self.away[name], self.marks[name]
            self.tokens.pop(name, None)
        assert next_one == min(self.away.values(), default=None)

    @invariant()
    def nobody_has_anothers(self) -> None:
        connected = {name: one for one, name in self.names.items() if name is not None}
        assert self.sessions.clients == connected
        assert self.sessions.deadlines == self.away
        assert {name: data["mark"] for name, data in self.sessions.data.items()} == self.marks


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=30)


@pytest.mark.parametrize("open_to_all", [False, True])
def test_an_id_that_is_not_for_clients(open_to_all: bool) -> None:
    sessions: IgorSessions[str] = IgorSessions(10, open_to_all=open_to_all)
    sessions.reserve("app")
    sessions.data["app"] = {"x": 1}
    number = sessions.connect("a")
    with pytest.raises(TakenError, match="not for clients"):
        sessions.introduce(number, "app", None, 0)
    assert sessions.clients == {number: "a"}
