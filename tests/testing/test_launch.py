"""How a session begins."""

import asyncio

import pytest

from jupyter_trame.testing.blocking import BlockingSession
from jupyter_trame.testing.errors import NotReachedError
from jupyter_trame.testing.launch import Launcher
from jupyter_trame.testing.session import Session
from tests.testing.support import Counter, run


def test_both_ways() -> None:
    trame = Launcher()

    async def main() -> None:
        async with trame(Counter) as session:
            assert isinstance(session, Session)

    run(main())
    with trame(Counter) as session:
        assert isinstance(session, BlockingSession)
    trame.check()


def test_with_among_coroutines_is_refused() -> None:
    trame = Launcher()

    async def main() -> None:
        with pytest.raises(RuntimeError, match="write `async with"), trame(Counter):
            pass

    run(main())


def test_a_session_that_never_began() -> None:
    trame = Launcher()
    trame(Counter)
    with pytest.raises(AssertionError, match="does nothing by itself"):
        trame.check()


@pytest.mark.parametrize(("whole", "own", "expected"), [(0.01, None, "0.01"), (60, 0.02, "0.02")])
def test_the_time_out(whole: float, own: float | None, expected: str) -> None:
    launch = Launcher(whole)(Counter, timeout=own)
    with launch as session, pytest.raises(NotReachedError, match=f"after {expected} s"):
        session.until(lambda: False)


def test_no_loop_is_left_behind() -> None:
    with Launcher()(Counter) as session:
        session.client()
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
