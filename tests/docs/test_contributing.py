"""CONTRIBUTING has a line for each target of the Makefile, and a sentence for each word."""

import re

from tests.docs.pages import ROOT, first_column, section

CONTRIBUTING = ROOT / "CONTRIBUTING.md"


def test_targets_are_those_of_make() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    helped = set(re.findall(r"^([a-z][a-z0-9-]*):.*## ", text, re.MULTILINE))
    phony = set(re.findall(r"[a-z][a-z0-9-]*", text.partition(".PHONY:")[2].partition("\n\n")[0]))
    told = {
        name.removeprefix("make ") for row in first_column(section(CONTRIBUTING, "Targets")) for name in row
    }
    assert helped == phony - {"chromium", "nginx"}, "a target has its sentence behind ##"
    assert told == helped - {"help"}


def test_each_word_has_one_sentence() -> None:
    rows = re.findall(r"^\| ([A-Za-z ]+) \| (.+) \|$", section(CONTRIBUTING, "Words"), re.MULTILINE)
    words = [word for word, _ in rows if word != "word"]
    assert len(words) == len(set(words)) > 20
    long = [word for word, sentence in rows if word in words and (sentence[-1] != "." or ". " in sentence)]
    assert not long, f"{long}: one sentence each"
