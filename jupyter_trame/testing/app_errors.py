"""The app's errors during a test: one that nobody expected fails it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import overload

from jupyter_trame.errors import RemoteError
from jupyter_trame.execution.error_reports import ErrorReport

__all__ = ["AppErrors", "AppFailedError", "NotReachedError"]


class AppFailedError(AssertionError):
    """Callbacks of the app raised, and the test did not expect it."""


class NotReachedError(AssertionError):
    """What a test waited for did not come about."""


class AppErrors(Sequence[ErrorReport]):
    """The errors that no block expected, oldest first."""

    def __init__(self) -> None:
        self._reports: list[ErrorReport] = []
        self._expected: list[re.Pattern[str]] = []

    @contextmanager
    def expect(self, pattern: str = "") -> Iterator[list[ErrorReport]]:
        """Errors within the block whose place or message has a match of `pattern` are what the test wants.

        The list holds them after the block. A `RemoteError` that leaves the block is such an error as the client saw
        it, and goes no further. Raises `NotReachedError` when there was no such error.
        """
        compiled = re.compile(pattern)
        before, taken = len(self._reports), list[ErrorReport]()
        self._expected.append(compiled)
        remote: RemoteError | None = None
        try:
            yield taken
        except RemoteError as error:
            remote = error
        finally:
            self._expected.remove(compiled)
        new = self._reports[before:]
        taken += [report for report in new if _matches(compiled, report)]
        self._reports[before:] = [report for report in new if not _matches(compiled, report)]
        if remote is not None and not taken:
            raise remote
        if not taken:
            others = f"; there were:\n{self}" if self._reports else ", and there was no other"
            raise NotReachedError(f"the app had no error with {pattern!r}{others}")

    def check(self) -> None:
        """Raise `AppFailedError` if there are any."""
        if self._reports:
            count = "an error" if len(self._reports) == 1 else f"{len(self._reports)} errors"
            raise AppFailedError(f"the app had {count} that the test did not expect:\n{self}")

    @property
    def unexpected(self) -> list[ErrorReport]:
        """Those that no block that is open now expects."""
        return [
            report
            for report in self._reports
            if not any(_matches(pattern, report) for pattern in self._expected)
        ]

    def add(self, report: ErrorReport) -> None:
        """Take note of an error; a hint is none. Any thread."""
        if not report.is_hint:
            self._reports.append(report)

    @overload
    def __getitem__(self, index: int) -> ErrorReport: ...
    @overload
    def __getitem__(self, index: slice) -> list[ErrorReport]: ...
    def __getitem__(self, index: int | slice) -> ErrorReport | list[ErrorReport]:
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    def __str__(self) -> str:
        return "\n".join(_describe(report) for report in self._reports)

    def __repr__(self) -> str:
        return f"<AppErrors {[report.message for report in self._reports]}>"


def _matches(pattern: re.Pattern[str], report: ErrorReport) -> bool:
    return pattern.search(f"{report.where}: {report.message}") is not None


def _describe(report: ErrorReport) -> str:
    return "\n".join([f"- {report.where}: {report.message}", *_indented(report.trace)])


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]
