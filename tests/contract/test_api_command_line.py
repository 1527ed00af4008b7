"""The command line and the environment of a program."""

import argparse
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.runtime import settings
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.manners import manners_of
from jupyter_trame.types import Compat
from tests.contract.facts import fact
from tests.contract.peers import OURS, Peer, both, live
from tests.contract.rules import rule

FLAGS = [
    (["--server"], "server", True, False),
    (["--banner"], "banner", True, False),
    (["--app"], "app", True, False),
    (["--no-http"], "no_http", True, False),
    (["--authKeyFile", "f"], "authKeyFile", "f", None),
    (["--hot-reload"], "hot_reload", True, False),
    (["--trame-args", "x"], "trame_args", "x", None),
    (["--follow-symlinks"], "static_follow_symlinks", True, False),
    (["--debug"], "debug", True, False),
    (["--nosignalhandlers"], "nosignalhandlers", True, False),
    (["--host", "h"], "host", "h", "localhost"),
    (["-p", "1"], "port", 1, 8080),
    (["--port", "1"], "port", 1, 8080),
    (["--timeout", "1"], "timeout", 1, 300),
    (["--content", "c"], "content", "c", None),
    (["--authKey", "k"], "authKey", "k", "wslink-secret"),
    (["--ws-endpoint", "e"], "ws", "e", "ws"),
    (["--no-ws-endpoint"], "nows", True, False),
    (["--no-ws-compress"], "nowscompress", True, False),
    (["--fs-endpoints", "a=/p|b=/q"], "fsEndpoints", "a=/p|b=/q", ""),
    (["--reverse-url", "u"], "reverse_url", "u", None),
    (["--ssl", "adhoc"], "ssl", "adhoc", ""),
]


@pytest.mark.parametrize(("argv", "name", "value", "default"), FLAGS, ids=lambda value: str(value))
@fact(
    "api 2.1", "`--server --banner --app --no-http --authKeyFile --hot-reload --trame-args --follow-symlinks`"
)
@fact(
    "api 2.1",
    "`--debug --nosignalhandlers --host -p/--port --timeout --content --authKey --ws-endpoint --no-ws-endpoint "
    "--no-ws-compress --fs-endpoints --reverse-url --ssl`, with wslink's names and defaults",
)
@both
def test_flags(peer: Peer, argv: list[str], name: str, value: Any, default: Any) -> None:
    cli = peer.server().cli
    assert getattr(cli.parse_known_args(argv)[0], name) == value
    assert (getattr(cli.parse_known_args([])[0], name) or None) == (default or None)


@fact("api 2.1", "the parser knows no abbreviations")
@both
def test_no_abbreviations(peer: Peer) -> None:
    arguments, unknown = peer.server().cli.parse_known_args(["--deb"])
    assert (arguments.debug, unknown) == (False, ["--deb"])


@fact("api 2.1", "the parser describes itself as `Kitware trame`")
@both
def test_description(peer: Peer) -> None:
    assert peer.server().cli.description == "Kitware trame"


