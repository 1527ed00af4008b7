"""A report comes back from JSON as it was, and what is none is refused in words."""

import json
from typing import Any

import pytest

from jupyter_trame.doctor.report import Report
from jupyter_trame.doctor.report_reading import read_report
from tests.doctor.test_report import REPORT


def document(**other: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(REPORT.as_dict())), **other}


def test_it_comes_back() -> None:
    assert read_report(document()) == REPORT
    assert read_report(Report("nothing").as_dict()) == Report("nothing")


def test_what_a_later_version_adds_is_left_out() -> None:
    assert read_report(document(more={"x": 1})) == REPORT


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "a report is a map, not list"),
        (document(subject=None), "'subject' in a report is a text, not NoneType"),
        (document(paths={}), "'paths' of a report is a list, not dict"),
        (document(paths=[1]), "each of 'paths' is a map, not int"),
        (document(limits=[{"name": "x", "value": 3}]), "'value' in a report is a text, not int"),
        (document(round_trips=[{"between": "x", "back_to_back": True}]), "is a number, not bool"),
        (
            document(environments=[{"place": "kernel", "version": "1", "python": ""}]),
            "of an environment is a map",
        ),
        (document(findings=[{"severity": "bad"}]), "a finding is one of error, warning, note, not 'bad'"),
    ],
)
def test_what_is_none_is_refused(wrong: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_report(wrong)
