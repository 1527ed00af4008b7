"""The pytest plugin: the fixture ``trame``. It loads nothing else of this package before a test asks for it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jupyter_trame.testing import AppLauncher

__all__ = ["pytest_addoption", "trame"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called by pytest: the settings of the plugin."""
    parser.addini(
        "trame_timeout", "seconds that the waiting calls of the fixture `trame` take at most", default="5"
    )


@pytest.fixture
def trame(request: pytest.FixtureRequest) -> "Iterator[AppLauncher]":
    """Runs an app without a browser or a socket: ``with trame(app) as session``, or ``async with``."""
    from jupyter_trame.testing import AppLauncher

    launcher = AppLauncher(timeout=float(request.config.getini("trame_timeout")))
    yield launcher
    launcher.check()
