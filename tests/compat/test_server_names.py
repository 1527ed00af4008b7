"""One name, one server."""

import pytest

from jupyter_trame import Server
from jupyter_trame.runtime import registry
from tests.support.servers import fresh_process


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> registry.Process:
    process = fresh_process()
    monkeypatch.setattr(registry, "process", process)
    return process


def test_get_server_finds_servers_of_ours(process: registry.Process, drop_in: None) -> None:
    from trame.app import get_server

    ours = Server("ours")
    assert get_server("ours") is ours
    assert get_server(ours) is ours
    assert get_server("nobody", create_if_missing=False) is None
    made = get_server("made", client_type="vue2")
    assert process.servers["made"] is made
    assert get_server("made") is made


def test_a_cell_that_runs_again_replaces_the_server(process: registry.Process, drop_in: None) -> None:
    from trame.app import get_server

    Server("again")
    second = Server("again")
    assert get_server("again") is second


def test_the_registry_is_put_back(process: registry.Process, drop_in: None) -> None:
    import trame.app.core

    from jupyter_trame import compat

    assert trame.app.core.AVAILABLE_SERVERS is process.servers
    compat.uninstall()
    assert trame.app.core.AVAILABLE_SERVERS is not process.servers
