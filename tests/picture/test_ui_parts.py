"""How the parts of `jupyter_trame.ui` look when nobody can use them."""

import re
from pathlib import Path
from typing import Any

import pytest

import jupyter_trame.ui
from jupyter_trame.picture.safe_html import as_text
from jupyter_trame.picture.ui_parts import PARTS
from jupyter_trame.showing.kinds import text as shown_text


class Given(dict[str, Any]):
    """A part with known values."""


@pytest.mark.parametrize(
    ("tag", "values", "words"),
    [
        ("JtSlider", {"label": "How many", "v-model": 3, "unit": "kg"}, "How many 3 kg"),
        ("JtText", {"label": "Name", "v-model": "<b>"}, "Name <b>"),
        ("JtText", {"label": "Password", "v-model": "secret", "type": "password"}, "Password ••••••••"),
        ("JtRange", {"label": "Years", "v-model": [1, 2]}, "Years 1 \u2013 2"),
        ("JtCheck", {"label": "On", "v-model": True}, "☑ On"),
        ("JtCheck", {"label": "On"}, "☐ On"),
        ("JtSelect", {"label": "Pick", "v-model": 1, "options": [{"value": 1, "label": "One"}]}, "Pick One"),
        ("JtSelect", {"label": "Pick", "v-model": 2, "options": "unknown"}, "Pick 2"),
        ("JtChoices", {"label": "Pick", "v-model": ["a", "b"]}, "Pick a, b"),
        ("JtUpload", {"label": "File", "v-model": {"name": "x.csv"}}, "File x.csv"),
        ("JtUpload", {"label": "File"}, "File no file"),
        ("JtMetric", {"label": "Sum", "value": 1.234, "digits": 1, "unit": "m"}, "Sum\n1.2 m"),
        ("JtProgress", {"label": "Done", "value": 0.5, "text": "half"}, "Donehalf"),
        ("JtOutput", {"value": shown_text("12"), "status": {"error": None}}, "12"),
        ("JtOutput", {"value": None, "status": {"error": {"message": "it failed"}}}, "⚠ it failed"),
        ("JtLog", {"label": "Log", "value": ["a", "b"]}, "Log\na\nb"),
        ("JtJson", {"value": {"a": 1}}, '{\n"a": 1\n}'),
        ("JtCode", {"source": "x = 1"}, "x = 1"),
        ("JtDialog", {"title": "Sure?"}, ""),
        ("JtDialog", {"title": "Sure?", "v-model": True}, "Sure?CHILD"),
        ("JtTab", {"title": "One"}, "OneCHILD"),
        ("JtExpander", {"title": "More"}, "More\nCHILD"),
        ("JtForm", {"label": "Data"}, "DataCHILD"),
        ("JtSpinner", {"text": "Working"}, "Working"),
        ("JtWidget", {}, "A widget, shown in the live app only"),
    ],
)
def test_a_part(tag: str, values: dict[str, Any], words: str) -> None:
    assert as_text(PARTS[tag.lower()](Given(values), "CHILD")) == words


def test_a_table_shows_its_first_rows_and_says_of_how_many() -> None:
    head = {
        "columns": [{"heading": "A", "number": True}, {"heading": "B"}],
        "rows": [["1", "x"]],
        "total": 1000,
    }
    shown = PARTS["jttable"](Given(head=head, label="Rows"), "")
    assert as_text(shown) == "Rows\nA B\n1 x\n1 of 1,000 rows"
    assert "text-align:right" in shown
    assert PARTS["jttable"](Given(head={"broken": 1}), "") == ""


def test_each_part_of_the_package_has_a_look() -> None:
    folder = Path(jupyter_trame.ui.__file__).parent
    tags = {
        tag for path in folder.glob("*.py") for tag in re.findall(r'"(Jt[A-Z]\w+)"', path.read_text("utf-8"))
    }
    assert {tag.lower() for tag in tags} == PARTS.keys()
