"""Asks JupyterLab to show an app in a tab: a comm to a target that our lab extension registers."""

import contextvars
import sys
from collections.abc import Mapping
from typing import Any

import comm

__all__ = ["TARGET", "open_in_lab"]

TARGET = "jupyter_trame.open"


def open_in_lab(request: Mapping[str, Any]) -> None:
    """Send `request` (``kernel_id``, ``slug``, ``title``, ``mode``, which may be None) to the frontends of this kernel.

    A frontend without the target closes the comm; then one line in the cell says what to do. Main thread.
    """
    handled = False
    context = contextvars.copy_context()

    def on_message(message: Mapping[str, Any]) -> None:
        nonlocal handled
        handled = handled or bool(message["content"]["data"].get("handled"))

    def on_close(message: Mapping[str, Any]) -> None:
        on_message(message)
        if not handled:
            context.run(sys.stdout.write, _advice(request))

    channel = comm.create_comm(target_name=TARGET, data=dict(request))
    channel.on_msg(on_message)
    channel.on_close(on_close)


def _advice(request: Mapping[str, Any]) -> str:
    if request["kernel_id"]:
        address = f"trame/{request['kernel_id']}/{request['slug']}/"
        return f"This page opens no tabs for apps. Open {address} below your Jupyter server's address.\n"
    return "This page opens no tabs for apps: display the server in a cell instead.\n"
