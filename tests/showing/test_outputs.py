"""What an output shows of any object: as the notebook would."""

import base64
from typing import Any

import IPython.display
import numpy as np
import pandas as pd
import pytest

from jupyter_trame.showing.kinds import SHOWN
from jupyter_trame.showing.outputs import shown

PNG = b"\x89PNG\r\n\x1a\nrest"


class Rich:
    """Says of itself what a test gives it."""

    def __init__(self, **reprs: Any) -> None:
        for name, content in reprs.items():
            setattr(self, f"_repr_{name}_", lambda content=content: content)


def kind(value: Any) -> str:
    found = shown(value)
    assert isinstance(found, dict)
    return str(found[SHOWN])


def test_nothing_and_text_are_themselves() -> None:
    assert shown(None) is None
    assert shown("a <b>") == "a <b>"
    made = {SHOWN: "text", "text": "x"}
    assert shown(made) is made


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        ([1, "a"], "[1, 'a']"),
        ({"a": 1}, "{'a': 1}"),
        (np.arange(2), "array([0, 1])"),
        (b"a", "b'a'"),
    ],
)
def test_plain_values_are_their_text(value: Any, text: str) -> None:
    assert shown(value) == {SHOWN: "text", "text": text}


def test_bytes_of_a_picture_are_one() -> None:
    for data in (PNG, bytearray(PNG), memoryview(PNG), b"\xff\xd8\xffrest", b"<svg/>"):
        assert shown(data) == {SHOWN: "picture", "data": bytes(data)}


def test_the_best_form_is_shown() -> None:
    assert kind(Rich(html="<b>a</b>", png=PNG)) == "html"
    assert kind(Rich(markdown="*a*", latex="$a$")) == "markdown"
    assert kind(Rich(svg="<svg/>", png=PNG)) == "picture"
    assert shown(Rich(html=None, png=PNG))["data"] == PNG
    assert shown(Rich(png=base64.b64encode(PNG).decode()))["data"] == PNG
    assert kind(Rich()) == "text"


def test_bundles_with_and_without_metadata() -> None:
    class Bundled:
        def __init__(self, bundle: Any) -> None:
            self.bundle = bundle

        def _repr_mimebundle_(self) -> Any:
            return self.bundle

    assert shown(Bundled({"text/html": "<b>"})) == {SHOWN: "html", "html": "<b>"}
    assert shown(Bundled(({"image/png": (PNG, {"width": 1})}, {})))["data"] == PNG
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "a slider"}
    assert shown(Bundled(view)) == {SHOWN: "widget", "model": "m"}


def test_html_with_code_is_a_page() -> None:
    for html in (
        "<script>1</script>",
        "<!doctype html><p>a",
        "<p>a</p>\n<IFRAME srcdoc='a'></iframe>",
        "<html></html>",
    ):
        assert kind(Rich(html=html)) == "page"
    assert kind(Rich(html="<p onclick='a()'>script</p>")) == "html"


def test_latex_is_between_dollars() -> None:
    assert shown(IPython.display.Latex("$a$")) == {SHOWN: "markdown", "source": "$a$"}
    assert shown(Rich(latex="a^2")) == {SHOWN: "markdown", "source": "$$a^2$$"}


def test_a_table_is_what_the_notebook_shows() -> None:
    found = shown(pd.DataFrame({"a": ["<b>x</b>"]}))
    assert found[SHOWN] == "html"
    assert "&lt;b&gt;x" in found["html"]
    assert kind(pd.Series([1], name="n")) == "html"


def test_a_class_is_not_its_instances() -> None:
    assert kind(pd.DataFrame) == "text"


def test_who_makes_up_every_attribute_is_no_picture() -> None:
    class MakesUp:
        def __getattr__(self, name: str) -> Any:
            return lambda: "<b>made up</b>"

        def __repr__(self) -> str:
            return "made up"

    assert shown(MakesUp()) == {SHOWN: "text", "text": "made up"}


def test_what_a_method_raises_is_raised() -> None:
    class Fails:
        def _repr_html_(self) -> str:
            raise ZeroDivisionError("no")

    with pytest.raises(ZeroDivisionError):
        shown(Fails())
