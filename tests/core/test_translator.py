"""Names of child servers."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server.utils.namespace import Translator as PeerTranslator

from jupyter_trame.core.state import State
from jupyter_trame.core.translator import RESERVED_NAMES, Translator, is_name_reserved

words = st.text(alphabet=string.ascii_letters + "_", min_size=1, max_size=6)
source = st.lists(
    st.sampled_from([*"{}[]()'\":;,.!`+*/-|&? \n\t=<>%^@~$", "{{", "}}", "a", "b", "c_a", "foo"]), max_size=25
).map("".join)


class Keys:
    """A state that holds these keys."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def has(self, key: str, /) -> bool:
        return key in self.keys


def test_without_a_prefix_nothing_is_translated() -> None:
    translator = Translator()
    assert not translator.active
    assert translator("a") == translator.translate_key("a") == translator.reverse_translate_key("a") == "a"
    assert translator.translate_js_expression(Keys("a"), "a") == "a"
    assert translator.translate_vue_templating(Keys("a"), "{{ a }}") == "{{ a }}"


def test_prefix() -> None:
    translator = Translator("c_")
    assert translator.active
    assert translator("a") == "c_a"
    assert translator.translate_list(["a", "b"]) == ["c_a", "c_b"]
    assert translator.translate_dict({"a": 1}) == {"c_a": 1}
    assert translator.reverse_translate_list(["c_a", "b"]) == ["a", "b"]
    assert translator.reverse_translate_key("c_c_a") == "c_a"


def test_set_prefix() -> None:
    translator = Translator("c_")
    translator.set_prefix(None)
    assert translator("a") == "a"
    assert not translator.active
    translator.set_prefix("d_")
    assert translator("a") == "d_a"


@pytest.mark.parametrize("name", ["trame__busy", *sorted(RESERVED_NAMES)])
def test_reserved_names_are_never_translated(name: str) -> None:
    translator = Translator("c_")
    translator.add_translation(name, "other")
    assert is_name_reserved(name)
    assert translator(name) == name
    assert translator.reverse_translate_key(name) == name


@pytest.mark.parametrize("name", ["on_server", "on_errors", "tramex"])
def test_other_names_are_not_reserved(name: str) -> None:
    assert not is_name_reserved(name)


def test_an_explicit_translation_beats_the_prefix() -> None:
    translator = Translator("c_")
    translator.add_translation("q", "z")
    assert translator("q") == "z"
    assert translator.reverse_translate_key("z") == "q"
    translator.add_translation("q", "y")
    assert translator("q") == "y"


def test_a_subclass_is_always_asked() -> None:
    class Upper(Translator):
        def translate_key(self, key: str) -> str:
            return key.upper()

    state = State(translator=Upper(), ready=True)
    state.a = 1
    assert state.to_dict() == {"A": 1}


def test_reverse_translate_dict_keeps_what_translates_back() -> None:
    translator = Translator("c_")
    translator.add_translation("q", "z")
    values = {"z": 1, "c_a": 2, "b": 3, "trame__x": 4, "c_q": 5, "c_": 6, "q": 7}
    assert translator.reverse_translate_dict(values) == {"q": 1, "a": 2, "trame__x": 4, "": 6}


@pytest.mark.parametrize(
    ("expression", "translated"),
    [
        ("a + b", "c_a + b"),
        ("obj.a", "obj.c_a"),
        ("'a'", "'c_a'"),
        ("a=1", "a=1"),
        ("a<b", "a<b"),
        ("a = 1", "c_a = 1"),
        ("[a,a]", "[c_a,c_a]"),
        ("ab", "ab"),
        ("", ""),
    ],
)
def test_js_expression(expression: str, translated: str) -> None:
    assert Translator("c_").translate_js_expression(Keys("a", ""), expression) == translated


def test_only_expressions_in_braces_of_a_template_are_translated() -> None:
    translated = Translator("c_").translate_vue_templating(Keys("a"), "a {{ a }} a {{a}}")
    assert translated == "a {{ c_a }} a {{c_a}}"


def test_names_are_checked_in_the_state_of_the_child() -> None:
    child = State(translator=Translator("c_"))
    assert child.translator.translate_js_expression(child, "a") == "a"
    child.a = 1
    assert child.translator.translate_js_expression(child, "a") == "c_a"


@given(words, words)
def test_reverse_undoes_translate(prefix: str, name: str) -> None:
    translator = Translator(prefix)
    assert translator.reverse_translate_key(translator.translate_key(name)) == name


@given(source, st.dictionaries(words, words, max_size=2))
def test_expressions_as_trame_server_translates_them(text: str, explicit: dict[str, str]) -> None:
    ours, peer = Translator("c_"), PeerTranslator("c_")
    for key, value in explicit.items():
        ours.add_translation(key, value)
        peer.add_translation(key, value)
    keys = Keys("a", "foo", "c_a", *explicit)
    assert ours.translate_js_expression(keys, text) == peer.translate_js_expression(keys, text)
    assert ours.translate_vue_templating(keys, text) == peer.translate_vue_templating(keys, text)


@given(st.none() | words, st.lists(st.tuples(words, words), max_size=4), st.lists(words, max_size=6))
def test_names_as_trame_server_translates_them(
    prefix: str | None, explicit: list[tuple[str, str]], names: list[str]
) -> None:
    ours, peer = Translator(prefix), PeerTranslator(prefix)
    for key, value in explicit:
        ours.add_translation(key, value)
        peer.add_translation(key, value)
    names += [value for _, value in explicit] + [f"{prefix}{name}" for name in names]
    assert ours.translate_list(names) == peer.translate_list(names)
    assert ours.reverse_translate_list(names) == peer.reverse_translate_list(names)
    values = dict.fromkeys(names, 1)
    assert ours.translate_dict(values) == peer.translate_dict(values)
    assert ours.reverse_translate_dict(values) == peer.reverse_translate_dict(values)
