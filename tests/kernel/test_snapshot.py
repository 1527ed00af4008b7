"""What a notebook can hold of a state."""

import math

import pytest

from jupyter_trame.kernel.snapshot import NotPortableError, SnapshotStore, portable


@pytest.mark.parametrize(
    ("value", "copy"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (math.nan, None),
        ("x", "x"),
        ((1, [2, {"a": b"b"}]), [1, [2, {"a": b"b"}]]),
        (memoryview(b"m"), b"m"),
        (bytearray(b"b"), b"b"),
        ({1: 2, 2.0: 3, 2.5: 4}, {"1": 2, "2": 3, "2.5": 4}),
    ],
)
def test_portable_values(value: object, copy: object) -> None:
    assert portable(value)[0] == copy


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {None: 2},
        {True: 1},
        {"a": {"__proto__": 1}},
        {1: 1, "1": 2},
        1 << 60,
        [object()],
        {"a": {1, 2}},
    ],
)
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(NotPortableError):
        portable(value)


def test_copies_do_not_follow_the_original() -> None:
    store = SnapshotStore(max_size=1000)
    value = [1]
    store.update({"x": value})
    state = store.build()
    value.append(2)
    assert state == {"x": [1]}


def test_the_size_is_bounded_and_small_values_come_first() -> None:
    store = SnapshotStore(max_size=1000)
    store.update({"big": "x" * 5000, "a": 1, "b": "y" * 100})
    assert store.build() == {"a": 1, "b": "y" * 100}
    store.update({"big": "z"})
    assert store.build() == {"a": 1, "b": "y" * 100, "big": "z"}


def test_values_with_bytes_stay_out_where_they_cannot_travel() -> None:
    store = SnapshotStore(max_size=1000, binary=False)
    store.update({"picture": b"x", "list": [1, bytearray(b"x")], "map": {"a": memoryview(b"x")}, "n": 1})
    assert store.build() == {"n": 1}


def test_keys_can_opt_out_and_values_can_become_unportable() -> None:
    store = SnapshotStore(max_size=1000, exclude=["secret"])
    store.update({"secret": 1, "x": 1})
    assert store.build() == {"x": 1}
    store.update({"x": object()})
    assert store.build() == {}
    with pytest.raises(TypeError, match="snapshot_exclude is a list of texts, not 'secret'"):
        SnapshotStore(max_size=1000, exclude="secret")
