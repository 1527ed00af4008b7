"""A template with the state as it is, as a still picture."""

import base64
from typing import Any

import pytest

from jupyter_trame.picture.still import Picture, draw

PNG = b"\x89PNG\r\n\x1a\n"


def drawn(template: str | None, max_size: int = 1 << 16, **values: Any) -> Picture:
    return draw("App", template, values, max_size=max_size)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>{{ name }} has {{ n + 1 }}</p>", "Bob has 4"),
        ('<p v-if="n > 5">large</p><p v-else>small</p>', "small"),
        ('<ul><li v-for="x in items">{{ x }}</li></ul>', "1\n2"),
        ('<p v-show="false">hidden</p><p>seen</p>', "seen"),
        ('<input v-model="name" placeholder="Who">', "Who Bob"),
        ('<input type="checkbox" v-model="on">', "☑"),
        ('<input type="password" v-model="name">', "••••••••"),
        ("<button @click=\"trigger('x')\">Go</button>", "Go"),
        ('<v-text-field v-model="name" label="Name"/>', "Name Bob"),
        ('<VSwitch v-model="on" label="On" />', "☑ On"),
        ('<VCard title="Title"><VCardText>{{ n }}</VCardText></VCard>', "Title\n3"),
        ("<VBtn>Press</VBtn><VIcon>mdi-home</VIcon>", "Press"),
        ("<script>x()</script><style>p {}</style><p>x</p>", "x"),
        ('<div v-html="html"></div>', "bold"),
        ('<JtSlider v-model="n" label="N" :min="1" />', "N 3"),
        ("<pre>a\n  b</pre>", "a\nb"),
    ],
)
def test_a_template(template: str, words: str) -> None:
    values: dict[str, Any] = {
        "name": "Bob",
        "n": 3,
        "items": [1, 2],
        "on": True,
        "html": "<b onclick=x()>bold</b><script>x()</script>",
    }
    picture = drawn(template, **values)
    assert picture.text == f"App\n{words}\nThe last state of an app."
    assert "<script" not in picture.html
    assert "onclick" not in picture.html
    assert "\n" not in picture.html


def test_state_is_text_wherever_it_stands() -> None:
    evil = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>"
    template = (
        '<p :title="evil" :style="evil">{{ evil }}</p><a :href="evil" :onclick="evil">x</a>'
        '<img :src="evil" :alt="evil">'
        '<VCard :title="evil" /><input v-model="evil" :placeholder="evil"><component :is="evil" />'
    )
    html = draw(evil, template, {"evil": evil}, max_size=1 << 16).html
    assert "<script" not in html
    assert "<img src=x" not in html
    assert 'href="' not in html


def test_pictures_of_the_state_are_in_the_page() -> None:
    address = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    for value in (PNG, bytearray(PNG), address):
        assert f'src="{address}"' in drawn('<img :src="x" alt="Map">', x=value).html
    for other in (
        "http://example.org/x.png",
        "data:text/html;base64,eA==",
        b"none",
        3,
        None,
        "data:image/png;base64,?",
    ):
        assert "Map: a picture, shown in the live app only" in drawn('<img :src="x" alt="Map">', x=other).text


def test_what_needs_a_browser_says_so() -> None:
    picture = drawn('<p>{{ x.map(y => y) }}</p><Plot3D :figure="x" />', x=[1])
    assert "…" in picture.text
    assert picture.text.endswith(
        "The last state of an app: Plot3D shown in the live app only; … where a value is made by JavaScript."
    )
    assert "[1]" not in drawn('<p v-if="x.some(y => y)">perhaps</p>', x=[1]).text
    assert "perhaps" not in drawn('<p v-if="x.some(y => y)">perhaps</p>', x=[1]).text


def test_large_state_is_left_out_and_it_says_so() -> None:
    picture = drawn(
        "<p>{{ small }}</p><p>{{ large }}</p><p>{{ small }}</p>", 1000, small="x", large="y" * 5000
    )
    assert "y" * 10 not in picture.html
    assert picture.text.startswith("App\nx\n…\nx\n")
    assert (
        "1 of its parts left out, since a picture has at most 1,000 bytes, which snapshot_max_size allows"
        in picture.text
    )
    assert len(picture.html) < 3000


def test_parts_around_others_are_counted_once() -> None:
    inner = "<JtExpander title='a'>" * 20 + "<p>{{ x }}</p>" + "</JtExpander>" * 20
    assert "x" * 3000 in drawn(inner, 20_000, x="x" * 3000).html


def test_a_long_loop_is_cut() -> None:
    picture = drawn('<p v-for="i in 100000">{{ i }}</p>', 1 << 20)
    assert picture.text.count("\n") < 600


def test_a_wrong_template_and_none_are_told_of() -> None:
    assert "The app has no picture: template" in drawn("<p>").text
    assert drawn(None).text == "App\nThe last state of an app."
