"""The command line and the environment."""

import pytest

from jupyter_trame.server.backends.base import StartRequest
from jupyter_trame.server.settings import Settings, default_options, make_parser, read_settings


def read(
    *argv: str,
    env: dict[str, str] | None = None,
    request: StartRequest = StartRequest(),  # noqa: B008 - frozen
) -> Settings:
    return read_settings(make_parser(), request, argv, env or {})


def test_defaults() -> None:
    assert read() == Settings("localhost", 8080, 300.0, open_browser=True, debug=False, signal_handlers=True)


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
    ],
)
def test_no_browser(argv: tuple[str, ...], env: dict[str, str], request_: StartRequest) -> None:
    assert not read(*argv, env=env, request=request_).open_browser


def test_arguments_of_a_launcher() -> None:
    assert read("--port", "1", env={"TRAME_ARGS": "--port 2 --server"}).port == 2
    assert read("--port", "1", "--trame-args", "--port 3").port == 3
    assert read("--unknown", "x", "--debug").debug


def test_a_test_run_is_not_the_app() -> None:
    assert read_settings(make_parser(), StartRequest(), None, {}).port == 8080


def test_options_come_from_the_environment() -> None:
    assert default_options({}) == {"ws_max_msg_size": 10_000_000, "ws_heart_beat": 30}
    assert default_options({"TRAME_WS_HEART_BEAT": "5"})["ws_heart_beat"] == 5
