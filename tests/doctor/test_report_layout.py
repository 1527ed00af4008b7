"""Rows become lines and markup; neither can be forged by what they say."""

from jupyter_trame.doctor.report_layout import Row, Section, as_html, as_text

SECTIONS = [
    Section("Findings", [Row("note", "fine"), Row("warning", "slow", "do this", "there")]),
    Section("Nothing", []),
]


def test_rows_stand_in_columns() -> None:
    assert as_text("title", SECTIONS).splitlines() == [
        "title",
        "",
        "Findings",
        "  note     fine",
        "  warning  slow",
        "           there: do this",
    ]


def test_what_others_wrote_forges_no_line_and_no_colour() -> None:
    text = as_text("a\nb", [Section("Findings", [Row("note\x1b[31m", "one\ntwo", "x\ry")])])
    assert text.count("\n") == 4
    assert "\x1b" not in text
    assert "\r" not in text


def test_what_others_wrote_is_no_markup() -> None:
    row = Row('"><script>', "<img src=x>", "<b>", "<i>")
    html = as_html("<title>", [Section("Findings", [row])])
    for tag in ("<script>", "<img", "<b>", "<i>", "<title>", '""'):
        assert tag not in html


def test_a_section_without_rows_is_left_out() -> None:
    assert "Nothing" not in as_html("title", SECTIONS)
