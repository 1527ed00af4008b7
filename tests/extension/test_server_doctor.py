"""What the Jupyter server tells of itself, and of the way to an app."""

import sys
from typing import Any

import pytest

from jupyter_trame._version import __version__
from jupyter_trame.errors import LinkError
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.server_doctor import ServerDoctor
from tests.extension.support import KernelProcess


async def test_the_jupyter_server_lists_what_runs(kernel: KernelProcess, relays: Relays) -> None:
    doctor = ServerDoctor(relays)
    assert (await doctor.examine()).subject == "Jupyter server, no app runs"
    kernel.run(x=1)
    report = await doctor.examine()
    assert report.healthy
    assert report.subject == "Jupyter server, 1 app in 1 kernel"
    assert report.paths[0].name == f"app Demo in kernel {kernel.id}: a socket of this machine"
    (here,) = report.environments
    assert (here.place, here.version, here.python) == ("Jupyter server", __version__, sys.executable)
    assert "jupyter-server" in here.packages


async def test_the_way_to_an_app_is_timed(kernel: KernelProcess, relays: Relays, browse: Any) -> None:
    kernel.run(x=1)
    await browse()
    report = await ServerDoctor(relays).examine_app(kernel.id, "demo")
    assert report is not None
    assert report.healthy
    (trip,) = report.round_trips
    assert (trip.between, trip.count) == ("Jupyter server and kernel", 10)
    assert [path.name for path in report.paths] == [
        "Jupyter server and kernel: a socket of this machine",
        "pages: 1 websocket of this Jupyter server",
    ]


async def test_a_kernel_of_another_version_is_named_with_the_command(
    kernel: KernelProcess, relays: Relays
) -> None:
    kernel.package = "99.1.0"
    kernel.run(x=1)
    report = await ServerDoctor(relays).examine_app(kernel.id, "demo")
    assert report is not None
    (finding,) = report.findings
    assert finding.severity == "error"
    assert finding.command.endswith(' -m pip install "jupyter-trame==99.1.0"')
    assert finding.command.startswith(sys.executable)


async def test_a_kernel_of_an_earlier_release_is_not_timed(kernel: KernelProcess, relays: Relays) -> None:
    kernel.package = ""
    kernel.run(x=1)
    report = await ServerDoctor(relays).examine_app(kernel.id, "demo")
    assert report is not None
    assert report.round_trips == ()
    assert report.findings[0].command == f'%pip install "jupyter-trame=={__version__}"'


async def test_a_kernel_that_works_and_one_that_is_silent_are_told(
    kernel: KernelProcess, relays: Relays, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        raise LinkError("the other end of the link did not answer within 5 s")

    kernel.run(x=1)
    kernel.description.execution_state = "busy"
    monkeypatch.setattr("jupyter_trame.extension.server_doctor.measure", silent)
    report = await ServerDoctor(relays).examine_app(kernel.id, "demo")
    assert report is not None
    assert [each.severity for each in report.findings] == ["error", "note"]
    assert "did not answer within 5 s" in report.findings[0].what
    assert "the kernel runs a cell" in report.findings[1].what


async def test_an_app_that_does_not_run_has_a_report_that_says_so(
    kernel: KernelProcess, relays: Relays
) -> None:
    report = await ServerDoctor(relays).examine_app(kernel.id, "demo")
    assert report is not None
    assert (
        report.findings[0].what == "the app demo of this kernel is not to be reached: it does not run there"
    )
    assert await ServerDoctor(relays).examine_app("no-such-kernel", "demo") is None
