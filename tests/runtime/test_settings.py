"""The command line and the environment."""

import re
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.settings import (
    DEFAULT_SECRET,
    Settings,
    backend_name,
    behind_gateway,
    default_arguments,
    default_headers,
    default_hot_reload,
    default_options,
    ignored_variables,
    is_loopback,
    jupyter_base_url,
    make_parser,
    read_settings,
)


def read(
    *argv: str,
    env: dict[str, str] | None = None,
    request: StartRequest = StartRequest(),  # noqa: B008 - frozen
) -> Settings:
    return read_settings(make_parser(), request, argv, env or {})


def test_defaults() -> None:
    settings = read()
    assert settings == Settings(
        host="localhost",
        port=8080,
        timeout=300.0,
        open_browser=True,
        debug=False,
        signal_handlers=True,
        given_secret="",
        content=None,
        endpoint="ws",
        http=True,
        folders={},
        hello_size=512,
        ssl=None,
        reverse_url=None,
        desktop=False,
        allowed_hosts=frozenset(),
        follow_symlinks=False,
        banner=False,
        namespace=settings.namespace,
    )


def test_the_call_beats_the_command_line() -> None:
    settings = read("--port", "1", "--timeout", "2", request=StartRequest(port=0, timeout=0))
    assert (settings.port, settings.timeout) == (0, 0)


def test_a_host_on_the_command_line_beats_the_call() -> None:
    request = StartRequest(host="10.0.0.1")
    assert read("--host", "0.0.0.0", request=request).host == "0.0.0.0"
    assert read(request=request).host == "10.0.0.1"
    assert read(env={"TRAME_DEFAULT_HOST": "10.0.0.2"}).host == "10.0.0.2"


@pytest.mark.parametrize(
    ("argv", "env", "request_"),
    [
        (("--server",), {}, StartRequest()),
        ((), {"TRAME_SERVER": "1"}, StartRequest()),
        ((), {}, StartRequest(open_browser=False)),
        ((), {}, StartRequest(exec_mode="task", open_browser=True)),
        ((), {}, StartRequest(exec_mode="desktop")),
        (("--app",), {}, StartRequest()),
        (("--reverse-url", "ws://relay"), {}, StartRequest(open_browser=True)),
    ],
)
def test_no_browser(argv: tuple[str, ...], env: dict[str, str], request_: StartRequest) -> None:
    assert not read(*argv, env=env, request=request_).open_browser


def test_arguments_of_a_launcher() -> None:
    assert default_arguments(["--port", "1"], {"TRAME_ARGS": "--port 2 --server"}) == [
        "--port",
        "2",
        "--server",
    ]
    assert default_arguments(["--port", "1", "--trame-args", "--port 3"], {}) == ["--port", "3"]
    assert default_arguments(["--trame-args=--port 4"], {"TRAME_ARGS": "--port 5"}) == ["--port", "4"]
    assert default_arguments(["--trame-args"], {}) == []
    assert default_arguments(["--port", "1"], {}) == ["--port", "1"]


def test_explicit_arguments_are_taken_as_they_are() -> None:
    assert read("--port", "1", env={"TRAME_ARGS": "--port 2"}).port == 1
    assert read("--unknown", "x", "--debug").debug


def test_an_app_reads_the_arguments_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--data", "own"])
    monkeypatch.setenv("TRAME_ARGS", "--data launched --port 3")
    parser = make_parser()
    parser.add_argument("--data")
    arguments, unknown = parser.parse_known_args()
    assert (arguments.data, arguments.port, unknown) == ("launched", 3, [])
    assert parser.parse_args().data == "launched"
    assert parser.parse_args(["--data", "given"]).data == "given"


@pytest.mark.parametrize("port", ["x", -1, 65536, 1.5, [80]])
def test_a_port_that_is_none_is_told(port: Any) -> None:
    with pytest.raises(ServerError, match="port is a number from 0 to 65535"):
        read(request=StartRequest(port=port))


def test_numbers_may_be_text() -> None:
    settings = read(request=StartRequest(port=cast("Any", "8081"), timeout=cast("Any", "5")))
    assert (settings.port, settings.timeout) == (8081, 5)


def test_a_host_and_a_timeout_that_are_none_are_told() -> None:
    with pytest.raises(ServerError, match="timeout is a number of seconds"):
        read(request=StartRequest(timeout=cast("Any", "long")))
    with pytest.raises(ServerError, match="host is a name"):
        read(request=StartRequest(host=cast("Any", 5)))


