"""What is around a server: a program, the prompt of IPython, or a kernel; and what follows from that."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextvars import copy_context
from functools import cache
from pathlib import Path
from typing import TypeVar

from jupyter_trame.igor.configuration import Options
from jupyter_trame.igor.file_server import FilePlace
from jupyter_trame.igor.life import Place
from jupyter_trame.igor.log import open_log
from jupyter_trame.igor.process_servers import Runnable, registry
from jupyter_trame.igor.program import ProgramPlace
from jupyter_trame.transports.rendezvous import PREFIX

__all__ = ["KernelAround", "ProgramAround", "look_around", "returns_at_once"]

T = TypeVar("T")

_GOODBYE = 10.0
"""Seconds that a server waits for the one before it to end, and a kernel for its servers."""


class ProgramAround:
    """A program, or a prompt: servers listen on ports."""

    def places(self, options: Options, logger: logging.Logger) -> list[Place]:
        """Where clients reach a server."""
        found: list[Place] = [ProgramPlace(options, logger)]
        if options.files is not None:
            found.append(FilePlace(options.files))
        return found

    def log(self, options: Options) -> logging.Handler:
        """Where a server writes."""
        return open_log(options.log_file)

    def check(self, options: Options) -> None:
        """Raises `ValueError` for what is not possible here."""

    def starting(self, server: Runnable) -> Callable[[], None]:
        """A server is about to start; what to call when it has ended."""
        del server
        return lambda: None

    def run(self, call: Callable[[], T]) -> T:
        """The result of `call`."""
        return call()


class KernelAround(ProgramAround):
    """A kernel: servers are reached through the Jupyter server, each by its name. Its main thread starts them."""

    def __init__(self, connection_file: Path) -> None:
        self._connection_file = connection_file

    def places(self, options: Options, logger: logging.Logger) -> list[Place]:
        """See the base."""
        from jupyter_trame.igor.kernel_place import KernelPlace

        return [KernelPlace(options, self._connection_file, logger)]

    def log(self, options: Options) -> logging.Handler:  # noqa: ARG002 - a kernel's folder is no place for logs
        """The output of the cell."""
        from jupyter_trame.igor.kernel_place import CellLog

        return CellLog(copy_context())

    def check(self, options: Options) -> None:
        """See the base."""
        if options.open_reclaim:
            raise ValueError('allow_reclaim="open" is for programs: under Jupyter other users may be clients')

    def starting(self, server: Runnable) -> Callable[[], None]:
        """The server of that name that runs is stopped before."""
        before = registry.runs(server)
        if before is not None:
            before.stop()
            before.wait(_GOODBYE)

        def end() -> None:
            server.stop()
            server.wait(_GOODBYE)

        def ended() -> None:
            atexit.unregister(end)
            registry.ended(server)

        atexit.register(end)
        return ended

    def run(self, call: Callable[[], T]) -> T:
        """An interrupt waits until `call` is done."""
        from jupyter_trame.kernel.extension import shielded

        return shielded(call)


@cache
def _somewhere() -> Path:
    """The place of a kernel that no Jupyter server has, as when a notebook is executed: its servers run, unreached."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    inner = (
        folder / "kernel"
    )  # a listener that ends takes its folder away, if that has the name of one made for it
    inner.mkdir(mode=0o700)
    return inner / f"kernel-{os.getpid()}.json"


def look_around() -> ProgramAround:
    """What is around this process now."""
    if "ipykernel" in sys.modules:
        from jupyter_trame.kernel.environment import detect_kernel
        from jupyter_trame.kernel.extension import install

        environment = detect_kernel()
        if environment is not None:
            install()
            return KernelAround(environment.connection_file or _somewhere())
    return ProgramAround()


def returns_at_once() -> bool:
    """Whether who runs a server here wants to go on: in a cell, at a prompt, and where a loop turns on this thread."""
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    if "IPython" not in sys.modules:
        return False
    from jupyter_trame.kernel.environment import detect_kernel, find_prompt

    return detect_kernel() is not None or find_prompt() is not None
