"""Hot reload with trame's words; in a kernel nobody is asked. The rest is in the contract."""

import sys

import pytest

from jupyter_trame.compat.reloading import handle_exception, reload


def test_a_kernel_asks_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.setattr("builtins.input", None)
    try:
        raise SyntaxError("half a file")
    except SyntaxError:
        assert handle_exception(5) is False
    out, err = capsys.readouterr()
    assert "hot reload of 5 failed, keeping previous version" in out
    assert "half a file" in err


def test_nothing_is_asked_of_what_is_no_function() -> None:
    assert reload(sys.intern, True, pytest.fail) is sys.intern
    assert reload(sys.intern, False, pytest.fail) is sys.intern
