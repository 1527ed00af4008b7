"""What a kernel tells of one of its servers: of a server that its Jupyter server links to, and of one without."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame._version import __version__
from jupyter_trame.doctor.report import Report
from jupyter_trame.errors import LinkError
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.interrupts import InterruptGuard
from jupyter_trame.kernel.kernel_doctor import examine
from jupyter_trame.kernel.link_facts import LinkFacts
from jupyter_trame.kernel.links import KernelLinks
from jupyter_trame.protocol import Limits
from jupyter_trame.protocol.link import ClientOpened, LinkOp, Ping, Pong
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.rendezvous import read_record, record_path
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.types import ClientId
from tests.kernel.support import TIMEOUT, Kernel
from tests.support.servers import fresh_process


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr("jupyter_trame.runtime.registry.process", fresh_process())
    return Server("app")


def diagnose(
    server: Server, folder: Path, *, package: str | None, page: str = "", answers: bool = True
) -> Report:
    """The report while a Jupyter server that has `package` is linked; None: nobody is."""
    folder.chmod(0o700)
    runtime = runtime_of(server)

    async def scenario() -> Report:
        environment = KernelEnvironment(None, asyncio.get_running_loop(), 0, folder / "kernel-k.json")
        links = KernelLinks(environment, InterruptGuard(None, environment.loop))
        try:
            links.publish("app", runtime.primary)
            link = None if package is None else await linked(folder, package)
            if link is not None:
                link.send(ClientOpened(ClientId("c"), True, package=page))
                while not runtime.primary.has_clients:  # noqa: ASYNC110 - it comes over a socket of another thread
                    await asyncio.sleep(0.002)
            facts = links.facts("app")
            report = await asyncio.to_thread(examine, runtime, environment, facts, links.loop)
            if link is not None:
                link.close("the test is over")
            return report
        finally:
            await asyncio.to_thread(links.close)

    async def linked(folder: Path, package: str) -> StreamLink:
        record = read_record(record_path(folder / "kernel-k.json"))
        assert record is not None
        assert record.package == __version__
        sock = await join(record, "app", "r", package=package)

        def on_ops(ops: list[LinkOp]) -> None:
            for op in ops:
                if isinstance(op, Ping) and answers:
                    link.send(Pong(op.number))

        link = StreamLink(sock, asyncio.get_running_loop(), on_ops=on_ops, on_closed=lambda _: None)
        return link

    return asyncio.run(asyncio.wait_for(scenario(), TIMEOUT))


def test_a_linked_jupyter_server_is_timed(server: Server, tmp_path: Path) -> None:
    report = diagnose(server, tmp_path, package=__version__, page=__version__)
    assert [each.place for each in report.environments] == ["Jupyter server", "kernel", "page"]
    (trip,) = report.round_trips
    assert (trip.between, trip.count) == ("kernel and Jupyter server", 10)
    assert report.paths[0].name == "Jupyter server and kernel: Unix socket"
    assert report.paths[1].name == "pages: websockets of 1 Jupyter server"
    assert [each.what for each in report.findings] == ["the app does not run, so nobody can see it"]


def test_other_versions_are_found_with_the_command(server: Server, tmp_path: Path) -> None:
    report = diagnose(server, tmp_path, package="99.0.0", page=__version__)
    error = report.findings[0]
    assert error.severity == "error"
    assert "99.0.0 in the Jupyter server" in error.what
    assert error.command == '%pip install "jupyter-trame==99.0.0"'


def test_an_earlier_release_is_not_asked(server: Server, tmp_path: Path) -> None:
    """It would drop the link on an operation that it does not know."""
    report = diagnose(server, tmp_path, package="")
    assert report.round_trips == ()
    assert report.environments[0].version == ""


def test_a_jupyter_server_that_is_silent_is_said(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut(*_: object) -> None:
        raise LinkError("the link is gone")

    monkeypatch.setattr("jupyter_trame.kernel.kernel_doctor.measure", cut)
    report = diagnose(server, tmp_path, package=__version__)
    assert report.round_trips == ()
    assert report.findings[0].what == "the Jupyter server is not to be reached: the link is gone"


def test_a_jupyter_server_that_does_not_answer_is_not_waited_for_long(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_trame.kernel.kernel_doctor._PATIENCE", 0.05)
    report = diagnose(server, tmp_path, package=__version__, answers=False)
    assert report.findings[0].what == "the Jupyter server is not to be reached: no answer within 0.05 s"


def test_without_a_jupyter_server_there_are_no_pages_of_it(server: Server, tmp_path: Path) -> None:
    report = diagnose(server, tmp_path, package=None)
    assert [path.name for path in report.paths] == ["Jupyter server and kernel: Unix socket"]
    assert report.round_trips == ()


def test_in_a_kernel_the_server_gives_it(kernel: Kernel) -> None:
    cell = kernel.run(
        "examined = Server('examined'); examined.start(); report = examined.doctor(); print(report); report"
    )
    assert f"jupyter_trame {__version__}" in cell.stream
    assert "healthy  nothing is wrong" in cell.stream
    assert '<div class="jt-doctor">' in cell.data[0]["text/html"]


def facts(address: str = "unix:/x", *, trouble: str = "", comms: int = 0) -> LinkFacts:
    """Of a kernel that no Jupyter server has linked to."""
    pages: list[Any] = [object()] * comms
    return LinkFacts(address, trouble, (), pages, Limits())


def report_of(server: Server, found: LinkFacts, *, gateway: bool = False) -> Report:
    """What is said of `found`; nobody is asked for it."""
    loop = asyncio.new_event_loop()
    environment = KernelEnvironment(None, loop, 0, None, gateway)
    loop.close()
    return examine(runtime_of(server), environment, found, loop)


def test_pages_on_the_comm_say_what_the_jupyter_server_lacks(server: Server) -> None:
    report = report_of(server, facts(comms=2))
    assert report.paths[1].name == "2 pages over the comm of the widget"
    assert "no Jupyter server with the extension" in report.paths[1].reason
    finding = report.findings[1]
    assert finding.command == (
        f'python -m pip install "jupyter-trame=={__version__}" && jupyter server extension enable jupyter_trame'
    )
    assert report.limits[-1].name == "messages over comms"


@pytest.mark.parametrize(
    ("found", "gateway", "name", "reason"),
    [
        (facts("tcp:127.0.0.1:9"), False, "loopback port", "no Unix socket can be made here"),
        (facts("messages:"), True, "messages of the kernel", "behind a gateway"),
        (facts("messages:", trouble="the disk is full"), False, "messages of the kernel", "the disk is full"),
        (facts("messages:"), False, "messages of the kernel", "nothing has been started yet"),
    ],
)
def test_the_way_of_a_kernel_and_why_it_is_no_better(
    server: Server, found: LinkFacts, gateway: bool, name: str, reason: str
) -> None:
    (path,) = report_of(server, found, gateway=gateway).paths
    assert path.name == f"Jupyter server and kernel: {name}"
    assert reason in path.reason


def test_trouble_is_a_finding_and_pages_behind_a_gateway_are_none(server: Server) -> None:
    troubled = report_of(server, facts(trouble="the disk is full", comms=1))
    assert troubled.findings[1].what == "the disk is full"
    assert troubled.paths[1].reason == "the disk is full"
    assert len(report_of(server, facts("messages:", comms=1), gateway=True).findings) == 1
