"""Moments of Python, pandas and numpy."""

import datetime as dt
import os
import time
from collections.abc import Iterator

import msgpack
import numpy as np
import pandas as pd
import pytest

from jupyter_trame.protocol.moments import LAST_SECOND, local_offset, moment_of, moment_of_numpy

HERE = dt.timezone(dt.timedelta(hours=9))


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine nine hours ahead of UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a process cannot be set here")
    monkeypatch.setitem(os.environ, "TZ", "HERE-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def seconds(moment: msgpack.Timestamp | None) -> int:
    assert moment is not None
    return int(moment.seconds)


@pytest.mark.usefixtures("far_east")
def test_what_has_no_time_zone_is_local_time() -> None:
    expected = dt.datetime(2024, 2, 29, 12, tzinfo=HERE)
    for local in (dt.datetime(2024, 2, 29, 12), pd.Timestamp(2024, 2, 29, 12)):  # noqa: DTZ001
        assert seconds(moment_of(local)) == expected.timestamp()
    assert seconds(moment_of_numpy(np.datetime64("2024-02-29T12"))) == expected.timestamp()


@pytest.mark.usefixtures("far_east")
def test_the_ends_of_the_calendar_are_moments() -> None:
    first, last = moment_of(dt.datetime.min), moment_of(dt.datetime.max)  # noqa: DTZ901
    assert seconds(first) == -62_135_596_800 - 9 * 3600
    assert (seconds(last), last and last.nanoseconds) == (253_402_300_799 - 9 * 3600, 999_999_000)
    for zone in (dt.UTC, HERE, dt.timezone(-dt.timedelta(hours=9))):
        for end in (dt.datetime.min, dt.datetime.max):  # noqa: DTZ901
            assert moment_of(end.replace(tzinfo=zone)) is not None


@pytest.mark.parametrize("error", [OSError, OverflowError, ValueError])
def test_a_system_that_knows_no_offset_before_1970(error: type[Exception]) -> None:
    class Windows(dt.datetime):
        def astimezone(self, tz: dt.tzinfo | None = None) -> "Windows":
            if self.year < 1970:
                raise error("no")
            return super().astimezone(tz)

    assert local_offset(Windows(1960, 2, 29)) == local_offset(dt.datetime(1972, 2, 29))  # noqa: DTZ001


def test_nanoseconds_are_kept() -> None:
    stamp = pd.Timestamp("2024-01-01T00:00:00.123456789", tz="Europe/Paris")
    assert moment_of(stamp) == msgpack.Timestamp(stamp.value // 10**9, 123_456_789)
    assert moment_of_numpy(np.datetime64("1969-12-31T23:59:59.999999999")).nanoseconds == 999_999_999


def test_no_moment_is_none() -> None:
    assert moment_of(pd.NaT) is None
    assert moment_of_numpy(np.datetime64("NaT")) is None
    assert moment_of_numpy(np.datetime64("NaT", "ns")) is None


def test_a_derived_class_may_have_an_arithmetic_of_its_own() -> None:
    class Odd(dt.datetime):
        def __sub__(self, other: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError

        def astimezone(self) -> object:  # type: ignore[override]
            raise TypeError("tz_convert() takes exactly 2 positional arguments")

    assert moment_of(Odd(2024, 1, 1)) == moment_of(dt.datetime(2024, 1, 1))  # noqa: DTZ001


@pytest.mark.usefixtures("far_east")
@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "25s"])
@pytest.mark.parametrize("count", [-3, 0, 2, 1030])
def test_every_unit_of_numpy(unit: str, count: int) -> None:
    value = np.datetime64(count, unit)  # type: ignore[call-overload]
    moment = moment_of_numpy(value)
    assert moment is not None
    assert moment.seconds == value.astype("M8[s]").astype(int) - 9 * 3600
    assert 0 <= moment.nanoseconds < 10**9


@pytest.mark.parametrize(
    "value", [np.datetime64(10**18, "Y"), np.datetime64(-(10**17), "M"), np.datetime64(10**15, "D")]
)
def test_what_no_date_of_javascript_can_hold_is_refused(value: np.datetime64) -> None:
    with pytest.raises(ValueError, match="beyond the moments of a Date"):
        moment_of_numpy(value)


def test_the_ends_of_a_date_of_javascript() -> None:
    for second in (-LAST_SECOND, LAST_SECOND):
        assert abs(seconds(moment_of_numpy(np.datetime64(second, "s"))) - second) <= 14 * 3600
