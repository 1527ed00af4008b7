"""What is used of ipykernel without a promise of its documentation, and what stands in for it where it is not there."""

import logging
import sys
from collections.abc import Callable
from inspect import signature
from types import FunctionType
from typing import Any

__all__ = ["choose_shell", "end_subshell", "running_subshells"]

_logger = logging.getLogger(__name__)

_CHOICE = "_reply_subshell_for"
"""Asked by the kernel of a comm for which a message comes: the data, and the subshell that the page chose."""


def choose_shell(channel: Any, choose: Callable[[object, str | None], str | None]) -> None:
    """Have messages of `channel` go to the subshell that `choose(data, chosen)` gives; None is the main shell.

    Nothing for a comm whose messages go where the page says, as with ipykernel 6 and in kernels of others, and for one
    of an ipykernel that chooses in a way which is not known here.
    """
    if hasattr(channel, _CHOICE):
        setattr(channel, _CHOICE, choose)


def running_subshells(kernel: Any) -> list[str]:
    """Those of `kernel`, which may have none."""
    thread = getattr(kernel, "shell_channel_thread", None)
    return [] if thread is None else list(thread.manager.list_subshell())


def end_subshell(kernel: Any, name: str) -> None:
    """End the subshell `name` of `kernel`, soon, as who made it should have done; nothing where there is none.

    Any thread. Only for one that has nothing to do: the kernel's messages wait for its end.
    """
    thread = getattr(kernel, "shell_channel_thread", None)
    end = getattr(getattr(thread, "manager", None), "_delete_subshell", None)
    loop = getattr(thread, "io_loop", None)
    if end is None or loop is None:
        return

    def end_if_there() -> None:
        if name in running_subshells(kernel):
            end(name)

    loop.add_callback(end_if_there)


def _chooses_otherwise(comm: type, kernel: type) -> bool:
    """Whether this ipykernel sends messages of comms to subshells, but asks the comm otherwise than is known here."""
    names = {
        name for value in vars(comm).values() if isinstance(value, FunctionType) for name in _names(value)
    }
    if not any("subshell" in name for name in names):
        return False
    choice = vars(comm).get(_CHOICE)
    asked = any(
        _CHOICE in _names(value) for value in vars(kernel).values() if isinstance(value, FunctionType)
    )
    return not (asked and choice and list(signature(choice).parameters) == ["self", "data", "default"])


def _names(function: FunctionType) -> set[str]:
    """Attributes that `function` uses, also by `getattr`."""
    code = function.__code__
    return {*code.co_names, *(const for const in code.co_consts if isinstance(const, str))}


def _look() -> None:
    """Only in a kernel of ipykernel: others may have it installed."""
    ipykernel, base = sys.modules.get("ipykernel"), sys.modules.get("ipykernel.kernelbase")
    comms = sys.modules.get("ipykernel.comm.comm")
    if ipykernel is None or base is None or comms is None:
        return
    if _chooses_otherwise(comms.BaseComm, base.Kernel):
        _logger.warning(
            "ipykernel %s has no %s as it was: messages of pages may wait for a cell",
            ipykernel.__version__,
            _CHOICE,
        )


_look()
