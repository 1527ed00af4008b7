"""Runs code of ours in a kernel, wherever it is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from queue import Empty
from typing import Any, TypeAlias

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

from jupyter_trame.errors import LinkError, TrameError
from jupyter_trame.extension.kernels import Kernels

__all__ = ["CodeError", "Execute", "KernelDiedError", "executor", "run_code"]

Execute: TypeAlias = Callable[[str], Awaitable[Mapping[str, Any]]]
"""Runs code silently and gives the content of the kernel's reply."""

_LOOK = 1.0
"""Seconds between two looks whether a kernel that does not answer is alive."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CodeError(TrameError):
    """The code ended with an exception, or could not be run. `trace` is the kernel's traceback, or empty."""

    def __init__(self, message: str, *, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


class KernelDiedError(CodeError):
    """The kernel is gone, or another process than the one that was asked."""


@asynccontextmanager
async def executor(manager: MappingKernelManager, kernels: Kernels, kernel_id: str) -> AsyncIterator[Execute]:
    """What runs code in the kernel, which may still be starting. It raises `CodeError` where the kernel dies."""
    remote = kernels.remote(kernel_id)
    if remote is not None:
        yield remote.execute
        return
    client: Any = manager.get_kernel(kernel_id).client()
    # The request waits in the socket until the kernel listens, so that nobody has to ask whether it does.
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    try:
        yield partial(_execute, manager, kernel_id, client)
    finally:
        # Not all channels: those that were never started would be made to be stopped.
        client.shell_channel.stop()


async def run_code(execute: Execute, code: str) -> None:
    """Run `code` to its end. Raises `CodeError` for the exception it ended with; it goes on where this is cancelled."""
    try:
        content = await execute(code)
    except LinkError as error:
        raise CodeError(str(error)) from error
    if content["status"] != "ok":
        trace = _COLOURS.sub("", "\n".join(content.get("traceback", ())))
        raise CodeError(f"{content.get('ename', 'error')}: {content.get('evalue', '')}", trace=trace)


async def _execute(
    manager: MappingKernelManager, kernel_id: str, client: Any, code: str
) -> Mapping[str, Any]:
    restarts: list[None] = []

    def note() -> None:
        """jupyter-server starts who dies again, which has lost the request."""
        restarts.append(None)

    registry: Any = manager
    registry.add_restart_callback(kernel_id, note)
    request = client.execute(code, silent=True, store_history=False, allow_stdin=False)
    try:
        while True:
            try:
                message: Mapping[str, Any] = await client.get_shell_msg(timeout=_LOOK)
            except Empty:
                gone = restarts or kernel_id not in manager
                if gone or not await ensure_async(manager.is_alive(kernel_id)):
                    raise KernelDiedError("the kernel has died") from None
                continue
            if message["parent_header"].get("msg_id") == request:
                content: Mapping[str, Any] = message["content"]
                return content
    finally:
        if kernel_id in manager:
            registry.remove_restart_callback(kernel_id, note)
