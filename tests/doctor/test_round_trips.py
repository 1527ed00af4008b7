"""Answers are timed, at once after each other and with pauses."""

import asyncio
import time
from itertools import pairwise

import pytest

from jupyter_trame.doctor.round_trips import measure


def test_both_kinds_are_asked() -> None:
    asked: list[float] = []

    async def ask() -> None:
        asked.append(time.monotonic())

    trip = asyncio.run(measure("here and there", ask, count=3, pause=0.01))
    assert (trip.between, trip.count, len(asked)) == ("here and there", 3, 6)
    assert 0 <= min(trip.back_to_back, trip.paused) <= trip.slowest
    assert all(later - earlier >= 0.009 for earlier, later in pairwise(asked[2:]))


def test_what_cannot_be_asked_raises() -> None:
    async def ask() -> None:
        raise LookupError("nobody is there")

    with pytest.raises(LookupError, match="nobody is there"):
        asyncio.run(measure("here and there", ask))
