"""Waits for conditions, and tells what there is instead when one does not come about."""

import asyncio
import reprlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_trame.testing.app_errors import AppErrors, AppFailedError, NotReachedError
from jupyter_trame.testing.network import Network

__all__ = ["Waiting", "describe_state"]

_TURNS = 10
"""Turns of the loop without a frame, after which the next frame that is delayed may arrive."""
_PAUSE = 0.001
_SHOWN = 40

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80
_short.maxlist = _short.maxdict = _short.maxtuple = 8


class Waiting:
    """For one app. The coroutines run on the loop that owns it."""

    def __init__(self, network: Network, errors: AppErrors, timeout: float) -> None:
        self.timeout = timeout
        """Seconds, where a call gives none."""
        self._network = network
        self._errors = errors

    async def until(
        self,
        condition: Callable[[], object],
        what: str,
        describe: Callable[[], str],
        timeout: float | None = None,  # noqa: ASYNC109 - the failure says more than a TimeoutError
        *,
        in_spite_of_errors: bool = False,
    ) -> None:
        """Return when `condition` holds; one that raises does not hold. Frames that are delayed arrive meanwhile.

        Raises `NotReachedError` after `timeout` seconds, and `AppFailedError` as soon as the app has an error that
        nobody expects, unless `in_spite_of_errors`.
        """
        __tracebackhide__ = True
        seconds = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + seconds
        calm = 0
        while True:
            try:
                if condition():
                    return
                raised = ""
            except Exception as error:  # noqa: BLE001 - a value that is not there yet may well make it raise
                raised = f"\nthe condition raised {error!r}"
            if self._errors.unexpected and not in_spite_of_errors:
                raise AppFailedError(f"an error of the app before: {what}{raised}\n{self._report(describe)}")
            if time.monotonic() > deadline:
                raise NotReachedError(
                    f"after {seconds} s still not: {what}{raised}\n{self._report(describe)}"
                )
            calm = await self._turn(calm)

    async def finish(
        self,
        task: asyncio.Future[Any],
        what: str,
        describe: Callable[[], str],
        timeout: float | None = None,  # noqa: ASYNC109 - the failure says more than a TimeoutError
    ) -> Any:
        """The result of `task`, which is cancelled when it takes more than `timeout` seconds; see `until`."""
        __tracebackhide__ = True
        seconds = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + seconds
        calm = 0
        try:
            while not task.done():
                if time.monotonic() > deadline:
                    raise NotReachedError(f"after {seconds} s still not: {what}\n{self._report(describe)}")
                calm = await self._turn(calm)
            return await task
        finally:
            task.cancel()

    async def _turn(self, calm: int) -> int:
        """Let the loop turn once, after `calm` turns in which nothing happened; how many there are now."""
        before = self._network.moves
        await asyncio.sleep(0 if calm < _TURNS else _PAUSE)
        calm = calm + 1 if self._network.moves == before else 0
        return 0 if calm >= _TURNS and self._network.step() else calm

    def _report(self, describe: Callable[[], str]) -> str:
        errors = f"errors of the app:\n{self._errors}" if self._errors else "errors of the app: none"
        return f"{describe()}\n{errors}"


def describe_state(values: Mapping[str, Any]) -> str:
    """The values of an app, one a line; those that belong to trame are left out."""
    own = {key: value for key, value in values.items() if not key.startswith("trame__")}
    lines = [f"  {key} = {_short.repr(value)}" for key, value in sorted(own.items())]
    if len(lines) > _SHOWN:
        lines[_SHOWN:] = [f"  and {len(lines) - _SHOWN} more"]
    return "\n".join(lines) or "  (nothing)"
