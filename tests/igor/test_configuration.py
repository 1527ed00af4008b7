"""What a configuration may say, and how it is told that it says something else."""

import logging
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.igor.configuration import CONFIG, Options, read_options, whole_config


def options(config: Any = None, **more: Any) -> Options:
    rest: dict[str, Any] = {"name": None, "grace": 10.0, "max_message_size": 1, "allow_reclaim": "token"}
    return read_options(whole_config(config), **{**rest, **more})


def test_without_one() -> None:
    found = options()
    assert (found.host, found.port, found.name) == ("localhost", 5678, "5678")
    assert (found.files, found.open_reclaim) == (None, False)
    assert (found.log_level, found.log_file) == (logging.ERROR, "igor_error.log")


def test_what_is_left_out_is_the_default() -> None:
    config = {"logging": {"level": "DEBUG"}, "port": 1}
    whole = whole_config(config)
    assert whole["logging"] == {"level": "DEBUG", "file_name": "igor_error.log"}
    assert config == {"logging": {"level": "DEBUG"}, "port": 1}
    assert options(config).log_level == logging.DEBUG


def test_the_module_dictionary_counts_when_a_server_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONFIG, "port", 5000)
    assert options().port == 5000
    assert options({}).port == 5678


def test_both_switches_of_the_file_server(tmp_path: Path) -> None:
    files: dict[str, Any] = {"root_directory": str(tmp_path)}
    for config in (
        {"file_server": True, "file_server_config": files},
        {"file_server_config": {**files, "enable": True}},
    ):
        found = options(config).files
        assert found is not None
        assert (found.root, found.port, found.writable) == (tmp_path.resolve(), 8080, False)
    assert options({"file_server_config": files}).files is None


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ([], "config is a dict, not list"),
        ({"prot": 1}, "config has no prot"),
        ({"port": "80"}, "is int, not '80'"),
        ({"port": True}, "is int, not True"),
        ({"port": 70000}, "0 to 65535, not 70000"),
        ({"max_clients": 0}, "more than 0, not 0"),
        ({"max_clients": None}, "is int, not None"),
        ({"host": None}, "is str, not None"),
        ({"origins": "http://a"}, "is a list of texts"),
        ({"origins": [1]}, r"\['origins'\] is a list of texts, and holds 1"),
        ({"logging": {"level": "LOUD"}}, "not 'LOUD'"),
        ({"logging": None}, "is a dict, not NoneType"),
        ({"file_server_config": {"enabled": True}}, "has no enabled"),
    ],
)
def test_mistakes(config: Any, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        options(config)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"max_size": -1}, r"\['max_size'\] is bytes, 0 or more, not -1"),
        ({"max_size": "1"}, r"\['max_size'\] is int, not '1'"),
        ({"writable": 1}, r"\['writable'\] is bool, not 1"),
        ({"origins": "http://a"}, r"\['origins'\] is a list of texts"),
        ({"port": -1}, r"\['port'\] is a port"),
    ],
)
def test_mistakes_of_the_file_server(files: dict[str, Any], says: str, tmp_path: Path) -> None:
    whole = {"enable": True, "root_directory": tmp_path, **files}
    with pytest.raises((TypeError, ValueError), match=r"^config\['file_server_config'\]" + says):
        options({"file_server_config": whole})


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": ".."},
        {"grace": -1},
        {"grace": float("nan")},
        {"grace": "10"},
        {"max_message_size": 0},
        {"max_message_size": "1"},
        {"allow_reclaim": "always"},
    ],
)
def test_mistakes_of_the_constructor(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        options(**wrong)
