"""What is to be said of any app, whatever carries it: whether it runs, what went wrong in it, which pages it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from jupyter_trame.doctor.report import Environment, Finding, Limit
from jupyter_trame.doctor.sizes import in_words

__all__ = ["life_findings", "page_environments", "size_limits"]

_MOST = 10
"""Versions of pages that are told."""


def page_environments(packages: Iterable[str]) -> list[Environment]:
    """An environment for each version among `packages`, those of the clients; empty texts say nothing.

    Of many the most frequent ones: whoever may open a page may make versions up.
    """
    counts = Counter(package for package in packages if package)
    return [Environment("page", package) for package, _ in counts.most_common(_MOST)]


def life_findings(*, running: bool, errors: Sequence[str]) -> list[Finding]:
    """Whether the app runs, and the latest of its `errors`."""
    found = []
    if not running:
        found.append(
            Finding("warning", "the app does not run, so nobody can see it", "server.start()", "in Python")
        )
    if errors:
        times = "an exception" if len(errors) == 1 else f"{len(errors)} exceptions"
        what = f"callbacks of the app raised {times}, the latest was {errors[-1]}"
        found.append(Finding("warning", what, "print(server.errors[-1].trace)", "in Python"))
    return found


def size_limits(*, frame: int, message: int, queue: int) -> list[Limit]:
    """Those of a replica, in bytes; see `Limits` of the protocol."""
    return [
        Limit("largest frame to a page", f"{in_words(frame)}; larger messages are sent in several"),
        Limit("largest message of a page", in_words(message)),
        Limit("waits for a page that reads slowly", f"{in_words(queue)}; with more it is disconnected"),
    ]
