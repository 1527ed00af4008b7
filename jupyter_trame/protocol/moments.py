"""Moments of Python, pandas and numpy as msgpack timestamps. What has no time zone is local time."""

import datetime as dt
from typing import Any

import msgpack

__all__ = ["LAST_SECOND", "local_offset", "moment_of", "moment_of_numpy"]

LAST_SECOND = 8_640_000_000_000
"""Seconds before and after 1970 that a Date of JavaScript can hold."""

_START = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - what is counted from here has no time zone either
_BILLION = 1_000_000_000
_LEAP_YEARS = (1972, 2036)
"""Years for which every system knows the local time."""

_UNITS = {  # in attoseconds
    "W": 604_800 * 10**18,
    "D": 86_400 * 10**18,
    "h": 3600 * 10**18,
    "m": 60 * 10**18,
    "s": 10**18,
    "ms": 10**15,
    "us": 10**12,
    "ns": 10**9,
    "ps": 10**6,
    "fs": 10**3,
    "as": 1,
}


def moment_of(value: dt.datetime) -> msgpack.Timestamp | None:
    """`value`, or an instance of a class derived from datetime, pandas' with its nanoseconds; None for NaT.

    Its parts are read one by one: a derived class may have another arithmetic.
    """
    if value != value:  # noqa: PLR0124 - only NaT is not itself
        return None
    day = (value.year, value.month, value.day)
    local = dt.datetime(  # noqa: DTZ001 - the offset is taken off below
        *day, value.hour, value.minute, value.second, value.microsecond, fold=value.fold
    )
    offset = value.utcoffset()
    since = local - _START - (local_offset(local) if offset is None else offset)
    nanoseconds = since.microseconds * 1000 + int(getattr(value, "nanosecond", 0))
    return msgpack.Timestamp(since.days * 86_400 + since.seconds, nanoseconds)


def moment_of_numpy(value: Any) -> msgpack.Timestamp | None:
    """The ``numpy.datetime64`` `value`, of whatever unit; None for NaT. Raises ValueError for one beyond a Date."""
    import numpy as np

    if np.isnat(value):
        return None
    unit, count = np.datetime_data(value.dtype)
    if unit in ("Y", "M"):
        # Not by numpy, where days may overflow without a word.
        months = int(value.astype("i8")) * count * (12 if unit == "Y" else 1)
        if abs(months) > LAST_SECOND:
            raise ValueError(f"{value} is beyond the moments of a Date")
        value, unit, count = np.datetime64(months, "M").astype("M8[D]"), "D", 1
    seconds, rest = divmod(int(value.astype("i8")) * count * _UNITS[unit], 10**18)
    if abs(seconds) > LAST_SECOND:
        raise ValueError(f"{value} is beyond the moments of a Date: send it as str()")
    try:
        local = _START + dt.timedelta(seconds=seconds)
    except OverflowError:
        local = dt.datetime.min if seconds < 0 else dt.datetime.max  # noqa: DTZ901 - any moment near it will do
    return msgpack.Timestamp(seconds - int(local_offset(local).total_seconds()), rest // _BILLION)


def local_offset(local: dt.datetime) -> dt.timedelta:
    """How far `local` is ahead of UTC, by the time zone of this machine."""
    try:
        offset = local.astimezone().utcoffset()
    except (OverflowError, OSError, ValueError):
        # At the ends of the calendar, and before 1970 on Windows: as on the same day of a year that is known.
        known = local.replace(year=_LEAP_YEARS[local.year > _LEAP_YEARS[1]])
        offset = known.astimezone().utcoffset()
    return offset or dt.timedelta()