def test_arguments_are_not_abbreviated_and_apps_add_their_own() -> None:
    parser = make_parser()
    parser.add_argument("--data")
    settings = read_settings(parser, StartRequest(), ["--dat", "x", "--data", "y", "--deb"], {})
    assert (settings.namespace.data, settings.debug) == ("y", False)


def test_everything_that_the_command_line_says() -> None:
    settings = read(
        *("--banner", "--no-http", "--nosignalhandlers", "--content", "/www", "--ws-endpoint", "/socket"),
        *("--fs-endpoints", "a=/p|/b/=/q", "--follow-symlinks", "--ssl", "adhoc", "--reverse-url", "ws://x"),
    )
    assert (settings.banner, settings.http, settings.signal_handlers) == (True, False, False)
    assert (settings.content, settings.endpoint) == (Path("/www"), "socket")
    assert settings.folders == {"a": "/p", "b": "/q"}
    assert (settings.follow_symlinks, settings.ssl, settings.reverse_url) == (True, "adhoc", "ws://x")
    assert read("--no-ws-endpoint").endpoint is None
    assert settings.namespace.fsEndpoints == "a=/p|/b/=/q"


def test_the_call_decides_about_links() -> None:
    assert not read("--follow-symlinks", request=StartRequest(follow_symlinks=False)).follow_symlinks
    assert read(request=StartRequest(follow_symlinks=True)).follow_symlinks
    assert read(env={"WSLINK_FOLLOW_SYMLINKS": "1"}).follow_symlinks


def test_a_window_takes_any_free_port() -> None:
    for settings in (read("--app"), read(request=StartRequest(exec_mode="desktop", port=5))):
        assert (settings.desktop, settings.port) == (True, 0)


def test_a_secret_is_taken_if_it_was_given(tmp_path: Path) -> None:
    assert read().given_secret == ""
    assert read("--authKey", "mine").given_secret == "mine"
    assert read("--authKey", DEFAULT_SECRET).given_secret == DEFAULT_SECRET
    assert read("--authKey=wslink-secret").given_secret == DEFAULT_SECRET
    file = tmp_path / "key"
    file.write_text(" from file\n")
    assert read("--authKey", "mine", "--authKeyFile", str(file)).given_secret == "from file"
    with pytest.raises(ServerError, match="--authKeyFile"):
        read("--authKeyFile", str(tmp_path / "none"))


def test_the_well_known_secret_is_for_this_machine_alone() -> None:
    def secret(*argv: str) -> str:
        return read_settings(make_parser(), StartRequest(), argv, {}, has_the_known_secret=True).given_secret

    assert secret() == DEFAULT_SECRET
    assert secret("--host", "127.0.0.1") == DEFAULT_SECRET
    assert secret("--host", "0.0.0.0") == ""
    assert secret("--host", "0.0.0.0", "--authKey", "mine") == "mine"


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("localhost", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("x.org", False),
    ],
)
def test_hosts_of_this_machine(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local


def test_folders_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ServerError, match="fs-endpoints"):
        read("--fs-endpoints", "a")


def test_the_backend_that_is_asked_for() -> None:
    assert backend_name(StartRequest(), {}) is None
    assert backend_name(StartRequest(), {"TRAME_BACKEND": "tornado"}) == "tornado"
    assert backend_name(StartRequest(backend="aiohttp"), {"TRAME_BACKEND": "tornado"}) == "aiohttp"


def test_hot_reload_is_asked_for() -> None:
    assert not default_hot_reload([], {})
    assert default_hot_reload(["--hot-reload"], {})
    assert default_hot_reload([], {"TRAME_HOT_RELOAD": "1"})
    assert default_hot_reload([], {"TRAME_ARGS": "--hot-reload"})


def test_a_kernel_is_not_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/ipykernel_launcher.py", "--port", "1"])
    assert read_settings(make_parser(), StartRequest(), None, {}).port == 8080
    monkeypatch.setattr(sys, "argv", ["app.py", "--port", "1"])
    assert read_settings(make_parser(), StartRequest(), None, {}).port == 1


