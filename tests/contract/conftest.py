"""Servers of one test only, in an environment that says nothing of them."""

import os

import pytest

from jupyter_trame.runtime import registry
from tests.contract.narvi_hosts import HostOfTests, LocalHostOfTests


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> registry.Process:
    """The registry of this test, whose servers carry themselves."""
    process = registry.Process()
    monkeypatch.setattr(registry, "process", process)
    return process


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What trame-server writes into the environment goes with the test."""
    for name in list(os.environ):
        if name.startswith(("TRAME_", "WSLINK_")):
            monkeypatch.delenv(name)
    for name in ("WSLINK_READY_MSG", "WSLINK_MAX_MSG_SIZE", "WSLINK_HEART_BEAT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture(params=["local"])
def host(request: pytest.FixtureRequest) -> HostOfTests:
    """Each of Narvi's hosts in turn."""
    return {"local": LocalHostOfTests}[request.param]()
