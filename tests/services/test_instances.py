"""Who is there and for how long, under any order of events."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.instances import InstanceRecord, InstanceTable, Stage
from tests.services.support import service

KEY = InstanceKey("w", "service", "x")


def running(table: InstanceTable, now: float = 0.0, **options: Any) -> InstanceRecord:
    record = table.begin(KEY, service(**options))
    table.started(record, now)
    return record


def come(table: InstanceTable, record: InstanceRecord, session_id: str, now: float = 0.0) -> None:
    table.visit(record)
    table.open(record, session_id, "app", now)


def test_there_is_one_of_a_key() -> None:
    table = InstanceTable()
    record = table.begin(KEY, service())
    assert table.find(KEY) is record
    with pytest.raises(ValueError, match="already"):
        table.begin(KEY, service())
    table.ended(record)
    table.ended(record)
    assert table.find(KEY) is None
    assert len(table) == 0


def test_an_old_end_does_not_end_the_next() -> None:
    table = InstanceTable()
    old = table.begin(KEY, service())
    table.ended(old)
    new = table.begin(KEY, service())
    table.ended(old)
    assert table.find(KEY) is new


def test_the_idle_time_begins_when_the_last_has_left() -> None:
    table = InstanceTable()
    record = running(table, idle_timeout=10)
    come(table, record, "a")
    come(table, record, "b")
    assert table.next_due() is None
    assert table.close(record, "a", 5)
    assert table.next_due() is None
    assert table.close(record, "b", 6)
    assert not table.close(record, "b", 7)
    assert table.next_due() == 16
    assert table.due(15.9) == []
    assert table.due(16) == [record]


def test_who_comes_back_keeps_it() -> None:
    table = InstanceTable()
    record = running(table, idle_timeout=10)
    table.visit(record)
    assert table.due(100) == []
    table.leave(record, 100)
    assert table.next_due() == 110
    come(table, record, "a", 105)
    assert table.due(1000) == []


def test_nobody_came_after_the_start() -> None:
    table = InstanceTable()
    record = table.begin(KEY, service(idle_timeout=0))
    assert table.next_due() is None
    table.started(record, 3)
    assert table.due(3) == [record]


@pytest.mark.parametrize("options", [{"fixed_service_id": "x"}, {"is_shared_service": False}])
def test_others_are_not_idle(options: dict[str, Any]) -> None:
    table = InstanceTable()
    record = running(table, idle_timeout=0, **options)
    come(table, record, "a")
    table.close(record, "a", 1)
    assert table.next_due() is None


def test_what_was_started_by_hand_stays_until_it_is_stopped_by_hand() -> None:
    table = InstanceTable()
    record = running(table, idle_timeout=0)
    table.keep(KEY)
    come(table, record, "a")
    table.close(record, "a", 1)
    assert table.next_due() is None
    table.ended(record)
    assert running(table, idle_timeout=0).idle_since is None
    other = table.begin(InstanceKey("v", "service", "x"), service(workspace="v", idle_timeout=0))
    table.started(other, 2)
    assert table.due(2) == [other]  # of another workspace
    table.ended(table.find(KEY) or other)
    table.forget(KEY)
    assert running(table, 3, idle_timeout=0).idle_since == 3


def test_one_that_stops_is_not_idle() -> None:
    table = InstanceTable()
    record = running(table, idle_timeout=0)
    table.stopping(record)
    assert record.stage is Stage.STOPPING
    assert table.due(9) == []


def test_the_instances_of_an_id() -> None:
    table = InstanceTable()
    one = table.begin(InstanceKey("w", "service", "x", "s1"), service(is_shared_service=False))
    two = table.begin(InstanceKey("w", "service", "x", "s2"), service(is_shared_service=False))
    table.begin(InstanceKey("w", "service", "y", "s3"), service(is_shared_service=False))
    assert table.of_id(KEY) == [one, two]


def test_uptime_is_whole_seconds() -> None:
    table = InstanceTable()
    record = table.begin(KEY, service())
    assert record.uptime(100) == 0
    table.started(record, 100)
    assert record.uptime(101.9) == 1
    assert record.uptime(99) == 0


class Comings(RuleBasedStateMachine):
    """An instance is due exactly when nobody has been there, or about to come, for its idle time."""

    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.table = InstanceTable()
        self.record = self.table.begin(KEY, service(idle_timeout=5))
        self.now = 0.0
        self.empty_since: float | None = 0.0
        self.there: set[str] = set()
        self.visits = 0
        self.count = 0
        self.table.started(self.record, 0.0)

    @rule(seconds=st.floats(0, 10))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def visit(self) -> None:
        self.table.visit(self.record)
        self.visits += 1
        self.empty_since = None

    @rule()
    def give_up(self) -> None:
        if self.visits:
            self.table.leave(self.record, self.now)
            self.visits -= 1
            self._look()

    @rule(target=sessions)
    def open(self) -> str:
        if not self.visits:
            self.visit()
        self.count += 1
        session = f"s{self.count}"
        self.table.open(self.record, session, "app", self.now)
        self.visits -= 1
        self.there.add(session)
        return session

    @rule(session=sessions)
    def close(self, session: str) -> None:
        assert self.table.close(self.record, session, self.now) is (session in self.there)
        if session in self.there:
            self.there.discard(session)
            self._look()

    def _look(self) -> None:
        if not self.there and not self.visits:
            self.empty_since = self.now

    @invariant()
    def it_is_due_when_it_should_be(self) -> None:
        assert set(self.record.sessions) == self.there
        end = None if self.empty_since is None else self.empty_since + 5
        assert self.table.next_due() == end
        assert self.table.due(self.now) == ([self.record] if end is not None and end <= self.now else [])


TestComings = Comings.TestCase
