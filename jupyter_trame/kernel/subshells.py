"""Which shell of the kernel takes the messages of a comm."""

from typing import Any

from jupyter_trame.kernel._ipykernel_private import choose_shell, end_subshell, running_subshells

__all__ = ["end_subshell", "free_comm"]


def free_comm(channel: Any) -> None:
    """Have messages of `channel` go to the subshell that the page chose, so that they get in while a cell runs.

    ipykernel 7 sends them to the one that the comm last sent from, which may be busy or gone. Where the page's own is
    gone, the main shell takes them: JupyterLab names its subshells also after somebody else restarted the kernel.
    """

    def choose(_data: object, chosen: str | None) -> str | None:
        return chosen if chosen in running_subshells(channel.kernel) else None

    choose_shell(channel, choose)
