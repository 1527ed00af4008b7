"""Which shell of the kernel takes the messages of a comm."""

from typing import Any

__all__ = ["free_comm"]


def free_comm(channel: Any) -> None:
    """Have messages of `channel` go to the subshell that the page chose, so that they get in while a cell runs.

    ipykernel 7 sends them to the one that the comm last sent from, which may be busy or gone. Where the page's own is
    gone, the main shell takes them: JupyterLab names its subshells also after somebody else restarted the kernel.
    """
    if not hasattr(channel, "_reply_subshell_for"):
        return

    def choose(_data: object, chosen: str | None) -> str | None:
        return chosen if chosen in _running(channel.kernel) else None

    channel._reply_subshell_for = choose


def _running(kernel: Any) -> list[str]:
    thread = getattr(kernel, "shell_channel_thread", None)
    return [] if thread is None else list(thread.manager.list_subshell())
