"""Reads a report that came as JSON, from a server that may be of another version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from jupyter_trame.doctor.report import DataPath, Environment, Finding, Limit, Report, RoundTrip, Severity

__all__ = ["read_report"]

T = TypeVar("T")


def read_report(document: object) -> Report:
    """The report that `Report.as_dict` gave, over JSON. Raises ValueError that says what was expected."""
    given = _mapping(document, "a report")
    return Report(
        subject=_text(given, "subject"),
        environments=tuple(_read(given, "environments", _read_environment)),
        paths=tuple(_read(given, "paths", lambda each: DataPath(_text(each, "name"), _text(each, "reason")))),
        round_trips=tuple(_read(given, "round_trips", _read_round_trip)),
        limits=tuple(_read(given, "limits", lambda each: Limit(_text(each, "name"), _text(each, "value")))),
        findings=tuple(_read(given, "findings", _read_finding)),
    )


def _read_environment(given: Mapping[str, Any]) -> Environment:
    packages = _mapping(given.get("packages"), "'packages' of an environment")
    return Environment(
        _text(given, "place"),
        _text(given, "version"),
        {name: _text(packages, name) for name in packages},
        _text(given, "python"),
    )


def _read_round_trip(given: Mapping[str, Any]) -> RoundTrip:
    back_to_back, paused, slowest = (_number(given, key) for key in ("back_to_back", "paused", "slowest"))
    return RoundTrip(_text(given, "between"), int(_number(given, "count")), back_to_back, paused, slowest)


def _read_finding(given: Mapping[str, Any]) -> Finding:
    severity = _text(given, "severity")
    if severity not in get_args(Severity):
        raise ValueError(f"a finding is one of {', '.join(get_args(Severity))}, not {severity!r}")
    found: Any = severity  # of the literal, as was just looked at
    return Finding(found, _text(given, "what"), _text(given, "command"), _text(given, "where"))


def _read(given: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], T]) -> Iterator[T]:
    found = given.get(key)
    if not isinstance(found, list | tuple):
        raise _wrong(f"{key!r} of a report", "a list", found)
    return (read(_mapping(each, f"each of {key!r}")) for each in found)


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(what, "a map", value)
    return value


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str):
        raise _wrong(f"{key!r} in a report", "a text", value)
    return value


def _number(given: Mapping[str, Any], key: str) -> float:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(f"{key!r} in a report", "a number", value)
    return value


def _wrong(what: str, expected: str, value: object) -> ValueError:
    return ValueError(f"{what} is {expected}, not {type(value).__name__}")
