"""Looks go on whatever one of them raises, until somebody ends them."""

import pytest

from jupyter_trame.extension.repeated_look import RepeatedLook
from tests.extension.support import until


class Looks(RepeatedLook):
    def __init__(self) -> None:
        super().__init__(0.001, "things")
        self.count = 0

    async def _look(self) -> None:
        self.count += 1
        if self.count == 1:
            raise RuntimeError("once")


async def test_a_look_that_fails_is_logged_and_followed_by_others(caplog: pytest.LogCaptureFixture) -> None:
    looks = Looks()
    looks.start()
    await until(lambda: looks.count >= 3)
    assert caplog.text.count("things could not be looked for") == 1
    assert "RuntimeError: once" in caplog.text
    await looks.close()
    assert looks._task is not None
    assert looks._task.cancelled()
    await looks.close()


async def test_an_end_that_never_began_is_harmless() -> None:
    looks = Looks()
    await looks.close()
    assert looks.count == 0
