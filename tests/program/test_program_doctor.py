"""What a program tells of the server that it carries."""

import pytest

from jupyter_trame._version import __version__
from jupyter_trame.server import Server, runtime_of
from tests.support.sockets import SocketClient, run, started

pytestmark = pytest.mark.usefixtures("process")


def test_one_that_was_not_started_says_so() -> None:
    report = Server("app").doctor()
    assert report.subject == "app app"
    assert report.findings[0].command == "server.start()"
    assert [(each.place, each.version) for each in report.environments] == [("program", __version__)]


def test_one_that_runs_has_its_clients_and_its_limits() -> None:
    async def scenario() -> None:
        server = Server("app")
        task = await started(server)
        await (await SocketClient(runtime_of(server).secret).open(server)).ready()
        report = server.doctor()
        assert report.healthy
        assert report.subject == f"app app at port {server.port}"
        assert report.paths[0].name == "websockets of this program: 1 client"
        assert {limit.name for limit in report.limits} >= {"largest message of a page"}
        await server.stop()
        await task

    run(scenario)
