"""The log of the process; what it writes is in the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_trame.compat import network_log
from jupyter_trame.server import Server


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "process.log"
    network_log.initialize_logger({"log_network": path})
    yield path
    network_log.initialize_logger({})


def test_a_server_writes_its_own(path: Path, tmp_path: Path) -> None:
    Server("logged", log_network=str(tmp_path / "server.log"))
    network_log.state_s2c({"a": 1})
    assert path.read_text().startswith(network_log.StateExchangeType.STATE_SERVER_TO_CLIENT)


@pytest.mark.parametrize("content", [b"x", bytearray(b"x"), memoryview(b"x")])
def test_bytes_are_named_by_their_type(path: Path, content: object) -> None:
    network_log.action_s2c([content])
    assert f'"{type(content)}"' in path.read_text()


def test_nothing_is_half_written(path: Path) -> None:
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        network_log.initial_state({"a": {1}})
    assert not path.exists()
