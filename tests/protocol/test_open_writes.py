"""Every client comes to the server's value, whatever crossed whatever."""

from typing import Any

import pytest

from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.envelope import StateWrite
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Write
from jupyter_trame.protocol.open_writes import OpenWrites
from jupyter_trame.protocol.packing import pack
from jupyter_trame.protocol.session import Channel, Session
from jupyter_trame.protocol.table import Table
from jupyter_trame.types import ClientId, Epoch


class Bench:
    """Open writes of some clients, and the committed values."""

    def __init__(self, clients: int = 3, *, native: bool = True, **values: Any) -> None:
        self.writes = OpenWrites()
        self.table = Table(1 << 20)
        self.table.epoch = Epoch("e")
        for key, value in values.items():
            self.commit(key, value)
        self.sessions = [self._session(f"c{index}", native) for index in range(clients)]

    @staticmethod
    def _session(name: str, native: bool) -> Session:
        session = Session(ClientId(name), "t", None, native, Limits())
        session.synced = True
        session.channel = Channel(None, False, session.limits, Assembler(512, 1), session)
        return session

    def commit(self, key: str, value: Any) -> None:
        self.table.seq += 1
        self.table.store(key, pack(value), self.table.seq)

    def write(self, index: int, number: int, *, strict: bool = True, **values: Any) -> dict[int, list[str]]:
        """The keys that go to the others at once."""
        author = self.sessions[index]
        entries = [StateWrite(key, pack(value), pack(value)) for key, value in values.items()]
        op = Write(author.client_id, number, None, [(entry.key, entry.packed) for entry in entries])
        self.writes.open(op, author, entries)
        due = self.writes.show(op, author, self.sessions, self.table, strict=strict)
        return {self.sessions.index(session): keys for session, keys in due}

    def settle(self, index: int, number: int) -> dict[int, list[str]]:
        """The keys whose committed value has to be sent."""
        origin = (self.sessions[index].client_id, number)
        due = self.writes.settle(origin, self.sessions, self.table)
        return {self.sessions.index(session): keys for session, keys in due}

    @property
    def views(self) -> list[dict[str, int]]:
        return [
            {key: self.sessions.index(view.author) for key, view in session.provisional.items()}
            for session in self.sessions
        ]


def test_a_write_is_what_everybody_views() -> None:
    bench = Bench(x=0, y=0)
    assert bench.write(0, 1, x=1, y=1) == {1: ["x", "y"], 2: ["x", "y"]}
    assert bench.views == [{"x": 0, "y": 0}] * 3


def test_a_value_that_the_others_have_is_not_sent_again() -> None:
    bench = Bench(x=1, y=1)
    assert bench.write(0, 1, x=1, y=True) == {1: ["y"], 2: ["y"]}, "True and 1 are other bytes"
    assert bench.write(0, 2, y=True) == {}
    bench.commit("x", 2)
    assert bench.settle(0, 1) == {0: ["x"], 1: ["x"], 2: ["x"]}


def test_a_commit_of_the_same_bytes_sends_nothing() -> None:
    bench = Bench(x=0)
    bench.write(0, 1, x=1)
    bench.commit("x", 1)
    assert bench.settle(0, 1) == {}
    assert bench.views == [{}] * 3


def test_a_commit_of_another_value_goes_to_all_who_viewed_the_write() -> None:
    bench = Bench(x=0)
    bench.write(0, 1, x=60)
    bench.commit("x", 50)
    assert bench.settle(0, 1) == {0: ["x"], 1: ["x"], 2: ["x"]}


def test_a_refused_write_is_taken_back() -> None:
    bench = Bench(x=0)
    bench.write(0, 1, x=1)
    assert bench.settle(0, 1) == {0: ["x"], 1: ["x"], 2: ["x"]}


def test_a_refused_key_that_never_was_committed_cannot_be_taken_back() -> None:
    bench = Bench()
    bench.write(0, 1, new=1)
    assert bench.settle(0, 1) == {}
    assert bench.views == [{}] * 3


def test_who_has_a_pending_write_of_its_own_does_not_view_anothers() -> None:
    bench = Bench(x=0)
    bench.write(0, 1, x=1)
    assert bench.write(1, 1, x=2) == {2: ["x"]}
    assert bench.views == [{"x": 0}, {"x": 1}, {"x": 1}]


def test_two_writers_end_with_the_later_one() -> None:
    bench = Bench(x=0)
    bench.write(0, 1, x=1)
    bench.write(1, 1, x=2)
    bench.commit("x", 1)
    assert bench.settle(0, 1) == {}
    bench.commit("x", 2)
    assert bench.settle(1, 1) == {}
    assert bench.views == [{}] * 3
    # The first author viewed the committed value since its settlement: the second commit goes to it as any commit.


