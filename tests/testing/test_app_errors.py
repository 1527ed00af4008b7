"""Errors that a test expects, and those that it does not."""

import pytest

from jupyter_trame.errors import RemoteError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.testing.app_errors import AppErrors, AppFailedError, NotReachedError


def report(message: str, where: str = "listener", trace: str = "line 1\nline 2") -> ErrorReport:
    return ErrorReport(where, message, trace)


def test_no_error_is_no_failure() -> None:
    AppErrors().check()


def test_what_nobody_expected_fails() -> None:
    errors = AppErrors()
    errors.add(report("one"))
    with pytest.raises(
        AppFailedError, match=r"had an error that .*\n- listener: one\n    line 1\n    line 2"
    ):
        errors.check()
    errors.add(report("two"))
    with pytest.raises(AppFailedError, match="2 errors"):
        errors.check()
    assert [errors[0].message, *(error.message for error in errors[1:])] == ["one", "two"]
    assert repr(errors) == "<AppErrors ['one', 'two']>"


def test_what_is_expected_is_taken() -> None:
    errors = AppErrors()
    errors.add(report("earlier one"))
    with errors.expect("one") as taken:
        errors.add(report("one"))
        errors.add(report("two"))
        assert [error.message for error in errors.unexpected] == ["two"]
    assert [error.message for error in taken] == ["one"]
    assert [error.message for error in errors] == ["earlier one", "two"]


def test_the_place_counts_too() -> None:
    errors = AppErrors()
    with errors.expect("trigger add: .*zero"):
        errors.add(report("division by zero", where="trigger add"))
    assert not errors


def test_what_is_expected_has_to_come() -> None:
    errors = AppErrors()
    with (
        pytest.raises(NotReachedError, match="no error with 'one', and there was no other"),
        errors.expect("one"),
    ):
        pass
    with pytest.raises(NotReachedError, match="there were:\n- listener: two"), errors.expect("one"):
        errors.add(report("two"))


def test_a_remote_error_is_the_same_error() -> None:
    def call() -> None:
        raise RemoteError({"message": "one", "code": 1})

    errors = AppErrors()
    with errors.expect("one"):
        errors.add(report("one"))
        call()
    with pytest.raises(RemoteError), errors.expect("one"):
        call()


def test_other_exceptions_go_on() -> None:
    errors = AppErrors()
    with pytest.raises(KeyError), errors.expect("one"):
        errors.add(report("one"))
        raise KeyError
    assert len(errors) == 1
