"""What the operations of the Link cost of the window that a server grants."""

from jupyter_trame.protocol.link import Call, Write, cost_of
from jupyter_trame.types import ClientId

C = ClientId("c1")


def write(size: int) -> Write:
    return Write(C, 1, None, [("key", bytes(size))])


def test_a_write_costs_its_keys_its_values_and_a_little() -> None:
    assert cost_of(write(1000)) - cost_of(write(0)) == 1000
    assert cost_of(write(0)) > len("key")


def test_a_call_costs_its_envelope_and_a_little() -> None:
    assert cost_of(Call(C, bytes(1000))) - cost_of(Call(C, b"")) == 1000
    assert cost_of(Call(C, b"")) > 0


def test_the_cost_of_a_write_is_added_up_once() -> None:
    """Both ends ask, the replica several times."""
    op = write(10)
    cost = cost_of(op)
    op.values = []
    assert cost_of(op) == cost
