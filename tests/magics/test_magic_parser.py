"""The lines of the magics, read."""

import pytest
from IPython.core.error import UsageError

from jupyter_trame.magics import magic_parser
from jupyter_trame.magics.magic_parser import COMMANDS, help_of, parse_cell, parse_line


def read(line: str) -> dict[str, object]:
    options = parse_line(line)
    assert not isinstance(options, str)
    return vars(options)


def test_commands_and_their_arguments() -> None:
    assert read("list") == {"command": "list"}
    assert read("open clock") == {"command": "open", "app": "clock", "where": "tab"}
    assert read("open 'two words' right") == {"command": "open", "app": "two words", "where": "right"}
    assert read("doctor") == {"command": "doctor", "app": None}
    assert read("run app.py --port 1 -h 'a b'") == {
        "command": "run",
        "file": "app.py",
        "args": ["--port", "1", "-h", "a b"],
    }


def test_a_server_may_be_called_help() -> None:
    options = parse_cell("help")
    assert not isinstance(options, str)
    assert options.name == "help"


def test_cells() -> None:
    options = parse_cell("clock --title 'My clock'")
    assert not isinstance(options, str)
    assert vars(options) == {"name": "clock", "template": "main", "title": "My clock"}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    printed = parse_line(f"{command} --help")
    assert isinstance(printed, str)
    assert printed.lstrip().startswith(f"%trame {command}")
    assert parse_line(f"help {command}") == printed
    assert printed in help_of(command)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("opne x", "is 'open' meant\\? %trame has no command 'opne', but list, open"),
        ("something", "^%trame has no command 'something', but list"),
        ("help opne", "is 'open' meant"),
        ("list more", "unrecognized arguments: more"),
        ("stop", "required: NAME"),
        ("run", "required: FILE$"),
        ("stop 'x", "close the quotes in"),
    ],
)
def test_what_is_wrong(line: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_line(line)


def test_places_are_those_of_servers() -> None:
    assert magic_parser.PLACES == ("tab", "right", "split", "window")
