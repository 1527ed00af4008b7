"""Which Jupyter server is meant, by the files that servers leave."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.command_line.jupyter_servers import (
    JupyterServer,
    NoJupyterServerError,
    find_server,
    server_of_kernel,
)

Leave = Callable[..., None]
VARIABLES = (
    "JUPYTER_TOKEN",
    "JUPYTER_SERVER_URL",
    "JUPYTERHUB_API_TOKEN",
    "JUPYTERHUB_HOST",
    "JUPYTERHUB_PUBLIC_URL",
    "JUPYTERHUB_SERVICE_PREFIX",
    "JPY_PARENT_PID",
)


@pytest.fixture
def leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Leave:
    """Leaves the file of a server, which counts as running: its process is the one of the test."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def leave(name: str = "1", **info: Any) -> None:
        known = {"url": "http://localhost:8888/", "token": "abc", "root_dir": "/work", "pid": os.getpid()}
        (tmp_path / f"jpserver-{name}.json").write_text(json.dumps({**known, **info}))

    return leave


def test_the_one_that_runs_is_meant(leave: Leave) -> None:
    leave()
    assert find_server() == JupyterServer("http://localhost:8888/", "abc", Path("/work"))
    assert find_server(token="other").token == "other"


@pytest.fixture
def hub(leave: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a server that a hub has started."""
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-the-hub")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/a/")


@pytest.mark.usefixtures("hub")
def test_the_token_of_a_hub_is_good_for_its_server_alone(leave: Leave) -> None:
    leave("1", url="http://127.0.0.1:8888/user/a/", token="")
    assert find_server().token == "of-the-hub"
    leave("2", url="http://127.0.0.1:9999/", token="")
    assert find_server("http://127.0.0.1:9999/").token == ""
    assert find_server("https://elsewhere.example/user/a/").token == ""


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("variables", "page_url"),
    [
        ({"JUPYTERHUB_PUBLIC_URL": "https://hub.example/user/a/"}, "https://hub.example/user/a/"),
        ({"JUPYTERHUB_HOST": "https://a.hub.example"}, "https://a.hub.example/user/a/"),
        ({}, "/user/a/"),
    ],
)
def test_the_pages_of_a_hubs_server_are_below_the_hub_and_have_no_token(
    leave: Leave, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], page_url: str
) -> None:
    leave(url="http://127.0.0.1:8888/user/a/", token="")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for given in (None, "given"):
        assert (find_server(token=given).page_url, find_server(token=given).page_token) == (page_url, "")
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN")
    assert find_server(token="given").page_token == "given"


def test_a_token_of_the_environment_comes_before_that_of_the_server(
    leave: Leave, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave()
    monkeypatch.setenv("JUPYTER_TOKEN", "of-the-user")
    assert find_server().token == "of-the-user"
    assert find_server(token="given").token == "given"


def test_an_address_that_is_known_has_its_token(leave: Leave) -> None:
    leave("1")
    leave("2", url="http://localhost:9999/base/", token="def", root_dir="/other")
    assert find_server("http://localhost:9999/base").token == "def"
    assert find_server("https://elsewhere.example/user/x") == JupyterServer(
        "https://elsewhere.example/user/x/"
    )


def test_several_are_named(leave: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    leave("1")
    leave("2", url="http://localhost:9999/")
    with pytest.raises(
        NoJupyterServerError, match=r"say with --url .*localhost:8888/, .*localhost:9999/|9999.*8888"
    ):
        find_server()
    monkeypatch.setenv("JUPYTER_SERVER_URL", "http://localhost:9999/")
    assert find_server().url == "http://localhost:9999/"


def test_none_says_how_to_start_one(leave: Leave) -> None:
    with pytest.raises(NoJupyterServerError, match="start one with `jupyter lab`"):
        find_server()


def test_one_that_died_is_none(leave: Leave, tmp_path: Path) -> None:
    leave(pid=2**22 + 1)
    with pytest.raises(NoJupyterServerError, match="no Jupyter server runs here"):
        find_server()


def test_a_unix_socket_is_told(leave: Leave) -> None:
    leave(url="http+unix://%2Ftmp%2Fsock")
    with pytest.raises(NoJupyterServerError, match="Unix socket"):
        find_server()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:8888", "not 'localhost:8888'"),
        ("file:///etc/passwd", "such as http://localhost:8888/"),
        ("http://localhost:8888/?token=secret", "its token is given by --token"),
        ("http://me:secret@localhost:8888/", "without a user and a password; the token"),
        ("http://localhost:port/", "--url is no address of a Jupyter server: "),
        ("http://[::1/", "--url is no address of a Jupyter server: "),
        ("http:///lab", "--url names no host"),
    ],
)
def test_what_is_no_address_is_refused(leave: Leave, url: str, words: str) -> None:
    with pytest.raises(NoJupyterServerError, match=words) as caught:
        find_server(url)
    assert "secret" not in str(caught.value)


def test_what_people_write_into_a_path_is_an_address(leave: Leave) -> None:
    leave(url="http://localhost:8888/my lab \xe9/")
    url = "http://localhost:8888/my%20lab%20%C3%A9/"
    assert find_server().url == find_server("http://localhost:8888/my lab \xe9").url == url
    assert find_server(url) == find_server()
    assert find_server("http://[::1]:8888/a%2Fb").url == "http://[::1]:8888/a%2Fb/"


@pytest.mark.parametrize("token", ["a\nb", "\u20ac", "a\x00"])
def test_what_is_no_token_is_refused(leave: Leave, token: str) -> None:
    leave()
    with pytest.raises(NoJupyterServerError, match="a token is one line of ASCII") as caught:
        find_server(token=token)
    assert token not in str(caught.value)


def test_a_file_of_a_server_says_nothing_to_the_terminal(leave: Leave) -> None:
    leave("1")
    leave("2", url="http://localhost:9999/\x1b[31m")
    leave("3", url="http://localhost\x1b[31m/")
    with pytest.raises(NoJupyterServerError, match="say with --url") as caught:
        find_server()
    assert str(caught.value).isprintable()


def test_a_kernel_knows_who_has_started_it(leave: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    leave("77", url="http://localhost:8888/user/a/", token="")
    monkeypatch.setenv("JPY_PARENT_PID", "77")
    assert server_of_kernel().token == ""
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-the-hub")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/a/")
    assert server_of_kernel() == JupyterServer(
        "http://localhost:8888/user/a/", "of-the-hub", Path("/work"), "/user/a/"
    )


def test_a_kernel_without_a_jupyter_server_says_so(leave: Leave, tmp_path: Path) -> None:
    leave("88")
    (tmp_path / f"jpserver-{os.getppid()}.json").write_text("{")
    with pytest.raises(NoJupyterServerError, match="only its own apps are known here"):
        server_of_kernel()


def test_a_token_is_not_shown() -> None:
    assert "abc" not in repr(JupyterServer("http://x/", "abc"))
