"""Templates as trees."""

import pytest

from jupyter_trame.core.template_tree import HtmlNode, TemplateError, parse_template


def only(text: str) -> HtmlNode:
    (child,) = parse_template("main", text).children
    assert isinstance(child, HtmlNode)
    return child


def test_elements_texts_and_attributes() -> None:
    node = only('<VBtn @click="run" disabled :a-b="x > 1">Go <b>now</b> &amp; here</VBtn>')
    assert node.tag == "VBtn"
    assert node.attributes == {"@click": "run", "disabled": None, ":a-b": "x > 1"}
    go, bold, rest = node.children
    assert (go, rest) == ("Go ", " & here")
    assert isinstance(bold, HtmlNode)
    assert bold.children == ["now"]


def test_elements_that_have_no_end() -> None:
    root = parse_template("main", '<input type="text"><VIcon /><br/><img>')
    assert [child.tag for child in root.children if isinstance(child, HtmlNode)] == [
        "input",
        "VIcon",
        "br",
        "img",
    ]


@pytest.mark.parametrize(
    "expression",
    ["{{ a < b }}", "{{ a<b }}", "{{ x ? '<i>' : '</i>' }}", "{{ a }} & {{ b<c }}", "{{\n  a\n}}"],
)
def test_interpolations_stay_as_they_are(expression: str) -> None:
    assert only(f"<p>{expression}</p>").children == [expression]


def test_entities_in_interpolations() -> None:
    assert only("<p>{{ a &lt; b }}</p>").children == ["{{ a < b }}"]


def test_attributes_with_braces() -> None:
    attributes = only("""<p :style="{a: {b: 1}}" title="{{ no }}">x</p>""").attributes
    assert attributes == {":style": "{a: {b: 1}}", "title": "{{ no }}"}


def test_style_and_script_hold_text() -> None:
    assert only("<style>a > b { c: d }</style>").children == ["a > b { c: d }"]


def test_lines_count_within_braces_and_attributes() -> None:
    root = parse_template("main", '\n<p :a="{\n}">{{ x\n}}</p>\n<b />')
    assert [child.line for child in root.children if isinstance(child, HtmlNode)] == [2, 5]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<p><b></p>", r'"main": </p> closes <b> \(line 1\)'),
        ("<p>\n</p></p>", r"</p> closes nothing \(line 2\)"),
        ("<p>{{\n1\n}}</p>\n<VBtn>\n", r"<VBtn> is not closed \(line 4\)"),
    ],
)
def test_what_is_not_closed_is_named(text: str, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        parse_template("main", text)
