"""Keys conflate, messages do not."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.protocol.outbox import Outbox


def items(outbox: Outbox[str]) -> list[object]:
    found: list[object] = []
    while (item := outbox.pop()) is not None:
        found.append(list(item) if isinstance(item, dict) else item)
    return found


def test_keys_wait_once_and_in_one_batch() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys(["a", "b"])
    outbox.add_keys(["b", "c", "c"])
    assert items(outbox) == [["a", "b", "c"]]
    assert not outbox


def test_a_message_keeps_its_place() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys(["a"])
    assert outbox.add_message("m1", 1)
    outbox.add_keys(["a", "b"])
    assert outbox.add_message("m2", 1)
    assert items(outbox) == [["a"], "m1", ["b"], "m2"]


def test_a_key_that_has_left_can_wait_again() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys(["a"])
    outbox.pop()
    assert not outbox.holds_keys
    outbox.add_keys(["a"])
    assert outbox.holds_keys
    assert items(outbox) == [["a"]]


def test_no_keys_are_no_batch() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys([])
    assert not outbox
    assert outbox.pop() is None


def test_the_bytes_of_messages_are_bounded() -> None:
    outbox: Outbox[str] = Outbox(10)
    assert outbox.add_message("m", 10)
    assert not outbox.add_message("n", 1)
    assert outbox.size == 11
    outbox.pop()
    assert outbox.size == 1
    assert outbox.add_message("o", 9)


def test_discarded_keys_do_not_leave() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys(["a", "b"])
    outbox.add_message("m", 1)
    outbox.add_keys(["c"])
    outbox.discard_keys(["a", "c", "unknown"])
    assert outbox.holds_keys
    assert items(outbox) == [["b"], "m", []]
    outbox.add_keys(["a"])
    assert items(outbox) == [["a"]]


def test_drain_takes_everything_with_its_size() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys(["a"])
    outbox.add_message("m", 7)
    outbox.add_keys(["b"])
    assert outbox.drain() == ({"a": None, "b": None}, [("m", 7)])
    assert not outbox
    assert not outbox.holds_keys
    assert outbox.size == 0


def test_clear() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_keys(["a"])
    outbox.add_message("m", 7)
    outbox.clear()
    assert (bool(outbox), outbox.holds_keys, outbox.size) == (False, False, 0)


@given(
    st.lists(
        st.one_of(
            st.lists(st.sampled_from("abc"), max_size=3),
            st.integers(0, 5),
            st.just("pop"),
            st.frozensets(st.sampled_from("abc"), max_size=2),
        )
    )
)
def test_against_a_model(steps: list[object]) -> None:
    """Messages in order and all of them; a key once at a time, at its first place."""
    outbox: Outbox[int] = Outbox(1000)
    waiting: list[str | int] = []
    for step in steps:
        match step:
            case "pop":
                item = outbox.pop()
                if isinstance(item, dict):
                    for key in item:
                        assert waiting.pop(0) == key
                elif item is not None:
                    assert waiting.pop(0) == item
            case int(size):
                outbox.add_message(size, size)
                waiting.append(size)
            case list(keys):
                outbox.add_keys(keys)
                waiting += dict.fromkeys(key for key in keys if key not in waiting)
            case frozenset() as keys:
                outbox.discard_keys(keys)
                waiting = [item for item in waiting if item not in keys]
        assert outbox.size == sum(item for item in waiting if isinstance(item, int))
        assert outbox.holds_keys == any(isinstance(item, str) for item in waiting)


def test_one_message_alone_is_never_too_large() -> None:
    outbox: Outbox[str] = Outbox(limit=10)
    assert outbox.add_message("a download", 1000)
    assert not outbox.add_message("m", 1)


def test_what_somebody_waits_for_is_counted_while_it_waits() -> None:
    outbox: Outbox[str] = Outbox(100)
    outbox.add_message("m", 1)
    outbox.add_message("an answer", 1, urgent=True)
    assert outbox.urgent == 1
    outbox.pop()
    assert outbox.urgent == 1
    outbox.pop()
    assert outbox.urgent == 0
    outbox.add_message("an answer", 1, urgent=True)
    outbox.drain()
    assert outbox.urgent == 0
