"""Which app is meant."""

import re

import pytest

from jupyter_trame.command_line.app_choice import (
    SeveralAppsError,
    choose_running,
    listed,
    picked,
    reference,
    registered_named,
    unknown,
)
from jupyter_trame.command_line.rest_client import RegisteredEntry, RunningEntry

CLOCK = RunningEntry("3f2a6c01-aaaa", "clock", "clock")
OTHER_CLOCK = RunningEntry("3f9b0000-bbbb", "clock", "clock")
MAP = RunningEntry("3f2a6c01-aaaa", "sea-level", "Sea level")
CONFUSING = RunningEntry("77777777-cccc", "other", "sea-level")
ALL = [CLOCK, OTHER_CLOCK, MAP, CONFUSING]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Sea level", MAP),
        ("sea-level", CONFUSING),
        ("other", CONFUSING),
        ("3f2a/sea-level", MAP),
        ("3f2a/clock", CLOCK),
        ("3f2a6c01-aaaa/clock", CLOCK),
        ("3f9b/clock", OTHER_CLOCK),
        ("8/clock", None),
        ("/clock", None),
        ("cloc", None),
        ("", None),
    ],
)
def test_a_name_means_one_app(wanted: str, found: RunningEntry | None) -> None:
    assert choose_running(wanted, ALL) is found


@pytest.mark.parametrize("wanted", ["clock", "3f/clock"])
def test_several_of_a_name_are_told(wanted: str) -> None:
    with pytest.raises(SeveralAppsError) as caught:
        choose_running(wanted, ALL)
    assert caught.value.found == [CLOCK, OTHER_CLOCK]
    assert str(caught.value) == (
        f"say which app {wanted!r} is meant, with the kernel that it runs in: 3f2a6c01/clock, 3f9b0000/clock"
    )


def test_one_of_several_is_picked_by_its_number() -> None:
    several = SeveralAppsError("clock", [CLOCK, OTHER_CLOCK])
    assert listed(several).splitlines()[1:] == ["  1  3f2a6c01/clock  ", "  2  3f9b0000/clock  "]
    assert picked(several, " 2\n") is OTHER_CLOCK
    for answer in ("", "0", "3", "-1", "two"):
        with pytest.raises(SeveralAppsError):
            picked(several, answer)


def test_a_reference_means_its_app() -> None:
    beside = RunningEntry(MAP.kernel_id, "sea-level-2", "sea-level")
    for entry in [*ALL, beside]:
        assert choose_running(reference(entry), [*ALL, beside]) is entry
    of_a_prompt = RunningEntry("", "clock", "clock")
    assert choose_running(reference(of_a_prompt), [of_a_prompt]) is of_a_prompt


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    registered = [RegisteredEntry("demo")]
    assert str(unknown("clok", ALL)) == "is 'clock' meant? no app is called 'clok'"
    assert str(unknown("3f2a/clok", ALL)) == "is 'clock' meant? no app is called '3f2a/clok'"
    assert str(unknown("dmeo", [], registered)) == "is 'demo' meant? no app is called 'dmeo'"
    assert re.fullmatch(r"no app is called 'x'; there: clock, .*, demo", str(unknown("x", ALL, registered)))
    assert str(unknown("x", [])) == "no app is called 'x'; none runs"


def test_registered_apps_are_found_by_their_names() -> None:
    demo = RegisteredEntry("demo", "Demo")
    assert registered_named("demo", [demo]) is demo
    assert registered_named("Demo", [demo]) is None
