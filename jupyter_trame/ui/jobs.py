"""`@ui.job`: long work with a button to begin it and one to end it, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextvars import copy_context
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, TypeVar, overload

from jupyter_trame.server import Server
from jupyter_trame.server.server import life_cycle_of, runtime_of
from jupyter_trame.showing.outputs import shown
from jupyter_trame.ui.bound import called, keys_of, name_of, picture_label, said_of, values_for
from jupyter_trame.ui.living import claim
from jupyter_trame.ui.misspelt import hint_at_misspelt
from jupyter_trame.ui.part import Expression, Part, in_words
from jupyter_trame.ui.scripts import enable_for, offer
from jupyter_trame.ui.status import report_data

__all__ = ["JobStopped", "Progress", "job"]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_OWN = "progress"
"""The parameter of a job that is no key."""
_PACE = 0.1
"""Seconds between two steps that clients are told of: a job may have millions."""


class JobStopped(BaseException):
    """Raised in a job by its `Progress` when it is to end: no error, so what catches errors lets it through."""


class Progress:
    """How far a job is, and whether it is to go on. Of the job's thread."""

    def __init__(self, tell: Callable[[float | None, str], object], stop: threading.Event) -> None:
        self._tell = tell
        self._stop = stop

    @property
    def stopped(self) -> bool:
        """Whether somebody wants the job to end; a job that calls its progress ends by itself."""
        return self._stop.is_set()

    @overload
    def __call__(self, done: float, text: str = "") -> None: ...

    @overload
    def __call__(self, done: Iterable[T], text: str = "") -> Iterator[T]: ...

    def __call__(self, done: float | Iterable[T], text: str = "") -> Iterator[T] | None:
        """Say how much is `done`, from 0 to 1, with a word about it; or go through an iterable, of which each item is a
        step: ``for item in progress(items)``. Raises `JobStopped` when the job is to end.
        """
        if isinstance(done, Iterable):
            return self._each(done, text)
        self._check()
        self._tell(min(1.0, max(0.0, float(done))), text)
        return None

    def _each(self, items: Iterable[T], text: str) -> Iterator[T]:
        size = len(items) if isinstance(items, Sized) else None
        for count, item in enumerate(items):
            self._check()
            self._tell(count / size if size else None, text)
            yield item
        self._check()

    def _check(self) -> None:
        if self._stop.is_set():
            raise JobStopped


@overload
def job(
    fn: F, /, *, label: str | None = None, alt: str | Expression | None = None, **attributes: Any
) -> F: ...


@overload
def job(
    fn: None = None, /, *, label: str | None = None, alt: str | Expression | None = None, **attributes: Any
) -> Callable[[F], F]: ...


def job(
    fn: F | None = None,
    /,
    *,
    label: str | None = None,
    alt: str | Expression | None = None,
    **attributes: Any,
) -> F | Callable[[F], F]:
    """Show a button that runs the function, one that stops it, how far it is, and what it returned or raised.

    It runs in a thread of its own, one run at a time, and gets the values that the keys of its parameters have when it
    begins. The parameter `progress` is no key but a `Progress`: ``for item in progress(items)``, ``progress(0.3, "now
    this")``. There it ends when somebody presses Stop, when the server stops, or when the same cell runs again; a
    function that never asks runs to its end, and its result is dropped. `label` is the word on the button, by default
    the function's name in words; `alt` says what a picture shows that it returns.

    Raises TypeError for what is no plain function.
    """

    def place(function: F) -> F:
        _Job(function, label, alt, attributes)
        return function

    return place if fn is None else place(fn)


