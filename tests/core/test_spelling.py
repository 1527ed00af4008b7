"""Slips in names."""

import pytest

from jupyter_trame.core.spelling import argument_meant, nearest


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("cuont", "count"),
        ("resoluton", "resolution"),
        ("resolutino", "resolution"),
        ("reslutoin", "resolution"),
        ("Count", "count"),
        ("active_tab", "activeTab"),
        ("items", "item"),
    ],
)
def test_nearest_forgives_slips(name: str, near: str) -> None:
    assert nearest(name, ["resolution", "count", "amount", "activeTab", "item"]) == near


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("k_1", ["k_2", "k", "k_10"]),
        ("a", ["b", "ab"]),
        ("go", ["no"]),
        ("count", ["count", "account_count"]),
        ("speed", ["count"]),
        ("xabcdefghijklmnopqrstuvwxyzabcdefghx", ["yabcdefghijklmnopqrstuvwxyzabcdefghy"]),
        ("anything", []),
    ],
)
def test_nearest_makes_up_nothing(name: str, known: list[str]) -> None:
    assert nearest(name, known) is None


def test_nearest_takes_the_smallest_slip() -> None:
    assert nearest("colour", ["colouring", "dolor", "color", "Colour"]) == "Colour"
    assert nearest("colour", ["dolor", "color"]) == "color"


def test_an_argument_may_be_an_event_without_on() -> None:
    known = ["click", "on_change"]
    given = ("onclick", "on_click", "v_on_click", "clik", "onchange", "title")
    assert [argument_meant(name, known) for name in given] == [*["click"] * 4, "on_change", None]