def test_only_the_newest_write_of_a_key_is_viewed() -> None:
    bench = Bench(x=0)
    bench.write(0, 1, x=1)
    bench.write(0, 2, x=2)
    bench.commit("x", 1)
    assert bench.settle(0, 1) == {}
    assert bench.views == [{"x": 0}] * 3
    bench.commit("x", 2)
    assert bench.settle(0, 2) == {}


def test_what_waits_for_the_author_is_taken_back() -> None:
    bench = Bench(x=0, y=0)
    bench.sessions[0].outbox.add_keys(["x", "y"])
    bench.write(0, 1, x=1)
    assert bench.sessions[0].outbox.drain()[0] == {"y": None}


def test_who_is_away_views_what_the_others_view_and_who_has_no_state_nothing() -> None:
    bench = Bench(x=0)
    bench.sessions[1].channel = None
    bench.sessions[2].synced = False
    assert bench.write(0, 1, x=1) == {1: ["x"]}
    assert bench.views == [{"x": 0}, {"x": 0}, {}]


@pytest.mark.parametrize("strict", [True, False])
def test_who_asks_for_the_state_views_what_the_others_view(strict: bool) -> None:
    bench = Bench(trame__scripts=[], x=0, y=0, z=0)
    late = bench.sessions.pop()
    bench.write(0, 1, strict=strict, trame__scripts=["a.js"], x=1, y=1)
    bench.write(1, 1, strict=strict, y=2)
    bench.writes.open(Write(late.client_id, 1, None, []), late, [StateWrite("x", pack(9), pack(9))])
    bench.writes.joined(late, bench.table, strict=strict)
    bench.sessions.append(late)
    code = {} if strict else {"trame__scripts": 0}
    assert bench.views[2] == {"x": 2, "y": 1, **code}
    bench.commit("y", 1)
    assert bench.settle(0, 1)[0] == ["trame__scripts", "x"]
    bench.commit("y", 3)
    assert bench.settle(1, 1) == {1: ["y"], 2: ["y"]}


@pytest.mark.parametrize("strict", [True, False])
def test_code_is_shown_when_it_is_committed(strict: bool) -> None:
    bench = Bench(trame__scripts=[], x=0)
    found = bench.write(0, 1, strict=strict, trame__scripts=["a.js"], x=1)
    assert found[1] == (["x"] if strict else ["trame__scripts", "x"])
    assert bench.settle(0, 1)[0] == ["trame__scripts", "x"]


def test_a_name_that_templates_know_is_shown_at_once_where_the_app_has_it() -> None:
    bench = Bench(name="a")
    assert bench.write(0, 1, name="b", throttle=1) == {1: ["name"], 2: ["name"]}
    late = bench.sessions.pop()
    bench.writes.joined(late, bench.table, strict=True)
    assert list(late.provisional) == ["name"]


def test_a_stock_author_gets_its_value_again_when_another_may_have_crossed_it() -> None:
    bench = Bench(native=False, x=0)
    bench.write(0, 1, x=1)
    bench.commit("x", 1)
    assert bench.settle(0, 1) == {}
    bench.sessions[0].pushed["x"] = pack(5)
    bench.write(0, 2, x=2)
    bench.commit("x", 2)
    assert bench.settle(0, 2) == {0: ["x"]}
    bench.sessions[0].pushed["x"] = pack(3)
    bench.write(0, 3, x=3)
    bench.commit("x", 3)
    assert bench.settle(0, 3) == {}


def test_open_writes_are_kept_in_order_until_they_are_settled() -> None:
    bench = Bench(x=0)
    for number, index in enumerate([0, 1, 0], start=1):
        bench.write(index, number, x=number)
    assert [(op.client, op.number) for op in bench.writes] == [("c0", 1), ("c1", 2), ("c0", 3)]
    assert bench.writes.value((ClientId("c1"), 2), "x") == pack(2)
    assert bench.writes.value((ClientId("c1"), 2), "y") is None
    assert bench.writes.value((ClientId("c1"), 9), "x") is None
    bench.settle(1, 2)
    assert bench.settle(1, 2) == {}
    assert [op.number for op in bench.writes] == [1, 3]
    bench.writes.clear()
    assert list(bench.writes) == []


def test_a_write_that_is_settled_at_once_is_shown_to_nobody() -> None:
    bench = Bench(x=1)
    author = bench.sessions[0]
    op = Write(author.client_id, 1, None, [("x", pack(2))])
    bench.writes.open(op, author, [StateWrite("x", pack(2), pack(2))])
    bench.settle(0, 1)
    assert list(bench.writes.show(op, author, bench.sessions, bench.table, strict=True)) == []
    assert bench.views == [{}, {}, {}]
