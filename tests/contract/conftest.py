"""Servers of one test only, in an environment that says nothing of them."""

import os
from collections.abc import Iterator

import pytest

from jupyter_trame.runtime import registry
from tests.contract.narvi_hosts import HostOfTests, LocalHostOfTests
from tests.contract.narvi_jupyter import JupyterHostOfTests
from tests.e2e.servers import JupyterServer, jupyter_server


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


BODY_LIMIT = 8 << 20
"""Bytes of a request to the Jupyter server."""


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A Jupyter server for all tests of a process."""
    home = tmp_path_factory.mktemp("jupyter")
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.py").write_text(f"c.ServerApp.max_body_size = {BODY_LIMIT}")
    with jupyter_server(home, flavour="server") as running:
        yield running


NOT_IN_JUPYTER = {
    "test_a_body_above_the_limit": "it is jupyter-server's max_body_size; see the test below it",
    "test_a_message_above_the_limit_ends_its_session_alone": "it is TrameExtension.max_message_size; see "
    "tests/extension/test_narvi_socket.py",
    "test_a_page_of_others_changes_nothing": "a token is asked for no origin; see tests/extension/test_narvi_socket.py",
    "test_pages_of_others_get_no_websocket": "a token is asked for no origin; see tests/extension/test_narvi_socket.py",
    "test_row_9_a_deadline": "the deadline is TrameExtension.narvi_request_timeout; see test_narvi_answers.py there",
    "test_row_14_the_list_of_apps": "addresses are paths there; see tests/extension/test_narvi_registrar.py",
}
"""Tests whose subject is the Jupyter server's own there, and why."""


@pytest.fixture(params=["local", "jupyter"])
def host(request: pytest.FixtureRequest) -> HostOfTests:
    """Each of Narvi's hosts in turn."""
    if request.param == "local":
        return LocalHostOfTests()
    reason = NOT_IN_JUPYTER.get(getattr(request.node, "originalname", ""))
    if reason is not None:
        pytest.skip(reason)
    return JupyterHostOfTests(request.getfixturevalue("jupyter"))
