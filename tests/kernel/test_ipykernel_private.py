import importlib.util
import logging
import sys
from types import ModuleType
from typing import Any

import pytest
from ipykernel._version import __version__
from ipykernel.comm.comm import BaseComm
from ipykernel.kernelbase import Kernel

from jupyter_trame.kernel import _ipykernel_private


def loaded() -> ModuleType:
    """The module as a process that begins now has it."""
    assert _ipykernel_private.__file__ is not None
    spec = importlib.util.spec_from_file_location("private", _ipykernel_private.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_this_ipykernel_has_all_that_is_used(caplog: pytest.LogCaptureFixture) -> None:
    loaded()
    assert not caplog.records


def gone(patch: pytest.MonkeyPatch) -> None:
    patch.delattr(BaseComm, "_reply_subshell_for")


def changed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BaseComm, "_reply_subshell_for", lambda self, message: None)


def not_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Kernel, "shell_channel_thread_main", lambda self, message: None)


@pytest.mark.skipif(
    not hasattr(BaseComm, "_reply_subshell_for"), reason="this ipykernel sends them nowhere else"
)
@pytest.mark.parametrize("change", [gone, changed, not_asked], ids=lambda change: change.__name__)
def test_what_has_changed_is_said(
    change: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch)
    with caplog.at_level(logging.WARNING):
        loaded()
    (line,) = caplog.messages
    assert line.startswith(f"ipykernel {__version__} has no _reply_subshell_for as it was")


def test_another_kernel_is_not_asked(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(BaseComm, "_reply_subshell_for", raising=False)
    monkeypatch.delitem(sys.modules, "ipykernel.kernelbase")
    loaded()
    assert not caplog.records


def test_a_comm_that_has_no_choice_is_left_alone() -> None:
    channel = object()
    _ipykernel_private.choose_shell(channel, lambda data, chosen: chosen)
    assert not hasattr(channel, "_reply_subshell_for")


def test_a_kernel_without_subshells_has_none() -> None:
    assert _ipykernel_private.running_subshells(object()) == []
