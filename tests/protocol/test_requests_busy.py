"""What becomes of writes and calls while the server takes nothing."""

from typing import Any

import pytest

from jupyter_trame.protocol import Limits, pack
from jupyter_trame.protocol.link import Call, ClientOpened, Taken, Write
from tests.protocol.support import Bench, RawClient, settlements


def error(code: int, message: str, request_id: str = "rpc:x:0") -> dict[str, Any]:
    return {"wslink": "1.0", "id": request_id, "error": {"code": code, "message": message}}


TIGHT = Limits(window=1, client_waiting=2000, waiting=4000)
"""One write fills the window; in front of the server three more have room, and those of two clients."""


def taken(bench: Bench, client: RawClient, size: int = 1 << 20) -> None:
    """The server's loop has come to what `client` sent."""
    bench.replica.receive_link(Taken({client.id: size}))


def test_writes_of_a_client_become_one_while_the_server_is_busy() -> None:
    bench = Bench(limits=TIGHT, x=0, y=0)
    author, other = bench.native(), bench.native()
    for number in range(1, 10_001):
        author.write(number=number, **{"xy"[number % 2]: number})  # type: ignore[arg-type]
    assert author.closing is None
    assert bench.take() == [Write(author.id, 1, None, [("y", pack(1))])]
    assert other.pushes() == [{"y": 9999, "x": 10_000}]
    taken(bench, author)
    (rest,) = bench.take()
    assert rest == Write(author.id, 10_000, None, [("x", pack(10_000)), ("y", pack(9999))])
    bench.settle(author.id, 1)
    bench.commit(x=..., y=..., origin=(author.id, 10_000))
    bench.settle(author.id, 10_000)
    assert settlements(author.read()) == [10_000]
    assert other.read() == []
    assert not bench.replica.waits


def test_the_kernel_says_how_much_it_takes() -> None:
    bench = Bench(join=False)
    bench.join(window=1)
    author = bench.native()
    author.write(number=1, x=1)
    author.write(number=2, x=2)
    assert [op.number for op in bench.take() if isinstance(op, Write)] == [1]


def test_who_is_away_sees_the_last_value_of_writes_that_became_one() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author, away = bench.native(), bench.native()
    author.write(number=1, x=1)
    author.write(number=2, x=2)
    assert away.pushes() == [{"x": 2}]
    away.cut()
    author.write(number=3, x=3)
    back = away.back()
    assert back.pushes() == [{"x": 3}]


@pytest.mark.parametrize("limits", [None, TIGHT], ids=["on their way", "waiting"])
def test_who_comes_while_the_server_is_busy_sees_what_the_others_see(limits: Limits | None) -> None:
    bench = Bench(limits=limits, x=0, y=0)
    author, other = bench.native(), bench.native()
    author.write(number=1, x=1)
    author.write(number=2, x=2, new=3)
    other.write(number=1, y=4)
    author.leave()
    late = RawClient(bench)
    late.hello(jt={"v": 1})
    late.request("trame.state.get")
    assert late.read()[0]["result"]["state"] == {"x": 2, "y": 4, "new": 3}
    bench.commit(x=2, new=3, y=5)
    assert late.pushes() == []
    bench.settle(author.id, 2)
    bench.settle(other.id, 1)
    assert late.pushes() == [{"y": 5}]


def test_who_was_away_while_the_server_is_busy_sees_what_the_others_see() -> None:
    bench = Bench(x=0)
    author, away = bench.native(), bench.native()
    away.cut()
    author.write(number=1, x=1)
    assert away.back().pushes() == [{"x": 1}]


def test_a_call_goes_behind_the_writes_of_its_client() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.native()
    for number in (1, 2, 3):
        author.write(number=number, x=number)
    author.request("m")
    author.write(number=4, x=4)
    sent = [op.number if isinstance(op, Write) else type(op) for op in bench.take()]
    assert sent == [1, 3, Call]


