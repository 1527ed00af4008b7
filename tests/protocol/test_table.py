"""The packed copy of the state, and messages that are made once."""

from typing import Any

import pytest

from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Snapshot
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.session import Frames, Provisional, Session
from jupyter_trame.protocol.table import Table
from jupyter_trame.types import ClientId, Epoch


def snapshot(seq: int, epoch: str = "e", **values: tuple[int, Any]) -> Snapshot:
    pairs = [(key, number, pack(value)) for key, (number, value) in values.items()]
    return Snapshot(Epoch(epoch), seq, {"name": "demo"}, pairs)


def client(*, native: bool = True) -> Session:
    return Session(ClientId("c"), "t", None, native, Limits())


def read(frames: Frames) -> Any:
    receiver = Assembler(1 << 30, 1)
    (payload,) = [payload for frame in frames if (payload := receiver.feed(frame)) is not None]  # type: ignore[arg-type]
    return unpack(payload)


@pytest.fixture
def table() -> Table:
    table = Table(1000)
    table.load(snapshot(3, x=(1, 10), y=(3, 30)))
    return table


def keys(names: str) -> dict[str, None]:
    return dict.fromkeys(names)


def test_a_snapshot_tells_what_is_new(table: Table) -> None:
    assert Table(1000).load(snapshot(3, x=(1, 10), y=(3, 30))) == ["x", "y"]
    assert table.load(snapshot(3, x=(1, 10), y=(3, 30))) == []
    assert table.load(snapshot(5, x=(1, 10), y=(5, 31), z=(4, 1))) == ["y", "z"]
    assert table.load(snapshot(1, "f", x=(1, 10))) == ["x"]
    assert table.get("y") is None
    assert (table.epoch, table.seq) == ("f", 1)


def test_a_publication(table: Table) -> None:
    session = client()
    message = read(table.publication(session, keys("xyu")))
    assert message["id"] == "publish:trame.state.topic:0"
    assert message["result"] == {"x": 10, "y": 30}
    assert message["jt"][:2] == ["e", 3]
    assert session.seq == 3


def test_a_publication_claims_no_commit_of_which_a_key_still_waits(table: Table) -> None:
    session = client()
    session.outbox.add_keys("y")
    assert read(table.publication(session, keys("x")))["jt"][:2] == ["e", 0]
    assert session.seq == 0


def test_a_settlement_travels_with_values_or_alone(table: Table) -> None:
    session = client()
    session.notice = 7
    message = read(table.publication(session, keys("x")))
    assert (message["jt"], message["result"]) == (["e", 3, 7], {"x": 10})
    session.notice = 8
    message = read(table.publication(session, keys("u")))
    assert (message["id"], message["jt"]) == ("publish:jupyter_trame.settled:0", ["e", 3])
    assert message["result"] == 8
    assert read(table.publication(session, keys("x")))["jt"] == ["e", 3]


def test_there_is_nothing_to_say_of_unknown_keys(table: Table) -> None:
    assert table.publication(client(), keys("u")) == ()
    assert table.publication(client(), {}) == ()


def test_a_client_sees_others_provisional_values_and_not_its_own(table: Table) -> None:
    session, other = client(), client()
    session.provisional = {"x": Provisional(session, pack(1)), "new": Provisional(other, pack(2))}
    assert read(table.publication(session, {"x": None, "y": None, "new": None}))["result"] == {
        "y": 30,
        "new": 2,
    }


def test_the_same_publication_is_made_once(table: Table) -> None:
    frames = table.publication(client(), keys("xy"))
    assert table.publication(client(), keys("xy")) is frames
    assert table.publication(client(native=False), keys("xy")) is frames
    assert table.publication(client(), keys("yx")) is not frames
    table.store("x", pack(11), 4)
    assert read(table.publication(client(), keys("yx")))["result"] == {"x": 11, "y": 30}


def test_a_new_key_of_a_client_is_made_once_for_all_others(table: Table) -> None:
    author, others = client(), [client() for _ in range(3)]
    view = Provisional(author, pack(b"z" * 100_000))
    for session in others:
        session.provisional["new"] = view
    assert len({id(table.publication(session, {"new": None})) for session in others}) == 1


def test_an_authors_notice_does_not_make_the_message_anew_for_the_others(table: Table) -> None:
    first, author, last = client(), client(), client()
    author.notice = 1
    frames = table.publication(first, keys("x"))
    assert table.publication(author, keys("x")) is not frames
    assert table.publication(last, keys("x")) is frames


def test_what_a_stock_client_was_pushed_is_kept(table: Table) -> None:
    session = client(native=False)
    table.publication(session, keys("x"))
    assert session.pushed == {"x": pack(10)}


def test_the_whole_state(table: Table) -> None:
    session, other = client(), client()
    session.provisional = {"x": Provisional(session, pack(1)), "y": Provisional(other, pack(2))}
    assert read(table.encode(session, "rpc:1")) == {
        "wslink": "1.0",
        "id": "rpc:1",
        "jt": ["e", 3],
        "result": {"name": "demo", "state": {"x": 10, "y": 2}},
    }
    assert list(session.provisional) == ["x", "y"]
    assert session.seq == 3
    assert session.pushed == {}


def test_the_whole_state_holds_new_keys_of_others(table: Table) -> None:
    session, other = client(), client()
    session.provisional = {"new": Provisional(other, pack(1))}
    assert read(table.encode(session, "rpc:1"))["result"]["state"] == {"x": 10, "y": 30, "new": 1}
    assert read(table.encode(client(), "rpc:1"))["result"]["state"] == {"x": 10, "y": 30}


def test_a_state_that_crosses_a_stock_clients_write_counts_as_pushed(table: Table) -> None:
    session = client(native=False)
    session.provisional = {"x": Provisional(session, pack(1)), "new": Provisional(session, pack(1))}
    table.encode(session, "rpc:1")
    assert session.pushed == {"x": pack(10)}


def test_the_state_is_made_anew_after_each_commit(table: Table) -> None:
    for seq, value in [(4, 11), (4, 12), (5, 13)]:
        table.store("x", pack(value), seq)
        table.seq = seq
        assert read(table.encode(client(), "rpc:1"))["result"]["state"]["x"] == value


def test_large_messages_are_cut(table: Table) -> None:
    table.store("x", pack(b"z" * 5000), 4)
    frames = table.encode(client(), keys("x"))
    assert len(frames) == 6
    assert all(len(frame) <= 1000 for frame in frames)
    assert len({frame[:4] for frame in frames}) == 1  # type: ignore[index]
    assert read(frames)["result"] == {"x": b"z" * 5000}
    assert {frame[:4] for frame in table.frames([b"x"])} != {frames[0][:4]}  # type: ignore[index]
