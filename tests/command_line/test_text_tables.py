"""Tables of apps."""

import re

from jupyter_trame.command_line.rest_client import RegisteredEntry, RunningEntry
from jupyter_trame.command_line.text_tables import columns, registered_table, running_table

CLOCK = RunningEntry(
    "3f2a6c01-aaaa",
    "clock",
    "clock",
    "A clock",
    path="work/clock.ipynb",
    owner="notebook",
    viewers=2,
    started="2026-11-30T22:10:00+00:00",
    kernel_state="idle",
)


def test_an_app_is_a_line() -> None:
    heading, line = running_table([CLOCK]).splitlines()
    assert heading.startswith("NAME ")
    pattern = r"clock +A clock +work/clock\.ipynb +2 +\d{4}-\d\d-\d\d \d\d:\d\d +idle +3f2a6c01/clock"
    assert re.fullmatch(pattern, line)


def test_what_is_not_known_is_left_out() -> None:
    _, line = running_table([RunningEntry("3f2a", "x", owner="launcher", started="yesterday")]).splitlines()
    assert line.split("  ")[0] == ""
    assert "kernel of its own" in line
    assert "yesterday" not in line


def test_no_app_is_told() -> None:
    assert running_table([]) == "no app runs"
    assert registered_table([]) == ""


def test_registered_apps_say_what_they_lack() -> None:
    table = registered_table(
        [
            RegisteredEntry("demo", "Demo", "Cars"),
            RegisteredEntry("bad", "Bad", "", "there is no module bad", install="pip install bad"),
            RegisteredEntry("worse", "Worse", error="there is no module worse"),
        ]
    )
    lines = [re.split(r"  +", line) for line in table.splitlines()]
    assert lines[1:] == [
        ["demo", "Demo", "Cars"],
        ["bad", "Bad", "pip install bad"],
        ["worse", "Worse", "there is no module worse"],
    ]


def test_what_others_wrote_forges_no_lines() -> None:
    assert columns(["A"], [["one\ntwo\x1b[31m"]]) == "A\none\\ntwo\\x1b[31m"