@fact("api 2.1", "without arguments of its own `server.cli` reads those that count, as the server does")
@both
def test_the_parser_of_an_app(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = peer.server().cli
    monkeypatch.setattr("sys.argv", ["app.py", "--port", "1", "--own"])
    assert cli.parse_known_args()[0].port == 8080  # a test run is not the app
    monkeypatch.delitem(sys.modules, "pytest")
    arguments, unknown = cli.parse_known_args()
    assert (arguments.port, unknown) == (1, ["--own"])
    monkeypatch.setattr("sys.argv", ["app.py", "--port", "1", "--trame-args", "--port 2"])
    assert cli.parse_known_args()[0].port == 2
    monkeypatch.setenv("TRAME_ARGS", "--port 3")
    monkeypatch.setattr("sys.argv", ["app.py", "--port", "1"])
    assert cli.parse_known_args()[0].port == 3
    assert cli.parse_args([]).port == 8080


@fact("api 2.1", "apps add arguments to `server.cli` before start; unknown ones are ignored")
@both
@pytest.mark.asyncio
async def test_own_arguments(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--data file.vtu --unknown 3")
    async with live(peer, lambda server: server.cli.add_argument("--data")) as (server, _):
        assert server.server_options.data == "file.vtu"


@pytest.mark.parametrize("given", ["file", "both", "key"])
@fact("api 2.1", "`--authKeyFile`: the stripped content is the secret, and beats `--authKey`")
@both
@pytest.mark.asyncio
async def test_secret(peer: Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str) -> None:
    (tmp_path / "key").write_text("  from-file\n")
    by_file, by_key = f"--authKeyFile {tmp_path / 'key'}", "--authKey from-line"
    arguments = {"file": by_file, "key": by_key, "both": f"{by_file} {by_key}"}[given]
    monkeypatch.setenv("TRAME_ARGS", arguments)
    async with live(peer) as (server, _):
        assert server.protocol.secret == ("from-line" if given == "key" else "from-file")


@rule("has_the_known_secret")
@fact(
    "api 2.1",
    "without `compat`, or on a host that others reach, the secret is a fresh one unless it is given",
    trame="`wslink-secret` everywhere",
)
def test_fresh_secret() -> None:
    def secret(*argv: str, compat: Compat | None) -> str:
        known = manners_of(compat).has_the_known_secret
        parser = settings.make_parser()
        return settings.read_settings(
            parser, StartRequest(), argv, {}, has_the_known_secret=known
        ).given_secret

    assert secret(compat="trame") == "wslink-secret"
    assert secret(compat=None) == ""
    assert secret("--host", "0.0.0.0", compat="trame") == ""
    assert secret("--host", "0.0.0.0", "--authKey", "k", compat=None) == "k"


@fact("api 2.1", "`--follow-symlinks` serves where links lead", trame="no effect")
def test_follow_symlinks() -> None:
    assert read("--follow-symlinks").follow_symlinks
    assert not read().follow_symlinks


@fact("api 2.1", "`--reverse-url` connects to a relay, and opens no browser")
def test_reverse_url() -> None:
    found = read("--reverse-url", "ws://relay/ws")
    assert (found.reverse_url, found.open_browser) == ("ws://relay/ws", False)


@fact("api 2.1", "`--app` is desktop mode: any free port")
def test_app() -> None:
    found = read("--app", "--port", "1")
    assert (found.desktop, found.port) == (True, 0)


@fact(
    "api 2.1", "`--fs-endpoints a=/p` names folders, `--no-ws-endpoint` opens no socket, `--ssl` serves HTTPS"
)
def test_effects() -> None:
    assert read("--fs-endpoints", "a=/p|b=/q").folders == {"a": "/p", "b": "/q"}
    assert read("--no-ws-endpoint").endpoint is None
    assert read("--ws-endpoint", "other").endpoint == "other"
    assert read("--ssl", "adhoc").ssl == "adhoc"
    assert read("--nosignalhandlers").signal_handlers is False


@fact("api 2.1", "`--banner` prints a greeting at the start")
@pytest.mark.asyncio
async def test_banner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TRAME_ARGS", "--banner")
    async with live(OURS):
        assert len(capsys.readouterr().out) > 200


@pytest.mark.parametrize(
    ("argv", "variable", "expected"),
    [
        (["--port", "1"], "", 1),
        (["--port", "1"], "--port 2", 2),
        (["--port", "1", "--trame-args", "--port 3"], "", 3),
        (["--port", "1", "--trame-args", "--port 3"], "--port 2", 3),
        (["--port", "1"], "--timeout 2", 8080),
        ([], "--port 2", 2),
    ],
)
@fact(
    "api 2.1",
    "`sys.argv` counts, unless TRAME_ARGS is set or `--trame-args` is given: then one of those alone",
)
def test_which_arguments(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], variable: str, expected: int
) -> None:
    monkeypatch.setattr("sys.argv", ["app.py", *argv])
    monkeypatch.setattr(settings, "_is_host_process", lambda _: False)
    monkeypatch.setenv("TRAME_ARGS", variable)
    assert settings.read_settings(settings.make_parser(), StartRequest()).port == expected


@fact("api 2.1", "under pytest `sys.argv` does not count")
@both
@pytest.mark.asyncio
async def test_pytest(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["app.py", "--timeout", "7"])
    async with live(peer, timeout=None) as (server, _):
        assert server.server_options.timeout == 300


@fact("api 2.1", "an explicit list of arguments, `start(args=[...])`, is taken as it is")
@pytest.mark.asyncio
async def test_explicit_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAME_ARGS", "")
    async with live(OURS, args=["--timeout", "7"], timeout=None) as (server, _):
        assert isinstance(server.server_options, argparse.Namespace)
        assert server.server_options.timeout == 7


def read(*argv: str, **environ: str) -> settings.Settings:
    return settings.read_settings(settings.make_parser(), StartRequest(), argv, environ)


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        ("TRAME_ARGS", "--port 5", lambda env: settings.default_arguments(None, env)[-1] == "5"),
        ("TRAME_BACKEND", "tornado", lambda env: settings.backend_name(StartRequest(), env) == "tornado"),
        ("TRAME_DEFAULT_HOST", "h", lambda env: read(**env).host == "h"),
        ("TRAME_SERVER", "1", lambda env: not read(**env).open_browser),
        ("TRAME_HOT_RELOAD", "1", lambda env: settings.default_hot_reload([], env)),
        ("TRAME_LOG_NETWORK", "f", lambda env: settings.default_options(env)["log_network"] == "f"),
        ("TRAME_WS_MAX_MSG_SIZE", "9", lambda env: settings.default_options(env)["ws_max_msg_size"] == 9),
        ("TRAME_WS_HEART_BEAT", "9", lambda env: settings.default_options(env)["ws_heart_beat"] == 9),
        ("TRAME_DESKTOP_DEBUG", "1", lambda env: settings.default_options(env)["desktop_debug"]),
        ("WSLINK_FOLLOW_SYMLINKS", "1", lambda env: read(**env).follow_symlinks),
    ],
)
@fact(
    "api 2.2",
    "TRAME_ARGS, BACKEND, DEFAULT_HOST, SERVER, HOT_RELOAD, LOG_NETWORK, WS_MAX_MSG_SIZE, WS_HEART_BEAT, DESKTOP_DEBUG",
)
@fact("api 2.2", "WSLINK_FOLLOW_SYMLINKS")
def test_variables(variable: str, value: str, found: Any) -> None:
    assert not found({} if variable != "TRAME_ARGS" else {variable: "--port 0"})
    assert found({variable: value})


@fact("api 2.2", "WSLINK_HTTP_HEADERS names a JSON file with headers for every response")
def test_http_headers_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "headers.json").write_text('{"X-Test": "1"}')
    monkeypatch.setenv("WSLINK_HTTP_HEADERS", str(tmp_path / "headers.json"))
    assert OURS.server().http_headers.get_header("X-Test") == "1"


@pytest.mark.parametrize("name", ["MAX_MSG_SIZE", "HEART_BEAT", "MSG_OVERHEAD", "READY_MSG"])
@fact(
    "api 2.2",
    "WSLINK_MAX_MSG_SIZE, HEART_BEAT, MSG_OVERHEAD and READY_MSG have no effect",
    trame="overwrites the first two at start; wslink reads the others",
)
def test_variables_without_effect(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"WSLINK_{name}", "17")
    assert OURS.server().options == settings.default_options({})
    assert any(f"WSLINK_{name} is ignored" in sentence for sentence in settings.ignored_variables())
