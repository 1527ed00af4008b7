"""Every section has its tests, and the page is what the tests say."""

from tests.contract.facts import PAGE, SECTIONS, collect, render


def test_every_section_has_a_fact() -> None:
    assert {found.section for found in collect()} == set(SECTIONS)


def test_no_fact_is_told_twice() -> None:
    texts = [(found.section, found.text, found.test) for found in collect()]
    assert len(texts) == len(set(texts))


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == render(), "run python -m tests.contract.facts"
