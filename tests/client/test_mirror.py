"""What is sent of a state whose values come from elsewhere."""

import asyncio
from typing import Any

import pytest

from jupyter_trame.client.mirror import Mirror
from jupyter_trame.core import Translator
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.user_code import UserCode


class Bench:
    def __init__(self, translator: Translator | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.user_code = UserCode(OwnerLoop())
        self.mirror = Mirror(translator, self.user_code, self.write)
        self.state = self.mirror.state
        self.error: BaseException | None = None

    def write(self, changes: dict[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(changes)


def test_the_first_values() -> None:
    bench = Bench()
    seen: list[Any] = []
    bench.state.change("x", "y")(lambda x, y, **_: seen.append((x, y)))
    bench.state.x = 1
    bench.state.flush()
    bench.mirror.apply({"x": 5, "y": 6, "z": None})
    assert (bench.sent, seen, bench.state.x, bench.state.y) == ([], [], 1, 6)
    bench.mirror.ready()
    assert (bench.sent, seen) == ([{"x": 1}], [(1, 6)])
    bench.mirror.ready()
    assert len(bench.sent) == 1


def test_what_came_is_not_sent_and_what_a_listener_makes_of_it_is() -> None:
    bench = Bench()
    bench.mirror.ready()

    @bench.state.change("x")
    def on_x(x: list[int], **_: Any) -> None:
        bench.state.same = x
        bench.state.length = len(x)

    bench.mirror.apply({"x": [1, 2]})
    assert bench.sent == [{"same": [1, 2], "length": 2}]
    bench.state.x = [3]
    bench.state.flush()
    assert bench.sent[1:] == [{"x": [3]}, {"same": [3], "length": 1}]
    bench.mirror.apply({"x": [3]})
    assert len(bench.sent) == 3


def test_what_stays() -> None:
    bench = Bench(Translator("p_"))
    bench.mirror.apply({"trame__client_only": ["p_local"]})
    bench.mirror.ready()
    bench.state.update({"local": 1, "file": {"a": 1, "_filter": ["a"]}})
    bench.state.flush()
    assert bench.sent == [{"p_file": {"_filter": ["a"]}}]


def test_what_cannot_be_sent() -> None:
    bench = Bench()
    bench.mirror.ready()
    bench.error = ValueError("cannot be packed")
    bench.state.mine = 1
    with pytest.raises(ValueError, match="cannot be packed"):
        bench.state.flush()
    bench.mirror.apply({"x": 1})
    assert bench.user_code.errors[-1].message == "ValueError: cannot be packed"
    bench.error = None
    bench.mirror.apply({"y": 1})
    assert (bench.state.x, bench.state.y) == (1, 1)
    assert bench.sent == [{"mine": 1}]


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError(), GeneratorExit()], ids=repr)
def test_what_is_no_exception_does_not_end_the_client(error: BaseException) -> None:
    """A value decides itself how it is packed, so that what it raises may be anything."""
    bench = Bench()
    bench.mirror.ready()
    bench.error = error
    bench.state.change("x")(lambda **_: bench.state.update({"mine": 1}))
    bench.mirror.apply({"x": 1})
    assert type(error).__name__ in bench.user_code.errors[-1].message
    bench.error = None
    bench.mirror.apply({"y": 1})
    assert bench.sent == [{"mine": 1}]
