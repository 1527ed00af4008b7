"""`AppLauncher`: how a test begins a session, in a coroutine or without one."""

import asyncio
from types import TracebackType
from typing import Any

from jupyter_trame.testing.app_session import App, AppSession
from jupyter_trame.testing.blocking import BlockingSession

__all__ = ["AppLauncher", "Launch"]

_TIMEOUT = 5.0


class AppLauncher:
    """Makes sessions. pytest's fixture ``trame`` is one; elsewhere make your own."""

    def __init__(self, timeout: float = _TIMEOUT) -> None:
        """`timeout`: seconds that the waiting calls of its sessions take at most."""
        self._timeout = timeout
        self._launches: list[Launch] = []

    def __call__(self, app: App, *, timeout: float | None = None, **options: Any) -> "Launch":
        """A session for `app`, which begins with ``with`` or ``async with``.

        Args:
            app: a function or class that is called with a new server, or a server that was not started.
            timeout: as in the constructor.
            options: of the new server: ``name`` (default: the function's), ``compat`` and others; see `Server`.
        """
        launch = Launch(AppSession(app, options, self._timeout if timeout is None else timeout))
        self._launches.append(launch)
        return launch

    def check(self) -> None:
        """Raise AssertionError if a session never began: the test has tested nothing."""
        forgotten = [launch for launch in self._launches if not launch.begun]
        assert not forgotten, "trame(app) does nothing by itself: write `with trame(app) as session:`"


class Launch:
    """A session that has not begun."""

    def __init__(self, session: AppSession) -> None:
        self.begun = False
        self._session = session
        self._blocking: BlockingSession | None = None

    async def __aenter__(self) -> AppSession:
        self.begun = True
        return await self._session.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.__aexit__(kind, error, trace)

    def __enter__(self) -> BlockingSession:
        self.begun = True
        if _loop_turns():
            raise RuntimeError("a loop turns on this thread: write `async with trame(app) as session:`")
        self._blocking = BlockingSession(self._session)
        self._blocking.begin()
        return self._blocking

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._blocking is not None
        self._blocking.end(kind, error, trace)


def _loop_turns() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
