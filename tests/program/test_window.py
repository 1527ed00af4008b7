"""The window's own process."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.program.window import main


def test_the_window_is_made_and_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    stand_in = SimpleNamespace(
        create_window=lambda **arguments: calls.append(arguments),
        start=lambda **arguments: calls.append(arguments),
    )
    monkeypatch.setitem(sys.modules, "webview", stand_in)
    main({"url": "http://x", "window": {"title": "t"}, "debug": True})
    assert calls == [{"url": "http://x", "title": "t"}, {"debug": True}]
