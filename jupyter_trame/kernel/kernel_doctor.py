"""What a kernel knows of one of its servers and of the ways to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from jupyter_trame._version import __version__
from jupyter_trame.doctor.app_facts import life_findings, page_environments, size_limits
from jupyter_trame.doctor.installed import installed
from jupyter_trame.doctor.report import DataPath, Environment, Finding, Limit, Report, RoundTrip
from jupyter_trame.doctor.round_trips import measure
from jupyter_trame.doctor.sizes import counted
from jupyter_trame.doctor.versions import install_command, version_findings
from jupyter_trame.errors import LinkError
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.link_facts import LinkFacts
from jupyter_trame.kernel.output import Output
from jupyter_trame.runtime.runtime import RUNNING, Runtime

__all__ = ["examine", "examine_later"]

_PACKAGES = ("ipykernel", "anywidget", "ipywidgets", "msgpack", "trame-client")
_ASKED = 4
"""Jupyter servers whose answers are timed."""
_PATIENCE = 3.0
"""Seconds for all of them together, in which a callback that asks holds up its loop."""
_Timed: TypeAlias = Sequence[RoundTrip | Finding]
"""Of each Jupyter server how long its answers take, or that it has none."""


def examine(
    runtime: Runtime, environment: KernelEnvironment, facts: LinkFacts, io_loop: asyncio.AbstractEventLoop
) -> Report:
    """The report of the server. Any thread but that of `io_loop`, on which Jupyter servers are asked."""
    asked = _asked(facts)
    if not asked:
        return _report(runtime, environment, facts, ())
    timing = asyncio.run_coroutine_threadsafe(_time_all(asked), io_loop)
    try:
        timed = timing.result()
    except BaseException:  # an interrupt: nobody waits for it any more
        timing.cancel()
        raise
    return _report(runtime, environment, facts, timed)


async def examine_later(
    runtime: Runtime, environment: KernelEnvironment, facts: LinkFacts, io_loop: asyncio.AbstractEventLoop
) -> Report:
    """The same, while the loop of the caller goes on. Cancelling is safe."""
    timing = asyncio.run_coroutine_threadsafe(_time_all(_asked(facts)), io_loop)
    return _report(runtime, environment, facts, await asyncio.wrap_future(timing))


def _report(runtime: Runtime, environment: KernelEnvironment, facts: LinkFacts, timed: _Timed) -> Report:
    servers = sorted({output.package for output in facts.replicas})
    environments = [
        *(Environment("Jupyter server", package) for package in servers),
        Environment("kernel", __version__, installed(_PACKAGES)),
        *page_environments(runtime.primary.client_packages),
    ]
    errors = [each.message for each in runtime.user_code.errors]
    return Report(
        f"app {runtime.app.name} in the kernel {environment.kernel_id or '(without a connection file)'}",
        tuple(environments),
        tuple(_paths(facts, environment)),
        tuple(trip for trip in timed if isinstance(trip, RoundTrip)),
        tuple(_limits(facts)),
        (
            *life_findings(running=runtime.stage == RUNNING, errors=errors),
            *version_findings(environments),
            *_way_findings(facts, environment),
            *(finding for finding in timed if isinstance(finding, Finding)),
        ),
    )


def _paths(facts: LinkFacts, environment: KernelEnvironment) -> list[DataPath]:
    kind, _, _ = facts.address.partition(":")
    reasons = {
        "unix": "",
        "tcp": "no Unix socket can be made here, as the cell that started the app has said",
        "messages": "the kernel runs behind a gateway, so that no socket of it can be reached"
        if environment.behind_gateway
        else facts.trouble or "nothing has been started yet",
    }
    names = {"unix": "Unix socket", "tcp": "loopback port", "messages": "messages of the kernel"}
    paths = [DataPath(f"Jupyter server and kernel: {names[kind]}", reasons[kind])]
    if facts.replicas:
        paths.append(DataPath(f"pages: websockets of {counted(len(facts.replicas), 'Jupyter server')}"))
    if facts.comms:
        paths.append(
            DataPath(f"{counted(len(facts.comms), 'page')} over the comm of the widget", _why_comm(facts))
        )
    return paths


def _why_comm(facts: LinkFacts) -> str:
    if facts.trouble:
        return facts.trouble
    return (
        "the websocket was refused, for which “Why?” in the view has the reason"
        if facts.replicas
        else "no Jupyter server with the extension jupyter_trame has linked to this kernel"
    )


def _way_findings(facts: LinkFacts, environment: KernelEnvironment) -> list[Finding]:
    if facts.trouble:
        return [Finding("warning", facts.trouble)]
    if not facts.comms or facts.replicas or environment.behind_gateway:
        return []
    command, where = install_command("Jupyter server", __version__)
    what = (
        "pages talk over the kernel's messages, which wait for cells where the kernel has no subshells, since no "
        "Jupyter server with the extension jupyter_trame has linked to this kernel"
    )
    return [Finding("warning", what, f"{command} && jupyter server extension enable jupyter_trame", where)]


def _asked(facts: LinkFacts) -> Sequence[Output]:
    """The Jupyter servers that can be asked: earlier releases do not know the question."""
    return [output for output in facts.replicas if output.package][:_ASKED]


async def _time_all(asked: Sequence[Output]) -> _Timed:
    """The times of Jupyter servers, all at once, and what is to be said of those that are silent."""
    return await asyncio.gather(*map(_time, asked))


async def _time(output: Output) -> RoundTrip | Finding:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await measure("kernel and Jupyter server", output.pings.ask)
    except (LinkError, TimeoutError) as error:
        reason = str(error) or f"no answer within {_PATIENCE:g} s"
        return Finding("error", f"the Jupyter server is not to be reached: {reason}")


def _limits(facts: LinkFacts) -> list[Limit]:
    limits = facts.limits
    found = size_limits(frame=limits.frame, message=limits.message, queue=limits.client_queue)
    if facts.comms:
        found.append(Limit("messages over comms", "60 a second for each page, 300 for all of the kernel"))
    return found
