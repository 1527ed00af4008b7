"""What outputs show, without a browser."""

import sys
from typing import Any

import pytest

from jupyter_trame.picture import shown_values
from jupyter_trame.picture.shown_values import as_json, chart_of, code, live_only, markdown_of, value_of
from jupyter_trame.showing import kinds

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (None, ""),
        ("", ""),
        ("a < b", '<p style="margin:0">a &lt; b</p>'),
        (kinds.markup("<b onclick='x()'>bold</b><script>x()</script>"), "<b>bold</b>"),
        (kinds.text("a\nb"), code("a\nb")),
        (kinds.plot("plotly", "{}"), live_only("a figure of plotly", "Fig")),
        (kinds.page("<script>x()</script>"), live_only("a page with scripts", "Fig")),
        (kinds.widget("id"), live_only("a widget", "Fig")),
        (kinds.picture(b"no picture"), live_only("a picture of an unknown format", "Fig")),
        ({kinds.SHOWN: "hologram"}, live_only("something of another version", "Fig")),
        ([1, 2], code("[1, 2]")),
    ],
)
def test_a_value(value: Any, html: str) -> None:
    assert value_of(value, "Fig") == html


def test_pictures_have_their_size_and_their_words() -> None:
    shown = value_of({**kinds.picture(PNG), "width": 30, "height": 20}, "Fig")
    assert 'alt="Fig"' in shown
    assert 'width="30"' in shown
    assert 'alt="Own"' in value_of(kinds.picture(PNG, alt="Own"), "Fig")
    assert value_of(PNG).startswith("<img ")


def test_what_is_seen_in_the_live_app_only_says_so() -> None:
    assert "Fig: a chart, shown in the live app only" in live_only("a chart", "Fig")
    assert "A chart, shown in the live app only" in live_only("a chart")


def test_json_and_what_has_none() -> None:
    assert as_json({"a": [1, {2}]}) == code('{\n  "a": [\n    1,\n    "{2}"\n  ]\n}')


def test_markdown_is_safe_and_needs_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "# Title\n\n[x](javascript:alert(1)) <script>x()</script>"
    shown = markdown_of(source)
    assert "<h1>Title</h1>" in shown
    assert "<script" not in shown
    assert "href" not in shown
    monkeypatch.setattr(shown_values, "find_spec", lambda _: None)
    assert markdown_of(source) == code(source)


def test_a_chart_is_drawn_where_its_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    spec = '{"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}'
    assert chart_of(spec, "Bars").startswith('<img alt="Bars"')
    assert chart_of("no JSON", "Bars") == live_only("a chart", "Bars")
    monkeypatch.setattr(shown_values, "find_spec", lambda _: None)
    assert chart_of(spec, "Bars") == live_only("a chart", "Bars")
    assert "vl_convert" in sys.modules