def test_a_call_that_is_too_much_is_told_that_the_server_is_busy() -> None:
    bench = Bench(limits=TIGHT, x=0)
    client, other = bench.native(), bench.native()
    for _ in range(5):
        client.request("m", "x" * 100, request_id="rpc:c:1")
    busy = error(
        -32009, "busy: the server has not come to what it was asked before; try again later", "rpc:c:1"
    )
    assert client.read() == [busy, busy]
    assert client.closing is None
    other.request("m")
    assert [op.client for op in bench.take()] == [client.id] * 3 + [other.id]
    taken(bench, client)
    client.request("m")
    assert len(bench.take()) == 1


def test_a_large_call_alone_is_not_too_much() -> None:
    bench = Bench(limits=TIGHT)
    client = bench.native()
    client.request("m", "x" * 10_000)
    assert len(bench.take()) == 1


def test_a_write_that_cannot_become_part_of_another_one_has_its_bound() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.native()
    for number in range(1, 6):
        author.write(number=number, x={"n": number, "hidden": "x" * 100, "_filter": ["hidden"]})
    assert author.closing == (1013, "busy: too much waits for the server")
    author.write(number=6, x=6)
    assert [op.received for op in bench.replica.sessions] == [4], "what was not taken comes again"


def test_two_that_write_one_key_in_turn_keep_their_order_and_then_their_connection() -> None:
    bench = Bench(limits=TIGHT, x=0)
    a, b = bench.native(), bench.native()
    for number in range(1, 101):
        for client in (a, b):
            client.write(number=number, x=f"{client.id[-1]}{number}")
    assert a.closing is b.closing is None
    found = bench.take()
    while bench.replica.waits:
        taken(bench, a)
        taken(bench, b)
        found += bench.take()
    writes = [op for op in found if isinstance(op, Write)]
    assert [(op.client, op.number) for op in writes[-2:]] == [(a.id, 100), (b.id, 100)]
    assert [op.number for op in writes if op.client == a.id][:3] == [1, 2, 3], (
        "each is seen while there is room"
    )


def test_writes_without_a_number_that_became_one_are_all_answered() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.stock()
    for number in range(1, 5):
        author.write(request_id=f"rpc:c:{number}", x=number)
    taken(bench, author)
    assert [(op.number, op.request_id) for op in bench.take() if isinstance(op, Write)] == [
        (1, "rpc:c:1"),
        (4, "rpc:c:4"),
    ]
    author.read()
    bench.settle(author.id, 4)
    answers = [(m["id"], m["result"]) for m in author.read() if m["id"].startswith("rpc")]
    assert answers == [("rpc:c:2", None), ("rpc:c:3", None)]


def test_what_the_server_may_refuse_stays_by_itself() -> None:
    bench = Bench(limits=TIGHT, x=0)
    author = bench.native()
    for number in (1, 2, 3):
        author.write(number=number, x=number)
    author.write(number=4, trame__template_main="<p/>")
    author.write(number=5, x=5)
    taken(bench, author)
    taken(bench, author)
    taken(bench, author)
    assert [op.number for op in bench.take() if isinstance(op, Write)] == [1, 3, 4, 5]


@pytest.mark.parametrize(("key", "sent"), [("name", [1, 4]), ("throttle", [1, 2, 3, 4])])
def test_a_name_that_templates_know_is_like_any_other_where_the_app_has_it(key: str, sent: list[int]) -> None:
    bench = Bench(limits=TIGHT, name="")
    author = bench.native()
    for number in range(1, 5):
        author.write(number=number, **{key: number})  # type: ignore[arg-type]
    for _ in range(5):
        taken(bench, author)
    assert [op.number for op in bench.take() if isinstance(op, Write)] == sent


def test_writes_wait_for_the_next_link_and_become_one() -> None:
    bench = Bench(x=0)
    author = bench.native()
    author.write(number=1, x=1)
    bench.take()
    bench.replica.link_lost("the kernel hangs")
    for number in range(2, 20_000):
        author.write(number=number, x=number)
    assert author.closing is None
    bench.join()
    assert bench.take() == [
        ClientOpened(author.id, True),
        Write(author.id, 1, None, [("x", pack(1))]),
        Write(author.id, 19_999, None, [("x", pack(19_999))]),
    ]
