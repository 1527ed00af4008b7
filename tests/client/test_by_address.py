"""One client an address."""

import pytest

from jupyter_trame.client import get_client
from jupyter_trame.runtime import registry


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "process", registry.Process())


def test_one_a_url() -> None:
    first = get_client("ws://h/ws", secret="s")
    assert get_client("ws://h/ws") is first
    assert get_client("ws://other/ws") is not first
    assert get_client() is get_client()
    assert first._config == {"secret": "s"}
