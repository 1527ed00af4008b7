"""`running`: an app beside a trio program."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.program.sockets import page_address
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.trio.app_life import AppLife
from jupyter_trame.trio.kernel_or_program import in_kernel

__all__ = ["running"]


class running:  # noqa: N801 - it reads like a word of the language: async with running(server)
    """Run the app of `server` while the block runs.

    ::

        app = running(server)
        async with app as address:
            print(address)
            await app.call(reset, 5)

    The app has a thread and an asyncio loop of its own, on which all its callbacks run. It is one like any that
    ``python app.py`` starts, in a kernel too: the address holds its secret, and hosts and origins are checked. Leaving
    the block ends it.
    """

    def __init__(self, server: Server, *, host: str = "127.0.0.1", port: int = 0, **options: Any) -> None:
        """Nothing runs yet. Raises TypeError and `ServerError` for what is no server of its own.

        Args:
            server: stopped; it can be run again afterwards. No child: it runs with its root.
            host: the interface to listen on.
            port: 0 takes any free one.
            options: others of `Server.start`.
        """
        if not isinstance(server, Server):
            raise TypeError(f"running() takes a Server, not {server!r}")
        if server.root_server is not server:
            raise ServerError(f"{server!r} is a child: run its root, {server.root_server!r}")
        self._server = server
        self._options: dict[str, Any] = {
            "open_browser": False,
            "show_connection_info": False,
            "timeout": 0,
            # A kernel would carry the app on its own loop, which stands while cells run.
            "backend": "tornado" if in_kernel() else None,
            **options,
            "host": host,
            "port": port,
            "thread": True,
            "exec_mode": "coroutine",
        }
        self._life: AppLife | None = None

    async def __aenter__(self) -> str:
        """The address of the app's page. Raises what keeps it from coming up, `ServerError` where it runs already.

        Cancelled, it gives the app up, and returns when that has ended.
        """
        if self._life is not None or self._server.running:
            raise ServerError(f"{self._server!r} runs already")
        life = self._life = AppLife(self._server, self._options)
        try:
            await life.begin()
        except BaseException:
            self._life = None
            raise
        return page_address(runtime_of(self._server))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the app, whose callbacks have ten seconds for it; a thread that has not ended then goes on by itself.

        Raises what the block does; it is not cancelled.
        """
        assert self._life is not None
        try:
            await self._life.end()
        finally:
            self._life = None

    async def call(self, fn: Callable[..., Any], *args: Any) -> Any:
        """The result of ``fn(*args)``, called on the app's loop, where an awaitable one is awaited.

        Cancelled, it cancels what is awaited there, and returns when that has ended. Raises what `fn` raises, and
        `ServerError` where the app does not run, or ends before.
        """
        if self._life is None:
            raise ServerError(f"{self._server!r} does not run")
        return await self._life.call(fn, *args)
