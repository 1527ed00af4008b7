"""What is said of any app."""

from jupyter_trame.doctor.app_facts import life_findings, page_environments, size_limits


def test_pages_of_one_version_are_one_environment() -> None:
    found = page_environments(["1.2.0", "", "1.1.0", "1.2.0"])
    assert [(each.place, each.version) for each in found] == [("page", "1.2.0"), ("page", "1.1.0")]


def test_of_many_versions_the_most_frequent_ones_are_told() -> None:
    found = page_environments([*(f"1.{n}" for n in range(2000)), "9.0", "9.0"])
    assert len(found) == 10
    assert found[0].version == "9.0"


def test_an_app_that_runs_without_errors_has_no_findings() -> None:
    assert life_findings(running=True, errors=[]) == []


def test_one_that_does_not_run_says_how_to_start_it() -> None:
    (finding,) = life_findings(running=False, errors=[])
    assert finding.command == "server.start()"


def test_exceptions_are_counted_and_the_latest_is_named() -> None:
    (one,) = life_findings(running=True, errors=["ValueError: a"])
    (two,) = life_findings(running=True, errors=["ValueError: a", "KeyError: b"])
    assert "raised an exception, the latest was ValueError: a" in one.what
    assert "raised 2 exceptions, the latest was KeyError: b" in two.what


def test_limits_are_said_in_words() -> None:
    values = [limit.value for limit in size_limits(frame=4 << 20, message=1 << 30, queue=16 << 20)]
    assert values[0].startswith("4 MiB;")
    assert values[1] == "1 GiB"
