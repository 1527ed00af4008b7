"""HTML that runs nothing: attacks that are known of sanitisers, and what has to stay."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.picture.safe_html import as_text, element, image, is_picture, sanitise, text

PNG = b"\x89PNG\r\n\x1a\n"

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    "<img src='http://evil.test/seen.png'>",
    "<img/src/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='  java\nscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<p style='background:url(http://evil.test/x)'>x</p>",
    "<p style='background:u\\72l(http://evil.test/x)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='background-image:image-set(\"http://evil.test/x\" 1x)'>x</p>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<style>@import 'http://evil.test/x.css'</style>",
    "<link rel=stylesheet href='http://evil.test/x.css'>",
    "<meta http-equiv=refresh content='0;url=http://evil.test'>",
    "<base href='http://evil.test/'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<p id=location name=cookie>x</p>",
    "</div></div><script>alert(1)</script>",
]
_KNOWN = re.compile("a|b|br|details|div|img|p|span|summary|table|td|th|tr")


class Audit(HTMLParser):
    """What a browser would find in HTML that could run or fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not _KNOWN.fullmatch(tag):
            self.found.append(tag)
        for name, value in attrs:
            link = (value or "").strip().lower()
            fine = (
                (name == "href" and link.startswith(("http://", "https://", "mailto:", "#")))
                or (name == "src" and link.startswith("data:image/"))
                or (name == "style" and not re.search(r"\(|\\|fixed", link))
                or name in {"alt", "title", "open", "width", "height", "rel", "align", "border", "colspan"}
            )
            if not fine:
                self.found.append(f"{name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    def handle_pi(self, data: str) -> None:
        self.found.append(data)


def audit(html: str) -> list[str]:
    reader = Audit()
    reader.feed(html)
    reader.close()
    return reader.found


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_runs_and_fetches_nothing(attack: str) -> None:
    assert audit(attack) or "<?" in attack or "CDATA" in attack or attack.startswith("</div>"), attack
    safe = sanitise(f"<p>before</p>{attack}<p>after</p>")
    assert not audit(safe), safe
    assert "before" in safe


@given(
    st.lists(st.sampled_from([*ATTACKS, "<p>", "</p>", "<b", "'", '"', ">", "<!--", "x"]), max_size=6).map(
        "".join
    )
)
def test_attacks_in_any_order(html: str) -> None:
    assert not audit(sanitise(html))


@given(st.text())
def test_text_is_text(content: str) -> None:
    assert not audit(text(content))
    assert not audit(element("p", {"title": content, "style": content, "onclick": content}, [text(content)]))


def test_what_a_table_says_stays_as_it_is() -> None:
    table = '<table border="1"><tr><th style="text-align:right">a &amp; b</th></tr><tr><td>1<br>2</td></tr></table>'
    assert sanitise(table) == table


def test_links_to_pages_stay() -> None:
    safe = sanitise('<a href="https://example.org/?a=1&amp;b=2">x</a>')
    assert safe == '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">x</a>'


def test_what_is_not_closed_is_closed() -> None:
    assert sanitise("<p><b>x") == "<p><b>x</b></p>"
    assert sanitise("</p>x</div>") == "x"
    assert sanitise("<custom-tag>its text</custom-tag>") == "its text"


def test_a_picture_that_would_be_fetched_is_named() -> None:
    assert sanitise('<img src="http://example.org/x.png" alt="A map">') == "[picture: A map]"
    assert sanitise("<img src=x>") == "[picture]"


def test_pictures_are_in_the_page() -> None:
    assert (
        image(PNG, {"alt": 'a "b"'}) == '<img alt="a &quot;b&quot;" src="data:image/png;base64,iVBORw0KGgo=">'
    )
    assert image(b"<svg/>", {}).startswith('<img src="data:image/svg+xml;base64,')
    assert is_picture(PNG)
    assert is_picture(b"\xff\xd8\xff")
    assert not is_picture(b"MZ")
    assert not is_picture(b"")


def test_there_are_no_line_breaks_which_would_end_html_in_markdown() -> None:
    assert "\n" not in element("pre", {"title": "a\n\nb"}, [text("a\r\n\nb")])


def test_unknown_tags_and_attributes() -> None:
    assert (
        element("v-card", {"data-x": "1", "style": "color:red;behavior:x"}, [])
        == '<div style="color:red"></div>'
    )


def test_words_in_lines() -> None:
    html = '<div><small>Name</small><span>Bob</span></div><table><tr><td>1</td><td>2</td></tr></table><img alt="Fig">'
    assert as_text(html) == "Name Bob\n1 2\n[picture: Fig]"
