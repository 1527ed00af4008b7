"""How a session begins."""

import asyncio

import pytest

from jupyter_trame.testing.app_errors import NotReachedError
from jupyter_trame.testing.app_launcher import AppLauncher
from jupyter_trame.testing.app_session import AppSession
from jupyter_trame.testing.blocking import BlockingSession
from tests.testing.support import Counter, run


def test_both_ways() -> None:
    trame = AppLauncher()

    async def main() -> None:
        async with trame(Counter) as session:
            assert isinstance(session, AppSession)

    run(main())
    with trame(Counter) as session:
        assert isinstance(session, BlockingSession)
    trame.check()


def test_with_among_coroutines_is_refused() -> None:
    trame = AppLauncher()

    async def main() -> None:
        with pytest.raises(RuntimeError, match="write `async with"), trame(Counter):
            pass

    run(main())


def test_a_session_that_never_began() -> None:
    trame = AppLauncher()
    trame(Counter)
    with pytest.raises(AssertionError, match="does nothing by itself"):
        trame.check()


@pytest.mark.parametrize(("whole", "own", "expected"), [(0.01, None, "0.01"), (60, 0.02, "0.02")])
def test_the_time_out(whole: float, own: float | None, expected: str) -> None:
    launch = AppLauncher(whole)(Counter, timeout=own)
    with launch as session, pytest.raises(NotReachedError, match=f"after {expected} s"):
        session.until(lambda: False)


def test_no_loop_is_left_behind() -> None:
    with AppLauncher()(Counter) as session:
        session.client()
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
