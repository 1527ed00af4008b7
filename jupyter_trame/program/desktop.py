"""The app in a window of its own.

pywebview wants the main thread, and so do signals and the server's loop: the window is a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import sys
from collections.abc import Awaitable, Mapping
from typing import Any

from jupyter_trame.errors import ServerError

__all__ = ["check", "show"]

_WINDOW = "jupyter_trame.program.window"
_LAST_LINES = 5
_GOODBYE_TIMEOUT = 5.0


def check(window: Mapping[str, Any]) -> None:
    """Raise `ServerError` where no window can be opened, and for arguments of it that cannot be passed on."""
    if importlib.util.find_spec("webview") is None:
        raise ServerError(
            "a window of its own needs pywebview: pip install jupyter-trame[desktop]; "
            'without --app and exec_mode="desktop" the app opens in the browser'
        )
    try:
        json.dumps(dict(window))
    except (TypeError, ValueError) as error:
        raise ServerError(
            f"the window is another process, which cannot get these arguments: {error}"
        ) from None


async def show(url: str, window: Mapping[str, Any], *, debug: bool, until: Awaitable[None]) -> None:
    """Show the page at `url` until somebody closes the window or `until` is over.

    `window` holds arguments of pywebview's `create_window`. Raises `ServerError` when there can be no window, for
    example for want of a display.
    """
    ended = asyncio.ensure_future(until)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _WINDOW, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        order = json.dumps({"url": url, "window": dict(window), "debug": debug})
        talk = asyncio.ensure_future(process.communicate(order.encode()))
        try:
            await asyncio.wait({talk, ended}, return_when=asyncio.FIRST_COMPLETED)
            if talk.done() and process.returncode:
                raise ServerError(f"the window did not open: {_last_lines(talk.result()[1])}")
        finally:
            await _end(process, talk)
    finally:
        ended.cancel()


async def _end(process: asyncio.subprocess.Process, talk: asyncio.Future[tuple[bytes, bytes]]) -> None:
    """Close the window if it is still there, by force if it does not go."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    try:
        async with asyncio.timeout(_GOODBYE_TIMEOUT):
            await asyncio.shield(talk)
    except TimeoutError:
        process.kill()
        await talk


def _last_lines(errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()[-_LAST_LINES:]
    return " / ".join(lines) or "it gave no reason"
