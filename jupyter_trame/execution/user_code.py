"""The one guard around user code, and where its errors go.

Each error reaches the log with its traceback, `UserCode.errors`, and the sinks: the clients' overlay, and in a
kernel the output of the cell that displayed the app. It never reaches the loop.
"""

import asyncio
import contextvars
import inspect
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from jupyter_trame.errors import TrameError
from jupyter_trame.execution.error_reports import ErrorReport, describe, make_report
from jupyter_trame.execution.owner import OwnerLoop
from jupyter_trame.execution.workers import Workers
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign, shortened
from jupyter_trame.system.log_limits import Complaints

__all__ = [
    "CallbackExitedError",
    "CallbackInterruptedError",
    "ExitRule",
    "Interrupts",
    "NoInterrupts",
    "UserCode",
    "calling",
]

T = TypeVar("T")

calling: contextvars.ContextVar["UserCode | None"] = contextvars.ContextVar("calling", default=None)
"""The guard of the callback that runs here; tasks that it makes inherit it."""

_logger = logging.getLogger(__name__)
_KEPT = 100
_KEPT_OF_CLIENTS = 50
"""Hints that pages have asked for, so that one that asks without end leaves room for those of Python."""


class CallbackInterruptedError(TrameError):
    """The user interrupted a callback."""


class CallbackExitedError(TrameError):
    """A callback raised what is no `Exception`, ``SystemExit`` as a rule; that is the ``__cause__``."""

    def __init__(self, raised: BaseException) -> None:
        super().__init__(f"the callback raised {describe(raised)}")
        self.reported = False
        """Whether it was told already: it goes on to who waits for the callback, which is guarded as well."""


ExitRule: TypeAlias = Callable[[SystemExit], bool]
"""Told of a ``SystemExit`` of a callback, on the thread of the callback; it must not raise.

True: the process ends with it, so it is no error. False: it is reported like any other.
"""


class Interrupts(Protocol):
    """How an interrupt of the process reaches user code that hangs."""

    def run(self, call: Callable[[], T], /) -> T:
        """The result of `call`. Raises `CallbackInterruptedError` when the user interrupted it."""

    def steps(self, awaitable: Awaitable[T], /) -> Awaitable[T]:
        """`awaitable`, each of its steps as in `run`."""

    def shield(self, call: Callable[[], T], /) -> T:
        """The result of `call`, our own code, which is not interrupted in the middle but after it."""


class NoInterrupts:
    """Leaves interrupts to the process."""

    def run(self, call: Callable[[], T], /) -> T:
        """The result of `call`."""
        return call()

    def steps(self, awaitable: Awaitable[T], /) -> Awaitable[T]:
        """`awaitable` itself."""
        return awaitable

    def shield(self, call: Callable[[], T], /) -> T:
        """The result of `call`."""
        return call()


