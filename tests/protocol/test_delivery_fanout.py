"""What the server says reaches those whom it concerns. How clients agree in the end is in `test_open_writes`."""

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.envelope import pack_publication
from jupyter_trame.protocol.link import Commit, Message
from jupyter_trame.protocol.packing import pack
from jupyter_trame.types import ClientId
from tests.protocol.support import Bench, settlements


@pytest.fixture
def bench() -> Bench:
    return Bench(x=1)


def test_a_commit_goes_to_all_but_those_that_have_a_newer_value(bench: Bench) -> None:
    author, other = bench.native(), bench.native()
    author.write(number=1, x=5)
    other.read()
    bench.commit(x=2, y=3)
    assert author.pushes() == [{"y": 3}]
    assert other.pushes() == [{"y": 3}], "it views the author's value already"


def test_a_settlement_goes_to_the_author_with_the_values_that_are_due(bench: Bench) -> None:
    author, other = bench.native(), bench.native()
    author.write(number=1, x=5)
    other.read()
    bench.commit(x=6)
    bench.settle(author.id, 1)
    messages = author.read()
    assert settlements(messages) == [1]
    assert [message["result"] for message in messages] == [{"x": 6}]
    assert other.pushes() == [{"x": 6}]


def test_a_message_is_for_one_or_for_all_but_one(bench: Bench) -> None:
    one, other = bench.native(), bench.native()
    envelope = pack_publication("t", 1)
    bench.replica.receive_link(Message(envelope, client=one.id))
    assert [message["id"] for message in one.read()] == ["publish:t:0"]
    assert other.read() == []
    bench.replica.receive_link(Message(envelope, skip=one.id))
    assert one.read() == []
    assert [message["id"] for message in other.read()] == ["publish:t:0"]
    bench.replica.receive_link(Message(envelope, client=ClientId("gone")))
    assert one.read() == other.read() == []


def test_a_reference_to_an_unknown_write_ends_the_link(bench: Bench) -> None:
    with pytest.raises(LinkError, match="a write that is not known"):
        bench.replica.receive_link(Commit(2, [("x", None)], (ClientId("c"), 7)))
    with pytest.raises(LinkError, match="a write that is not known"):
        bench.replica.receive_link(Commit(2, [("y", pack(1)), ("x", None)], None))
