"""Imports of widget packages that are not installed."""

import pytest

from jupyter_trame.execution.error_reports import make_report
from jupyter_trame.execution.missing_packages import remedy_for


def failed(statement: str) -> ImportError:
    with pytest.raises(ImportError) as raised:
        exec(statement)
    return raised.value


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("from trame.widgets import quasar", "pip install trame-quasar: trame.widgets has no 'quasar', "),
        ("import trame.widgets.radial_menu2", "pip install trame-radial-menu: trame.widgets has no "),
        ("from trame.ui.quasar import QLayout", "pip install trame-quasar: trame.ui has no 'quasar', "),
        (
            "import trame_quasar.widgets",
            "pip install trame-quasar: the package trame_quasar is not installed",
        ),
        ("from trame.widgets import vuetfy3", "is 'vuetify3' meant? trame.widgets has no 'vuetfy3'"),
    ],
)
def test_what_to_do_comes_first(statement: str, words: str) -> None:
    assert str(remedy_for(failed(statement))).startswith(words)


@pytest.mark.parametrize(
    "statement",
    [
        "import nothing_of_this_name",
        "from trame.widgets.html import Dvi",
        "from json import trame",
        "import json.trame_quasar",
    ],
)
def test_of_others_nothing_is_known(statement: str) -> None:
    assert remedy_for(failed(statement)) is None
    assert remedy_for(ValueError("trame_quasar")) is None
    assert remedy_for(ImportError("no name")) is None


def test_names_that_are_not_those_of_their_package() -> None:
    error = ImportError("cannot import name 'paraview' from 'trame.widgets'", name="trame.widgets")
    assert str(remedy_for(error)).startswith("is 'paraview' meant?") is False
    missing = ModuleNotFoundError("No module named 'trame.modules.paraview'", name="trame.modules.paraview")
    assert str(remedy_for(missing)).startswith("pip install trame-vtk: ")


def test_a_report_begins_with_it_and_has_it_once() -> None:
    error = failed("import trame_quasar")
    report = make_report("trigger show", error, error)
    remedy = "pip install trame-quasar: the package trame_quasar is not installed"
    assert report.message == f"{remedy} (ModuleNotFoundError: No module named 'trame_quasar')"
    assert report.remedy == remedy
    assert remedy not in report.trace
