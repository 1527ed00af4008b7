"""Every rule differs, is told and is shown, and the page is what the rules say."""

from collections import Counter

import pytest

from jupyter_trame.runtime.manners import OURS, TRAMES
from tests.contract.rules import PAGE, RULES, docstrings, render, shown_by


@pytest.mark.parametrize("name", RULES)
def test_a_rule_differs(name: str) -> None:
    assert getattr(OURS, name) != getattr(TRAMES, name)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_told(name: str) -> None:
    texts = docstrings()[name]
    labels = ("True", "False", "Why") if isinstance(getattr(OURS, name), bool) else ("Value", "Why")
    assert tuple(texts) == labels
    assert all(text and "|" not in text for text in texts.values())


def test_every_rule_is_shown_by_one_test() -> None:
    assert Counter(name for name, _ in shown_by()) == Counter(RULES)


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    assert page == render(page), "run python -m tests.contract.rules"
