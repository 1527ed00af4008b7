"""What a replica keeps of one client."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.session import Channel, Frames, Provisional, Session, StateItem
from jupyter_trame.types import ClientId, Epoch


def encode(session: Session, item: StateItem) -> Frames:
    """Keys and requests in a form that can be read again; the key ``-`` has no value."""
    if isinstance(item, str):
        return (f"={item}".encode(),)
    keys = [key for key in item if key != "-"]
    if session.notice is not None:
        session.notice = None
        return (f"+{''.join(keys)}".encode(),)
    return (f"+{''.join(keys)}".encode(),) if keys else ()


def make(*, native: bool = True, **limits: Any) -> tuple[Session, Channel]:
    bounds = Limits(**limits)
    session = Session(ClientId("c"), "token", None, native, bounds)
    session.synced = True
    return session, connect(session)


def connect(session: Session) -> Channel:
    channel = Channel(None, False, session.limits, Assembler(512, 1))
    session.channel, channel.session = channel, session
    return channel


def read(channel: Channel, room: int = 1 << 30) -> list[str]:
    return [frame.decode() for frame in channel.frames(room, encode)]


def say(session: Session, text: str) -> None:
    assert session.outbox.add_message((text.encode(),), len(text))


def test_keys_are_looked_up_when_they_leave() -> None:
    session, channel = make()
    session.outbox.add_keys("ab")
    say(session, "m")
    session.outbox.add_message("rpc:1", 5)
    assert channel.has_output
    assert read(channel) == ["+ab", "m", "=rpc:1"]
    assert not channel.has_output
    assert session.sent == 3


def test_keys_without_a_value_are_no_message() -> None:
    session, channel = make()
    session.outbox.add_keys("-")
    say(session, "m")
    assert read(channel) == ["m"]
    assert session.sent == 1


def test_no_more_than_the_room_and_one_message() -> None:
    session, channel = make()
    for text in ("123", "456", "789"):
        say(session, text)
    assert read(channel, 0) == []
    assert read(channel, 1) == ["123"]
    assert read(channel, 4) == ["456", "789"]


def test_a_message_is_not_torn() -> None:
    session, channel = make()
    session.outbox.add_message((b"1", b"2", b"3"), 3)
    assert read(channel, 1) == ["1", "2", "3"]


def test_direct_answers_come_first_and_whatever_the_room() -> None:
    session, channel = make()
    say(session, "m")
    channel.direct.append((b"hello",))
    assert read(channel, 0) == ["hello"]
    assert session.sent == 0


def test_a_connection_that_lost_its_session_sends_nothing_of_it() -> None:
    session, old = make()
    say(session, "m")
    new = connect(session)
    assert not old.has_output
    assert read(old) == []
    assert read(new) == ["m"]


def test_a_stock_client_has_the_state_and_no_history() -> None:
    session, channel = make(native=False)
    session.reset()
    assert session.synced
    say(session, "m")
    read(channel)
    session.rewind(0)
    assert read(channel) == []


def test_reset_takes_everything_back() -> None:
    session, channel = make()
    say(session, "m")
    session.outbox.add_keys("a")
    read(channel)
    say(session, "n")
    session.received = session.settled = session.got = session.seq = 5
    session.provisional["a"] = Provisional(session, b"")
    session.reset()
    assert session.greeting(Epoch("e"), resumed=False) == {
        "v": 1,
        "epoch": "e",
        "resume": "token",
        "resumed": False,
        "received": 0,
        "settled": 0,
        "got": 0,
    }
    assert (session.provisional, session.seq, session.sent) == ({}, 0, 0)
    assert not session.outbox
    assert not session.synced
    assert session.can_resume(0)
    assert not session.can_resume(1)


def test_changes_reach_who_is_there_and_has_the_state() -> None:
    session, _ = make()
    assert session.reachable
    session.synced = False
    assert not session.reachable
    session.synced, session.channel = True, None
    assert not session.reachable


def test_what_left_and_was_not_read_leaves_again() -> None:
    session, channel = make()
    for item in ("a", "b"):
        session.outbox.add_keys(item)
        say(session, f"m{item}")
    session.outbox.add_message("rpc:1", 5)
    assert read(channel) == ["+a", "ma", "+b", "mb", "=rpc:1"]
    session.outbox.add_keys("c")
    say(session, "waits")
    session.rewind(2)
    assert session.sent == 2
    assert read(channel) == ["+cb", "mb", "=rpc:1", "waits"]
    assert session.sent == 6


def test_sizes_survive_a_rewind() -> None:
    session, channel = make()
    session.outbox.add_message("rpc:1", 5)
    session.outbox.add_message((b"x" * 100,), 100)
    session.rewind(0)
    assert session.outbox.size == 105
    read(channel)
    session.rewind(1)
    assert session.outbox.size == 100


@pytest.mark.parametrize(("got", "can"), [(-1, False), (0, False), (1, True), (2, True), (3, False)])
def test_a_history_that_is_full_forgets_the_oldest(got: int, can: bool) -> None:
    session, channel = make(history=100)
    for _ in range(2):
        say(session, "x" * 60)
    read(channel)
    assert session.can_resume(got) is can


def test_state_publications_count_by_their_keys() -> None:
    session, channel = make(history=10_000)
    for _ in range(1000):
        session.outbox.add_keys("ab")
        read(channel)
    assert session.can_resume(1000)
    assert session.can_resume(980)
    assert not session.can_resume(900)


def test_notices_of_settlements_count_too() -> None:
    session, channel = make(history=10_000)
    for number in range(1000):
        session.notice = number
        assert read(channel) == ["+"]
    assert session.can_resume(1000)
    assert not session.can_resume(900)


steps = st.lists(
    st.sampled_from(["key a", "key b", "message", "send", "send one", "read", "cut"]), min_size=1, max_size=60
)


@given(steps)
def test_nothing_is_lost_over_any_number_of_cuts(script: list[str]) -> None:
    """Every message is read once and in order; a key that was queued is read after it was queued."""
    session, channel = make()
    numbers = iter(range(1000))
    flight: list[str] = []
    got, said, heard = 0, list[str](), list[str]()
    due: set[str] = set()

    def take() -> None:
        nonlocal got
        got += 1
        frame = flight.pop(0)
        if frame.startswith("+"):
            due.difference_update(frame[1:])
        else:
            heard.append(frame)

    for step in [*script, "cut", "send", *["read"] * 200]:
        match step.split():
            case ["key", key]:
                session.outbox.add_keys(key)
                due.add(key)
            case ["message"]:
                said.append(f"m{next(numbers)}")
                say(session, said[-1])
            case ["send", *one]:
                flight += read(channel, 1 if one else 1 << 30)
            case ["read"] if flight:
                take()
            case ["cut"]:
                flight.clear()
                assert session.can_resume(got)
                channel = connect(session)
                session.rewind(got)
    assert heard == said
    assert not due


def test_an_answer_is_urgent_while_its_connection_can_have_it() -> None:
    session, channel = make()
    session.outbox.add_keys("a")
    say(session, "m")
    assert not channel.urgent
    session.outbox.add_message("rpc:1", 5, urgent=True)
    assert channel.urgent
    other = connect(session)
    assert (channel.urgent, other.urgent) == (False, True)
    read(other)
    assert not other.urgent
    channel.direct.append((b"hello",))
    assert channel.urgent
