"""A report: what is known of an app and of the processes around it, what is wrong, and the commands that mend it.

Kernel, program and Jupyter server each collect what they know; the REST interface carries a report as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from jupyter_trame.doctor.report_layout import Row, Section, as_html, as_text
from jupyter_trame.doctor.sizes import three_digits

__all__ = ["DataPath", "Environment", "Finding", "Limit", "Report", "RoundTrip", "Severity"]

_BEST = "nothing faster is to be had"

Severity: TypeAlias = Literal["error", "warning", "note"]
"""An error keeps something from working, a warning makes it slow or risky, a note is good to know."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where a part of the app runs."""

    place: str
    """``Jupyter server``, ``kernel``, ``page`` or ``program``."""
    version: str
    """Of jupyter_trame there; empty where it is not known."""
    packages: Mapping[str, str] = field(default_factory=dict)
    """Versions of what else matters, by name, Python among them."""
    python: str = ""
    """The interpreter there, for commands; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class DataPath:
    """How the bytes of an app travel."""

    name: str
    reason: str = ""
    """Why it is none that is better; empty for the best one."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How long a question and its answer take, in milliseconds."""

    between: str
    """Who asks and who answers."""
    count: int
    """Questions of each kind."""
    back_to_back: float
    """Median of questions that follow each other at once."""
    paused: float
    """Median of questions with pauses between them, as users make them."""
    slowest: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of size or rate."""

    name: str
    value: str
    """With its unit."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    severity: Severity
    what: str
    """One sentence for the user."""
    command: str = ""
    """What mends it, to be typed as it stands; empty where no command does."""
    where: str = ""
    """Where the command is to be typed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a doctor found. ``print(report)`` shows it as text, a cell as a table."""

    subject: str
    """What was looked at."""
    environments: tuple[Environment, ...] = ()
    paths: tuple[DataPath, ...] = ()
    """One for each kind of connection that the app has."""
    round_trips: tuple[RoundTrip, ...] = ()
    limits: tuple[Limit, ...] = ()
    findings: tuple[Finding, ...] = ()
    """The worst first, in whatever order they were given."""

    def __post_init__(self) -> None:
        ordered = sorted(self.findings, key=lambda finding: get_args(Severity).index(finding.severity))
        object.__setattr__(self, "findings", tuple(ordered))

    @property
    def healthy(self) -> bool:
        """Whether nothing is worse than a note."""
        return all(finding.severity == "note" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it; `read_report` of `report_reading` is the way back."""
        return asdict(self)

    def __str__(self) -> str:
        return as_text(self._title, self.sections)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython gives both
        printer.text(str(self))

    def _repr_html_(self) -> str:
        return as_html(self._title, self.sections)

    @property
    def _title(self) -> str:
        return f"jupyter_trame doctor: {self.subject}"

    @property
    def sections(self) -> list[Section]:
        """What is shown, as titles with rows; `js/src/view/shell/report-sections.ts` has the same."""
        all_of_them = [
            Section("Findings", _finding_rows(self.findings)),
            Section("Versions", [Row(each.place, _versions(each)) for each in self.environments]),
            Section("Path", [Row(path.name, path.reason or _BEST) for path in self.paths]),
            Section("Round trips", [Row(each.between, _times(each)) for each in self.round_trips]),
            Section("Limits", [Row(limit.name, limit.value) for limit in self.limits]),
        ]
        return [section for section in all_of_them if section.rows]


def _finding_rows(findings: Iterable[Finding]) -> list[Row]:
    rows = [Row(each.severity, each.what, each.command, each.where) for each in findings]
    return rows or [Row("healthy", "nothing is wrong, as far as can be told from here")]


def _versions(environment: Environment) -> str:
    own = environment.version or "of an unknown version"
    return ", ".join([f"jupyter_trame {own}", *(f"{name} {v}" for name, v in environment.packages.items())])


def _times(trip: RoundTrip) -> str:
    return (
        f"{three_digits(trip.back_to_back)} ms back to back, {three_digits(trip.paused)} ms with pauses "
        f"(medians of {trip.count}), {three_digits(trip.slowest)} ms the slowest"
    )
