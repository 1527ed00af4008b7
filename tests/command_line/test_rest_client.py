"""The client, where what answers is not what was expected. What it asks is tested with the commands."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError

import pytest

from jupyter_trame.command_line.jupyter_servers import JupyterServer, NoJupyterServerError
from jupyter_trame.command_line.rest_client import RegisteredEntry, RestClient, RestError, RunningEntry
from jupyter_trame.doctor.report import Limit, Report


class Answering:
    """A web server that answers each GET with what it is told."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, dict[str, str](), b"[]"
        self.asked: list[tuple[str, str | None]] = []
        self.starting = 0
        """How often an answer is that what is asked for is still starting."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def do_GET(self) -> None:
                if outer.starting:
                    outer.starting -= 1
                    outer.asked.append((self.path, self.headers.get("Authorization")))
                    body = b'{"id": "i/1", "what": "it"}'
                    self.send_response(202)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                outer.asked.append((self.path, self.headers.get("Authorization")))
                self.send_response(outer.status)
                for name, value in {**outer.headers, "Content-Length": str(len(outer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/base/"


@pytest.fixture
def answering() -> Iterator[Answering]:
    answering = Answering()
    thread = threading.Thread(target=answering.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield answering
    answering.server.shutdown()
    thread.join()
    answering.server.server_close()


@pytest.fixture
def client(answering: Answering) -> RestClient:
    return RestClient(JupyterServer(answering.url, "secret"))


def test_addresses_and_the_token(answering: Answering, client: RestClient) -> None:
    assert client.running() == []
    assert answering.asked == [("/base/trame/api/v1/servers", "token secret")]
    assert client.page(RunningEntry("a b", "x")) == f"{answering.url}trame/a%20b/x/"


def test_what_is_still_starting_is_asked_for_again(answering: Answering, client: RestClient) -> None:
    entry = RunningEntry("k", "x")
    answering.body = json.dumps({"kernel_id": "k", "slug": "x"}).encode()
    starts = (lambda: client.start("a"), lambda: client.run_file("a.py", []), lambda: client.restart(entry))
    for start in starts:
        answering.starting = 2
        assert start() == entry
    question = "/base/trame/api/v1/starts/i%2F1"
    routes = ["apps/a", "files", "servers/k/x/restart"]
    assert [path for path, _ in answering.asked] == [
        path for route in routes for path in (f"/base/trame/api/v1/{route}", question, question)
    ]


def test_no_proxy_sees_a_token_for_this_machine(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert RestClient(JupyterServer(answering.url, "secret")).running() == []


def test_members_of_a_newer_server_are_left_out(answering: Answering, client: RestClient) -> None:
    entry = {"kernel_id": "k", "slug": "s", "viewers": 2, "of_the_future": True}
    answering.body = json.dumps([entry]).encode()
    assert client.running() == [RunningEntry("k", "s", viewers=2)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "was to answer with a list, not with {}"),
        (b"[3]", "was to answer with an object, not with 3"),
        (b'[{"slug": "s"}]', "the server's answer lacks something"),
    ],
)
def test_what_is_no_answer_is_told(answering: Answering, client: RestClient, body: bytes, words: str) -> None:
    answering.body = body
    with pytest.raises(RestError, match=words):
        client.running()


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (404, {}, b"<html>", r"is no Jupyter server with this extension: install jupyter-trame"),
        (200, {}, b"<html>", r"is no Jupyter server with this extension"),
        (403, {}, b'{"message": "Forbidden"}', r"does not allow it with this token: give one with --token"),
        (
            403,
            {},
            b'{"message": "only\\u001b a teacher may"}',
            r"with this token \(only.{,6} a teacher may\): give one",
        ),
        (302, {"Location": "/hub/login"}, b"", r"JUPYTER_TOKEN$"),
        (302, {"Location": "/hub/login"}, b"", r"does not allow it with this token"),
        (502, {}, b"<html>", r"answered 502: Bad Gateway"),
        (409, {}, b'{"message": "it is busy"}', r"^it is busy$"),
    ],
)
def test_refusals(
    answering: Answering, client: RestClient, status: int, headers: dict[str, str], body: bytes, words: str
) -> None:
    answering.status, answering.headers, answering.body = status, headers, body
    with pytest.raises(RestError, match=words) as caught:
        client.running()
    assert "secret" not in str(caught.value)
    assert len(answering.asked) == 1, "a redirect was followed"


def test_a_server_with_a_password_alone_is_told_what_lets_programs_in(answering: Answering) -> None:
    answering.status = 403
    with pytest.raises(RestError, match=r"without a token.* started with JUPYTER_TOKEN in its environment"):
        RestClient(JupyterServer(answering.url)).running()


def test_a_certificate_that_is_not_trusted_names_what_makes_it() -> None:
    untrusted = ssl.SSLCertVerificationError("self-signed")
    untrusted.verify_message = "self-signed certificate"
    client = RestClient(JupyterServer("https://localhost:8888/"))

    class Refusing:
        def open(self, *_: object, **__: object) -> None:
            raise URLError(untrusted)

    client._opener = Refusing()  # type: ignore[assignment]
    with pytest.raises(
        NoJupyterServerError, match=r"is not trusted \(self-signed certificate\).* SSL_CERT_FILE"
    ):
        client.running()


def test_traces_and_commands_come_with_the_refusal(answering: Answering, client: RestClient) -> None:
    answering.status = 500
    answering.body = json.dumps({"message": "no", "trace": "in x", "install": "pip install y"}).encode()
    with pytest.raises(RestError) as caught:
        client.registered()
    assert (caught.value.status, caught.value.trace, caught.value.install) == (500, "in x", "pip install y")


def test_a_trace_says_nothing_to_the_terminal(answering: Answering, client: RestClient) -> None:
    answering.status = 500
    answering.body = json.dumps({"message": "no", "trace": "in \x1b[31mx\n  y"}).encode()
    with pytest.raises(RestError) as caught:
        client.registered()
    assert caught.value.trace.splitlines()[0] == "in \\x1b[31mx"
    assert caught.value.trace.splitlines()[1].strip() == "y"


def test_a_report_is_read(answering: Answering, client: RestClient) -> None:
    report = Report("x", limits=(Limit("frame", "4 MiB"),))
    answering.body = json.dumps(report.as_dict()).encode()
    assert client.doctor() == report
    assert client.doctor(RunningEntry("k", "s")) == report
    assert [path.rpartition("/v1/")[2] for path, _ in answering.asked] == ["doctor", "servers/k/s/doctor"]
    answering.body = b"[]"
    with pytest.raises(RestError, match="the server's report cannot be read: a report is a map, not list"):
        client.doctor()


def test_a_service_is_not_started(client: RestClient, answering: Answering) -> None:
    client.check_startable(RegisteredEntry("app"))
    with pytest.raises(RestError, match=f"'x' is a service, whose page is {answering.url}trame/narvi/w/x/"):
        client.check_startable(RegisteredEntry("x", address="trame/narvi/w/x/{id}", needs_id=True))


def test_who_answers_too_late_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = RestClient(JupyterServer(f"http://127.0.0.1:{silent.getsockname()[1]}/"), patience=0.05)
        with pytest.raises(RestError, match=r"did not answer in 0.05 s; what was asked may still be done"):
            client.running()


def test_nobody_who_answers() -> None:
    with pytest.raises(NoJupyterServerError, match=r"no Jupyter server answers at http://127.0.0.1:1/: "):
        RestClient(JupyterServer("http://127.0.0.1:1/")).running()