class UserCode:
    """Calls user code for the state, the controller and the RPC dispatch. Any thread."""

    def __init__(self, owner: OwnerLoop, interrupts: Interrupts | None = None) -> None:
        self.owner = owner
        self.interrupts: Interrupts = interrupts or NoInterrupts()
        self.errors: deque[ErrorReport] = deque(maxlen=_KEPT)
        """The latest reports, newest last."""
        self.sinks: list[Callable[[ErrorReport], None]] = []
        """Called with every report, hints included, on the thread of the error."""
        self.exit_rule: ExitRule = _keep_running
        """What becomes of the process when a callback calls ``sys.exit()``; whoever carries the server decides."""
        self.hints: dict[tuple[str, str], ErrorReport] = {}
        """What was advised so far, by place and message."""
        self._workers = Workers()
        self._complaints = Complaints(_logger)

    def call(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """The result of ``fn(*args, **kwargs)``, or None when it raised; the exception is reported."""
        try:
            return self.invoke(where, fn, *args, **kwargs)
        except Exception:  # noqa: BLE001 - `invoke` has reported it
            return None

    def invoke(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """As `call`, but the exception is raised after its report.

        What is no `Exception` is raised as `CallbackExitedError`, except a `KeyboardInterrupt` on the main thread.
        """
        token = calling.set(self)
        try:
            return self.interrupts.run(partial(fn, *args, **kwargs))
        except Exception as error:
            self.report(where, error)
            raise
        except BaseException as error:
            raise self.caught(where, error) from error
        finally:
            calling.reset(token)

    def attempt(
        self, where: str, fn: Callable[[], Any], /, *, in_place: bool = True
    ) -> tuple[Any, ErrorReport | None]:
        """The result of ``fn()``, or the report of what it raised.

        `in_place`: who asks shows the report, so views do not. A `KeyboardInterrupt` on the main thread is raised.
        """
        token = calling.set(self)
        try:
            return self.interrupts.run(fn), None
        except BaseException as error:  # noqa: BLE001 - `_told` raises what is the process's
            return None, self._told(where, error, in_place)
        finally:
            calling.reset(token)

    async def attempt_async(
        self, where: str, awaitable: Awaitable[Any], *, in_place: bool = True
    ) -> tuple[Any, ErrorReport | None]:
        """As `attempt`, of what has to be awaited. The owner's loop; a cancellation passes."""
        calling.set(self)  # the context is that of the caller's task
        try:
            return await self.interrupts.steps(awaitable), None
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - as in `attempt`
            return None, self._told(where, error, in_place)

    def _told(self, where: str, error: BaseException, in_place: bool) -> ErrorReport:
        if isinstance(error, Exception):
            return self.report(where, error, in_place=in_place)
        return make_report(where, self.caught(where, error), error)

    def caught(self, where: str, error: BaseException) -> Exception:
        """Report `error`, which user code raised in `where`; returns what its caller gets.

        That is `error`, or a `CallbackExitedError` for what is no `Exception`. A `KeyboardInterrupt` on the main
        thread, which may be the process's, is raised again.
        """
        if isinstance(error, Exception):
            self.report(where, error)
            return error
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise error
        return self.contained(where, error)

    def contained(self, where: str, error: BaseException) -> CallbackExitedError:
        """As `caught`, for what is no `Exception`, whichever it is."""
        exited = CallbackExitedError(error)
        exited.__cause__ = error
        if isinstance(error, SystemExit) and self.exit_rule(error):
            exited.reported = True
            _logger.info("%s: %s", where, exited)
        else:
            self.report(where, exited)
        return exited

    def call_concurrently(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        """Run `fn` on a thread of its own; its exception is reported, an awaitable result scheduled."""
        self.run_apart(lambda: self._call_apart(where, fn, *args, **kwargs))

    def run_apart(self, call: Callable[[], object], *, is_long: bool = False) -> None:
        """Run `call`, which must not raise, off the owner's thread, printing where the owner's calls do.

        `is_long`: it takes none of the threads that all others share. Raises RuntimeError where there is no thread for
        it.
        """
        context = self.owner.context.copy() if self.owner.context is not None else contextvars.copy_context()
        run = partial(context.run, call)
        if is_long:
            threading.Thread(target=run, name="jupyter_trame job", daemon=True).start()
        else:
            self._workers.submit(run)

    def _call_apart(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        self.schedule_all(where, self.call(where, fn, *args, **kwargs))

    async def wait(self, where: str, awaitable: Awaitable[T]) -> T:
        """The result of `awaitable`; its exception is reported and raised. The owner's loop.

        What is no `Exception` is raised as in `invoke`: a task would let it out of the loop. A cancellation passes.
        """
        calling.set(self)  # the context is that of the caller's task
        try:
            return await self.interrupts.steps(awaitable)
        except Exception as error:
            self.report(where, error)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:
            raise self.caught(where, error) from error

    def schedule(
        self, where: str, awaitable: Awaitable[Any], /, on_end: Callable[[], object] | None = None
    ) -> asyncio.Task[Any] | None:
        """Await `awaitable` in a task of the owner's loop. Any thread; on the owner's the task is returned.

        `on_end` is called on the owner's thread when it is over, however it ended.
        """

        def end() -> None:
            # A task that is cancelled before its first step leaves the coroutine that it was made for as it is.
            if inspect.iscoroutine(awaitable):
                awaitable.close()
            if on_end is not None:
                on_end()

        return self.owner.create_task(self._finish(where, awaitable), on_end=end)

    def schedule_all(self, where: str, results: Any) -> None:
        """`schedule` what callbacks returned: an awaitable, or a list that may hold some."""
        for result in results if isinstance(results, list) else [results]:
            if inspect.isawaitable(result) and not isinstance(result, asyncio.Task):
                self.schedule(where, result)

    def owns_thread(self) -> bool:
        """Whether user code may run on the calling thread."""
        return self.owner.owns_thread()

    def defer(self, fn: Callable[[], object], /) -> None:
        """Run `fn` on the owner's loop."""
        self.owner.submit(fn)

    def call_later(self, seconds: float, fn: Callable[[], object], /) -> None:
        """Run `fn` on the owner's loop in `seconds`."""
        self.owner.call_later(seconds, fn)

    def report(self, where: str, error: BaseException, *, in_place: bool = False) -> ErrorReport:
        """Tell everybody about `error`, an exception of the callback `where`; a part shows it `in_place` of views."""
        # Of an interrupt or an exit only the place where it hit says anything.
        shown = error
        if isinstance(error, CallbackInterruptedError | CallbackExitedError):
            shown = error.__cause__ or error
        report = make_report(where, error, shown, in_place=in_place)
        if isinstance(error, CallbackExitedError):
            if error.reported:
                return report
            error.reported = True
        try:
            self._complaints.warn("%s: %s", report.where, report.message, level=logging.ERROR, error=error)
        except (Exception, SystemExit):  # noqa: BLE001 - of a handler that formats what `trace_of` could not either
            self._complaints.warn("%s: %s", report.where, report.message, level=logging.ERROR)
        self.add(report)
        return report

    def advise(self, where: str, message: str, *, from_client: bool = False) -> None:
        """Tell everybody, once, what looks like a mistake; `message` begins with what may be meant. Any thread.

        Pages know already what comes `from_client`.
        """
        hints = self.hints
        if (where, message) in hints or len(hints) == _KEPT:
            return
        if from_client and sum(hint.from_client for hint in list(hints.values())) >= _KEPT_OF_CLIENTS:
            return
        text = shortened(message, MESSAGE_LENGTH)
        report = ErrorReport(foreign(where), text, "", from_client=from_client, is_hint=True)
        hints[where, message] = report
        self._complaints.warn("%s: %s", where, message)
        self._hand_on(report)

    def forget_hints(self, place: str, still: Collection[tuple[str, str]] = ()) -> None:
        """Of what was advised of parts of `place`, places and messages, only `still` holds."""
        for hint in list(self.hints):
            if hint[0].endswith(f" of {place}") and hint not in still:
                del self.hints[hint]

    def add(self, report: ErrorReport) -> None:
        """Keep `report`, which is logged already, and hand it to the sinks."""
        self.errors.append(report)
        self._hand_on(report)

    def _hand_on(self, report: ErrorReport) -> None:
        for sink in list(self.sinks):
            try:
                sink(report)
            except BaseException:  # a sink that fails must not hide the error that it was to show
                _logger.exception("an error report could not be shown")

    async def _finish(self, where: str, awaitable: Awaitable[Any]) -> Any:
        try:
            return await self.wait(where, awaitable)
        except Exception:  # noqa: BLE001 - `wait` has reported it
            return None


def _keep_running(_exit: SystemExit) -> bool:
    return False