class _Job:
    def __init__(
        self,
        fn: Callable[..., Any],
        label: str | None,
        alt: str | Expression | None,
        attributes: dict[str, Any],
    ) -> None:
        if iscoroutinefunction(fn):
            raise TypeError(
                f"{name_of(fn)} is a coroutine function: a job runs in a thread, so it is a plain one"
            )
        self._fn = fn
        self._where = f"job {said_of(fn)}"
        self._takes_progress = _OWN in keys_of(fn)
        place = claim("job", name_of(fn))
        self._server: Server = place.server
        offer(self._server)
        self._runtime = runtime_of(self._server)
        self._key, self._status = place.key, f"{place.key}__status"
        self._lock = threading.Lock()
        """Held while the stage is decided and its status is set, and never while listeners are called."""
        self._stop: threading.Event | None = None
        """Of the run that is on; None: there is none."""
        self._latest: tuple[float | None, str] = (None, "")
        """How far the run says that it is."""
        self._told = 0.0
        self._due: threading.Event | None = None
        """Of the run whose latest step is to be told after a pause."""
        self._ended = False
        self._server.state.update({self._key: None, self._status: _status("ready")})
        # A cell that runs keeps the owner's thread, and must not keep Stop.
        self._server.trigger(f"{place.key}__stop", concurrent=True)(self.stop)
        Part(
            "JtJob",
            props={
                "label": label or in_words(name_of(fn)),
                "value": (self._key,),
                "status": (self._status,),
                "alt": picture_label(fn) if alt is None else alt,
            },
            events={"run": called(self._where, self.run), "stop": self.stop},
            chunk="markup",
            **attributes,
        )
        life_cycle_of(self._server).at_end.append(self.stop)
        place.keep(self)
        hint_at_misspelt(self._server, fn, self._where, _OWN)

    def run(self) -> None:
        """Begin, if it does not run already. The owner's thread."""
        if self._stop is not None or self._ended:
            return
        find = partial(values_for, self._server, self._fn, _OWN)
        values, report = self._runtime.user_code.attempt(self._where, find)
        if report is not None:
            failed = _status("failed", error=report_data(self._server, report))
            self._server.state.update({self._key: None, self._status: failed})
            return
        self._stop = stop = threading.Event()
        self._latest = None, ""
        if self._takes_progress:
            values[_OWN] = Progress(partial(self._tell, stop), stop)
        self._say(stop, "running")
        # In the context of the press: a toast is shown to who began the run.
        work = partial(copy_context().run, self._work, stop, values)
        try:
            # Not on a thread that triggers share: Stop would not be heard while all of them have jobs.
            self._runtime.user_code.run_apart(work, is_long=True)
        except RuntimeError:
            self._finish(stop, {self._status: _status("failed")})
            raise

    def stop(self) -> None:
        """Ask what runs to end. Any thread."""
        stop = self._stop
        if stop is not None and not stop.is_set():
            stop.set()
            self._say(stop, "stopping")

    def end(self) -> None:
        """As `Living`."""
        with self._lock:
            self._ended = True
        self.stop()
        self._server.controller.trigger_unregister(f"{self._key}__stop")
        at_end = life_cycle_of(self._server).at_end
        if self.stop in at_end:
            at_end.remove(self.stop)

    def _work(self, stop: threading.Event, values: dict[str, Any]) -> None:
        """On the thread of the run."""
        end: dict[str, Any] = {self._status: _status("failed")}
        try:
            result, report = self._runtime.user_code.attempt(self._where, partial(self._call, values))
            if report is not None:
                end = {self._status: _status("failed", error=report_data(self._server, report))}
            else:
                end = {self._key: result, self._status: _status("done")}
        finally:
            self._finish(stop, end)

    def _call(self, values: dict[str, Any]) -> Any:
        try:
            result = shown(self._fn(**values))
        except JobStopped:
            return None  # `stop` is set, and says more
        enable_for(self._server, result)
        return result

    def _finish(self, stop: threading.Event, end: dict[str, Any]) -> None:
        """Set the keys to `end`, unless somebody wanted the run to stop."""
        with self._lock:
            self._stop = None
            if self._ended:
                return  # another job has the keys
            stopped = {self._status: _status("stopped", done=self._latest[0])}
            self._server.state.update(stopped if stop.is_set() else end)
        self._runtime.flush()

    def _tell(self, stop: threading.Event, done: float | None, text: str) -> None:
        with self._lock:
            self._latest = done, text
            left = self._told + _PACE - time.monotonic()
            if left > 0:
                if self._due is not stop:
                    self._due = stop
                    self._runtime.owner.call_later(left, partial(self._tell_latest, stop))
                return
        self._tell_latest(stop)

    def _tell_latest(self, stop: threading.Event) -> None:
        with self._lock:
            if self._stop is not stop:
                return
            self._due = None
            self._told = time.monotonic()
            done, text = self._latest
        self._say(stop, "running", done=done, text=text)

    def _say(self, stop: threading.Event, stage: str, **more: Any) -> None:
        """Show the stage of the run of `stop`, if that is still on and the stage is still true."""
        with self._lock:
            if self._ended or self._stop is not stop or (stop.is_set() and stage == "running"):
                return
            self._server.state[self._status] = _status(stage, **more)
        self._runtime.flush()


def _status(
    stage: str, *, done: float | None = None, text: str = "", error: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"stage": stage, "done": done, "text": text, "error": error}
