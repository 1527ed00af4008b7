"""Settings shared by all tests."""

import logging
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine makes any deadline a coin toss; the time-out of the test run catches what hangs.
settings.register_profile("local", deadline=None, max_examples=200)
settings.register_profile("ci", settings.get_profile("local"), print_blob=True)
settings.register_profile("deep", settings.get_profile("ci"), max_examples=2000)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long form of tests that try what nobody thought of: ``make test-deep``."""
    parser.addoption("--deep", action="store_true", help="let the fuzz tests run for many minutes")


def pytest_configure(config: pytest.Config) -> None:
    """Selects how many examples property tests try, before they are imported and read it."""
    if config.getoption("deep"):
        settings.load_profile("deep")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long form out of a short run."""
    if config.getoption("deep"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def leftovers() -> Iterator[None]:
    """A shell of IPython makes every process one with a prompt; trame's own server sets a limit for its children."""
    yield
    vars(sys).pop("ps1", None)
    os.environ.pop("WSLINK_MAX_MSG_SIZE", None)


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A server that starts with ``--debug`` sets the level for the whole process."""
    logger = logging.getLogger("jupyter_trame")
    level = logger.level
    yield
    logger.setLevel(level)
