"""Single values; trame's own encoder is the oracle for what the state holds."""

# ruff: noqa: DTZ001 - naive datetimes are what is tested

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server.utils.typed_state import DefaultEncoderDecoder as PeerEncoder

from jupyter_trame.typed_state import DefaultEncoderDecoder, IStateEncoderDecoder


class Color(Enum):
    RED = "red"
    PAIR = 2


class Level(IntEnum):
    LOW = 1


SINGLE = st.one_of(
    st.sampled_from([*Color, *Level]),
    st.uuids(),
    st.decimals(allow_nan=False),
    st.datetimes(
        timezones=st.sampled_from([None, timezone(timedelta(hours=5))]), min_value=datetime(1980, 1, 1)
    ),
    st.dates(),
    st.times(),
    st.lists(st.sampled_from("abc"), min_size=1).map(lambda parts: Path(*parts)),
    st.integers(),
    st.text(),
    st.binary(),
    st.booleans(),
    st.floats(allow_nan=False),
)


@given(SINGLE)
def test_encodes_as_trame_and_back(value: Any) -> None:
    encoder = DefaultEncoderDecoder()
    encoded = encoder.encode(value)
    assert encoded == PeerEncoder().encode(value)
    assert type(encoded) is type(PeerEncoder().encode(value))
    decoded = encoder.decode(encoded, type(value))
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.astimezone(UTC)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("value", "kind", "decoded"),
    [
        ("5", int, 5),
        (5, str, "5"),
        (1, float, 1.0),
        (0.1, Decimal, Decimal("0.1")),
        ("a", Literal["a", "b"], "a"),
        (True, int, True),
        ("2020-01-01T12:00:00", datetime, datetime(2020, 1, 1, 12)),
        (datetime(2020, 1, 1), date, datetime(2020, 1, 1)),
    ],
)
def test_what_a_client_sends_instead(value: Any, kind: Any, decoded: Any) -> None:
    found = DefaultEncoderDecoder().decode(value, kind)
    assert found == decoded
    assert type(found) is type(decoded)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("x", Color), ("x", UUID), ("x", Decimal), ("x", datetime), (5, time), (5, Path), ("c", Literal["a"]),
        ("a", list[int]), ("x", int), ("x", "int"),
    ],
)  # fmt: skip
def test_what_it_cannot_be(value: Any, kind: Any) -> None:
    with pytest.raises((TypeError, ValueError, ArithmeticError, AttributeError)):
        DefaultEncoderDecoder().decode(value, kind)


def test_the_two_ways_to_fail() -> None:
    failure = IStateEncoderDecoder.failed_serialization("why")
    assert not IStateEncoderDecoder.is_serialization_success(failure)
    assert IStateEncoderDecoder.is_serialization_success(None)
    assert repr(failure) == "SerializationFailure('why')"
    with pytest.raises(TypeError, match="abstract"):
        IStateEncoderDecoder()  # type: ignore[abstract]


def test_moments_of_pandas_and_the_ends_of_the_calendar() -> None:
    encoder = DefaultEncoderDecoder()
    for naive in (datetime(2024, 2, 29, 12), pd.Timestamp(2024, 2, 29, 12)):
        assert encoder.encode(naive) == datetime(2024, 2, 29, 12).astimezone(UTC).isoformat()
    assert encoder.encode(pd.NaT) is None
    for end in (datetime.min, datetime.max):  # noqa: DTZ901
        assert encoder.decode(encoder.encode(end), datetime).replace(tzinfo=None) - end < timedelta(1)
        far = end.replace(tzinfo=timezone(timedelta(hours=1 if end.year == 1 else -1)))
        assert encoder.decode(encoder.encode(far), datetime) == far
