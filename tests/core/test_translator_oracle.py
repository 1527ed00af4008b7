"""Random translations, names and expressions give the same as with trame-server's translator.

Left out, because there we differ on purpose:

* ``on_error``, ``on_exception`` and ``on_client_unmounted`` are reserved here: under a prefix theirs are never called.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from trame_server.utils.namespace import Translator as PeerTranslator
from trame_server.utils.namespace import is_name_reserved as peer_is_name_reserved

from jupyter_trame.core.translator import RESERVED_NAMES, Translator, is_name_reserved
from tests.support.properties import examples

HERE_ALONE = {"on_error", "on_exception", "on_client_unmounted"}
SHARED = sorted(RESERVED_NAMES - HERE_ALONE)
NAMES = ("a", "b", "ab", "p_a", "p_p_a", "", "trame__a", "p_trame__a", "_x", "c", *SHARED)

names = st.sampled_from(NAMES)
prefixes = st.sampled_from(["p_", "", None, "a"])
pieces = st.sampled_from(
    [*NAMES, *"'\":;(){}[] .,!`\n+*/-|&?=<>%^@~$\t", "{{", "}}", "a.b", "a=1", "a = b", "'a'", "${a}", "\\"]
)
texts = st.lists(pieces, max_size=12).map("".join)


class Names:
    """A state, as far as a translator looks at it."""

    def __init__(self, known: set[str]) -> None:
        self.known = known

    def has(self, key: str) -> bool:
        return key in self.known


class Machine(RuleBasedStateMachine):
    @initialize(prefix=prefixes)
    def start(self, prefix: str | None) -> None:
        self.both: tuple[Any, Any] = (Translator(prefix), PeerTranslator(prefix))

    @rule(prefix=prefixes)
    def set_prefix(self, prefix: str | None) -> None:
        for translator in self.both:
            translator.set_prefix(prefix)

    @rule(key=names, other=names)
    def add_translation(self, key: str, other: str) -> None:
        for translator in self.both:
            translator.add_translation(key, other)

    @rule(keys=st.lists(names, max_size=4))
    def lists(self, keys: list[str]) -> None:
        self.agree(lambda translator: translator.translate_list(keys))
        self.agree(lambda translator: translator.reverse_translate_list(keys))

    @rule(values=st.dictionaries(names, st.integers(0, 3), max_size=6))
    def dicts(self, values: dict[str, int]) -> None:
        self.agree(lambda translator: list(translator.translate_dict(values).items()))
        self.agree(lambda translator: list(translator.reverse_translate_dict(values).items()))

    @rule(text=texts, known=st.sets(names))
    def expressions(self, text: str, known: set[str]) -> None:
        self.agree(lambda translator: translator.translate_js_expression(Names(known), text))
        self.agree(lambda translator: translator.translate_vue_templating(Names(known), text))

    @invariant()
    def they_agree(self) -> None:
        for name in NAMES:
            self.agree(lambda translator, name=name: translator(name))
            self.agree(lambda translator, name=name: translator.translate_key(name))
            self.agree(lambda translator, name=name: translator.reverse_translate_key(name))

    def agree(self, ask: Any) -> None:
        ours, theirs = (ask(translator) for translator in self.both)
        assert ours == theirs


class TestOracle(Machine.TestCase):  # type: ignore[valid-type]
    settings = settings(examples(0.75), stateful_step_count=20)


def test_reserved_names() -> None:
    for name in NAMES:
        assert is_name_reserved(name) == peer_is_name_reserved(name)


# The difference that is left out above


def test_three_more_names_are_reserved_here() -> None:
    for name in HERE_ALONE:
        assert is_name_reserved(name)
        assert not peer_is_name_reserved(name)