@pytest.mark.parametrize(
    ("program", "imports_pytest", "env", "counts"),
    [
        ("/bin/pytest", True, {}, False),
        ("/lib/pytest/__main__.py", True, {}, False),
        ("/editor/run_tests.py", True, {"PYTEST_VERSION": "9.2.0"}, False),
        ("/editor/run_tests.py", True, {"PYTEST_CURRENT_TEST": "test_it (call)"}, False),
        ("app.py", True, {}, True),
        ("app.py", False, {"PYTEST_VERSION": "9.2.0"}, True),
    ],
)
def test_a_test_run_is_not_the_app_and_what_imports_pytest_is(
    monkeypatch: pytest.MonkeyPatch, program: str, imports_pytest: bool, env: dict[str, str], counts: bool
) -> None:
    if not imports_pytest:
        monkeypatch.delitem(sys.modules, "pytest")
    monkeypatch.setattr(sys, "argv", [program, "--port", "1"])
    assert default_arguments(None, env) == (["--port", "1"] if counts else [])


def test_headers_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "headers.json"
    file.write_text('{"X-A": 1}')
    assert default_headers({}) == {}
    assert default_headers({"WSLINK_HTTP_HEADERS": str(file)}) == {"X-A": "1"}
    for content in ("[]", "no json"):
        file.write_text(content)
        with pytest.raises(ServerError, match="WSLINK_HTTP_HEADERS"):
            default_headers({"WSLINK_HTTP_HEADERS": str(file)})


@pytest.mark.parametrize("variable", ["TRAME_WS_MAX_MSG_SIZE", "TRAME_WS_HEART_BEAT"])
def test_a_wrong_number_names_its_variable(variable: str) -> None:
    with pytest.raises(ServerError, match=variable):
        default_options({variable: "many"})


def test_a_test_run_is_not_the_app() -> None:
    assert read_settings(make_parser(), StartRequest(), None, {}).port == 8080


def test_options_come_from_the_environment() -> None:
    assert default_options({}) == {
        "log_network": None,
        "ws_max_msg_size": 10_000_000,
        "connect_src": [],
        "frame_ancestors": [],
        "ws_heart_beat": 30,
        "desktop_debug": False,
        "upload_quota": 4 << 30,
    }
    assert default_options({"TRAME_LOG_NETWORK": "/log"})["log_network"] == "/log"
    assert default_options({"TRAME_DESKTOP_DEBUG": "1"})["desktop_debug"] is True
    assert default_options({"TRAME_WS_HEART_BEAT": "5"})["ws_heart_beat"] == 5


def test_a_kernel_knows_the_path_of_its_hub() -> None:
    assert jupyter_base_url({}) == "/"
    assert jupyter_base_url({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}) == "/user/me/"


def test_a_kernel_knows_that_a_gateway_started_it() -> None:
    assert behind_gateway({"KERNEL_GATEWAY": "1"})
    assert not behind_gateway({})


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    read("--content", str(tmp_path), "--fs-endpoints", f"a={tmp_path}").check_folders()
    missing = tmp_path / "missing"
    with pytest.raises(ServerError, match=rf"^--content: there is no folder {re.escape(str(missing))}$"):
        read("--content", str(missing)).check_folders()
    with pytest.raises(ServerError, match=r"^--fs-endpoints a: there is no folder"):
        read("--fs-endpoints", f"a={missing}").check_folders()


def test_allowed_hosts_are_those_of_the_command_line_and_of_the_environment() -> None:
    assert read().allowed_hosts == frozenset()
    given = read(
        "--allowed-host",
        "A.example",
        "--allowed-host=b.example, c.example",
        env={"TRAME_ALLOWED_HOSTS": "d,*"},
    )
    assert given.allowed_hosts == {"a.example", "b.example", "c.example", "d", "*"}


def test_variables_of_trame_without_effect_are_named() -> None:
    assert ignored_variables({}) == []
    env = {"WSLINK_MAX_MSG_SIZE": "1", "TRAME_JUPYTER_WWW": "/x", "WSLINK_HEART_BEAT": ""}
    assert ignored_variables(env) == [
        "the environment variable TRAME_JUPYTER_WWW is ignored: the Jupyter server serves the pages",
        "the environment variable WSLINK_MAX_MSG_SIZE is ignored: there is TRAME_WS_MAX_MSG_SIZE",
    ]


def test_what_shows_the_settings_shows_no_secret() -> None:
    settings = read("--authKey", "private")
    assert settings.given_secret == "private"
    assert "private" not in repr(settings)
