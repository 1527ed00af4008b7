"""Which versions go together, and what is to be typed."""

import pytest

from jupyter_trame.doctor.report import Environment
from jupyter_trame.doctor.versions import install_command, skew, version_findings


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("1.2.3", "1.2.3", ""),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "2.0.0", "major"),
        ("1.2", "1.2.0", "patch"),
        ("1.2.0rc1", "1.2.0", "patch"),
        ("unreadable", "1.0.0", "major"),
    ],
)
def test_how_far_two_versions_are_apart(one: str, other: str, distance: str) -> None:
    assert skew(one, other) == skew(other, one) == distance


def test_the_older_one_is_brought_up() -> None:
    (finding,) = version_findings([Environment("Jupyter server", "0.9.1"), Environment("kernel", "0.10.0")])
    assert finding.severity == "warning"
    assert "0.9.1 in the Jupyter server and 0.10.0 in the kernel" in finding.what
    assert finding.command == 'python -m pip install "jupyter-trame==0.10.0"'
    assert finding.where == "in a terminal of the Jupyter server; then start the Jupyter server again"


def test_a_major_version_apart_is_an_error() -> None:
    (finding,) = version_findings([Environment("Jupyter server", "2.0.0"), Environment("kernel", "1.9.0")])
    assert finding.severity == "error"
    assert finding.command == '%pip install "jupyter-trame==2.0.0"'


def test_a_page_is_loaded_again() -> None:
    places = [
        Environment("page", "1.0.0"),
        Environment("Jupyter server", "1.1.0"),
        Environment("kernel", "1.1.0"),
    ]
    (finding,) = version_findings(places)
    assert finding.command == "Ctrl+Shift+R"
    assert finding.where == "in the page"


def test_pages_are_not_compared_with_each_other() -> None:
    pages = [Environment("page", f"1.{n}.0") for n in range(5)]
    assert version_findings(pages) == []
    assert len(version_findings([Environment("Jupyter server", "1.0.0"), *pages])) == 4


def test_each_pair_is_compared_and_unknown_ones_are_not() -> None:
    places = [
        Environment(place, version) for place, version in zip("abc", ("1.0.0", "1.1.0", "2.0.0"), strict=True)
    ]
    assert len(version_findings(places)) == 3
    assert (
        version_findings([Environment("a", "1.0.0"), Environment("b", ""), Environment("c", "1.0.0")]) == []
    )


def test_the_interpreter_of_the_place_is_named_where_it_is_known() -> None:
    command, _ = install_command("Jupyter server", "", "/opt/my lab/bin/python")
    assert command == "'/opt/my lab/bin/python' -m pip install jupyter-trame"
    server = Environment("Jupyter server", "0.9.1", python="/opt/lab/bin/python")
    (finding,) = version_findings([server, Environment("kernel", "0.10.0")])
    assert finding.command.startswith("/opt/lab/bin/python -m pip ")
