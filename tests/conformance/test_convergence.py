"""Whatever crosses whatever, in the end every view shows what the server holds."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_trame.protocol.limits import Limits
from tests.conformance.message_link import BufferLink, TextLink
from tests.conformance.simulation import SimLink, World, large

keys = st.sampled_from("abcr")
sizes = st.sampled_from([None, 1, 110])
"""Bytes of a request from which it is read in steps: as ever, each request, some of them."""
values = st.one_of(st.integers(0, 99), st.sampled_from(["x", None, 1.5, True, [1, 2]]))
viewers = st.integers(0, 2)
limits = [
    Limits(),
    Limits(window=1),  # every write but the first one waits, and joins what waits
    Limits(window=1200),
    Limits(
        window=1, client_waiting=1200
    ),  # the connection closes, or a write joins one across those of others
    Limits(window=1, client_waiting=1200, waiting=1500),
]

steps = st.one_of(
    st.tuples(st.just("write"), viewers, keys, values),
    st.tuples(st.just("call"), viewers),
    st.tuples(st.just("set"), keys, values),
    st.tuples(st.just("through"), viewers),
    st.tuples(st.just("client_up"), viewers),
    st.tuples(st.just("client_down"), viewers),
    st.tuples(st.just("read_on")),
    st.tuples(st.just("link_up")),
    st.tuples(st.just("link_down")),
    st.tuples(st.just("owner")),
    st.tuples(st.just("cut"), viewers),
    st.tuples(st.just("connect"), viewers),
    st.tuples(st.just("reload"), viewers),
    st.tuples(st.just("replace"), viewers),
    st.tuples(st.just("die")),
    st.tuples(st.just("cut_link")),
    st.tuples(st.just("join")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("vacate")),
    st.tuples(st.just("start")),
    st.tuples(st.just("rerun")),
    st.tuples(st.just("drain")),
)


calm_steps = st.one_of(
    st.tuples(st.just("call"), st.integers(0, 1)),
    st.tuples(st.just("write"), viewers, keys, values),
    st.tuples(st.just("client_up"), viewers),
    st.tuples(st.just("client_down"), viewers),
    st.tuples(st.just("read_on")),
    st.tuples(st.just("link_up")),
    st.tuples(st.just("link_down")),
    st.tuples(st.just("owner")),
)

busy_steps = st.one_of(
    st.tuples(st.just("write"), viewers, keys, values),
    st.tuples(st.just("set"), keys, values),
    st.tuples(st.just("client_up"), viewers),
    st.tuples(st.just("client_down"), viewers),
    st.tuples(st.just("read_on")),
    st.tuples(st.just("link_down")),
    st.tuples(st.just("cut"), viewers),
    st.tuples(st.just("connect"), viewers),
    st.tuples(st.just("reload"), viewers),
    st.tuples(st.just("replace"), viewers),
)


@given(
    st.lists(
        st.one_of(steps, st.just(("lose",)), st.just(("interrupt",)), st.just(("link_down",))),
        min_size=20,
        max_size=120,
    ),
    st.sampled_from([1, 3, 100]),
    st.sampled_from(limits),
    st.sampled_from([BufferLink, TextLink]),
)
def test_all_views_end_with_the_servers_values_behind_messages_that_are_lost(
    script: list[tuple[Any, ...]], link_room: int, limits: Limits, link: type[SimLink]
) -> None:
    world = World(link_room=link_room, limits=limits, make_link=link)
    check(script, world, start_settled=True)


@given(
    st.lists(
        st.one_of(calm_steps, st.just(("say",)), st.just(("lose",)), st.just(("interrupt",))),
        min_size=10,
        max_size=80,
    ),
    st.sampled_from([BufferLink, TextLink]),
)
def test_nothing_is_lost_with_messages(script: list[tuple[Any, ...]], link: type[SimLink]) -> None:
    world = World(make_link=link)
    world.drain()
    check(script, world, start_settled=True)
    for viewer in world.viewers[:2]:
        assert viewer.said == list(range(world.said)), "each publication came once, in its order"
        assert not viewer.failed, "each call was answered"


@given(
    st.lists(steps, min_size=20, max_size=120),
    st.sampled_from([1, 2, 100]),
    st.sampled_from([1, 3, 100]),
    st.sampled_from(limits),
    st.booleans(),
    sizes,
)
@example([("rerun",), ("link_down",), ("cut", 0)], 1, 1, Limits(), True, None)
def test_all_views_end_with_the_servers_values(
    script: list[tuple[Any, ...]],
    room: int,
    link_room: int,
    limits: Limits,
    start_settled: bool,
    size: int | None,
) -> None:
    with large(size):
        check(script, World(room=room, link_room=link_room, limits=limits), start_settled=start_settled)


@given(
    st.lists(busy_steps, min_size=10, max_size=80),
    st.sampled_from([1, 2, 100]),
    st.sampled_from(limits),
    sizes,
)
def test_all_views_are_the_same_while_the_server_is_busy(
    script: list[tuple[Any, ...]], room: int, limits: Limits, size: int | None
) -> None:
    with large(size):
        world = World(room=room, limits=limits)
        world.drain()
        for name, *arguments in script:
            getattr(world, name)(*arguments)
        world.check_views()
        world.drain()


server_steps = st.one_of(
    st.tuples(st.just("die")),
    st.tuples(st.just("cut"), viewers),
    st.tuples(st.just("connect"), viewers),
    st.tuples(st.just("set"), keys, values),
    st.tuples(st.just("say")),
    calm_steps,
)


@given(
    st.lists(server_steps, min_size=10, max_size=80),
    st.sampled_from([1, 2, 100]),
    st.sampled_from([1, 3, 100]),
    st.sampled_from(limits[:3]),
    sizes,
)
def test_sessions_survive_their_replicas(
    script: list[tuple[Any, ...]], room: int, link_room: int, limits: Limits, size: int | None
) -> None:
    with large(size):
        world = World(room=room, link_room=link_room, limits=limits)
        natives = world.viewers[:2]
        world.drain()
        before = [viewer.session.client_id for viewer in natives]  # type: ignore[attr-defined]
        for name, *arguments in script:
            getattr(world, name)(*arguments)
        world.drain()
        assert [viewer.session.client_id for viewer in natives] == before  # type: ignore[attr-defined]
        for viewer in natives:
            assert viewer.said == list(range(world.said)), "each publication came once, in its order"
            assert not viewer.failed, "each call was answered"


@given(st.lists(calm_steps, min_size=10, max_size=60), st.sampled_from([1, 2, 100]), sizes)
def test_calls_are_made_in_their_order_from_the_first_moment_on(
    script: list[tuple[Any, ...]], room: int, size: int | None
) -> None:
    with large(size):
        world = World(room=room)
        check(script, world, start_settled=False)
    for viewer in world.viewers[:2]:
        own = [call for call, author in world.authors.items() if author is viewer]
        assert [call for call in world.made if call in own] == own


def test_a_key_that_waits_for_a_slow_author_is_sent_after_the_settlement() -> None:
    script = [
        ("set", "a", 1),
        ("link_down",),
        ("set", "b", 2),
        ("link_down",),
        ("write", 0, "b", 3),
        ("through", 0),
        ("set", "b", 4),
        ("link_down",),
    ]
    check(script, World(room=1), start_settled=True)


def test_a_refused_write_is_taken_back_at_every_client() -> None:
    check([("write", 0, "r", 1)], World(), start_settled=True)


def test_a_write_is_not_lost_with_the_link_that_carried_it() -> None:
    check([("write", 0, "a", 1), ("client_up", 0), ("cut_link",)], World(), start_settled=True)


def test_what_was_taken_back_is_not_lost_with_the_connection() -> None:
    for viewer in (0, 1):
        script = [("write", 0, "r", 1), ("through", 0), ("cut", viewer), ("connect", viewer)]
        check(script, World(), start_settled=True)


def test_what_was_taken_back_reaches_who_was_away() -> None:
    script = [
        ("write", 0, "r", 1),
        ("client_up", 0),
        ("client_down", 1),
        ("cut", 1),
        ("link_up",),
        ("owner",),
        ("link_down",),
    ]
    check(script, World(), start_settled=True)


@pytest.mark.parametrize("link", [(), (("cut_link",), ("join",))], ids=["same link", "next link"])
def test_the_write_of_a_client_that_left_is_settled(link: tuple[tuple[str], ...]) -> None:
    script = [
        ("write", 2, "a", 1),
        ("client_up", 2),
        ("link_up",),
        ("cut", 2),
        ("link_up",),
        *link,
        ("owner",),
        ("owner",),
        ("link_down",),
        ("link_down",),
        ("set", "a", 7),
    ]
    check(script, World(), start_settled=True)


def check(script: list[tuple[Any, ...]], world: World, *, start_settled: bool) -> None:
    if start_settled:
        world.drain()
    for step in script:
        name, *arguments = step
        getattr(world, name)(*arguments)
    world.drain()
