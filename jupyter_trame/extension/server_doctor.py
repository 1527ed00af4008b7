"""What a Jupyter server knows: of itself and its kernels, and of the way to one app."""

from __future__ import annotations

import sys

from jupyter_trame._version import __version__
from jupyter_trame.doctor.app_facts import page_environments, size_limits
from jupyter_trame.doctor.installed import installed
from jupyter_trame.doctor.report import DataPath, Environment, Finding, Limit, Report, RoundTrip
from jupyter_trame.doctor.round_trips import measure
from jupyter_trame.doctor.sizes import counted, in_words
from jupyter_trame.doctor.versions import install_command, version_findings
from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.relay import Relay
from jupyter_trame.extension.relays import Relays

__all__ = ["ServerDoctor"]

_PACKAGES = ("jupyter-server", "jupyterlab", "notebook", "ipykernel", "tornado", "msgpack")


class ServerDoctor:
    """Examines what this Jupyter server can see. Everything runs on its loop; cancelling is safe."""

    def __init__(self, relays: Relays) -> None:
        self._relays = relays
        self._kernels: Kernels = relays.kernels

    async def examine(self) -> Report:
        """The report of the Jupyter server. It takes up to 5 s where kernels do not answer."""
        running = await self._kernels.running()
        kernels = {server.kernel_id for server in running}
        paths = tuple(
            DataPath(
                f"app {server.name} in kernel {server.kernel_id}: {_NAMES[server.way]}", _REASONS[server.way]
            )
            for server in running
        )
        here = _here()
        limits = self._relays.options.limits
        apps = (
            f"{counted(len(running), 'app')} in {counted(len(kernels), 'kernel')}"
            if running
            else "no app runs"
        )
        return Report(
            f"Jupyter server, {apps}",
            (here,),
            paths,
            limits=tuple(size_limits(frame=limits.frame, message=limits.message, queue=limits.client_queue)),
        )

    async def examine_app(self, kernel_id: str, slug: str) -> Report | None:
        """The report of the app `slug`; None without such a kernel. It takes a second, up to 10 s where one is silent.

        An app that does not run, or cannot be reached, has a report that says so.
        """
        if self._kernels.resolve(kernel_id) is None:
            return None
        try:
            relay = await self._relays.find(kernel_id, slug)
        except LinkError as error:
            return self._lost(kernel_id, slug, str(error))
        if relay is None or not relay.linked:
            reason = "it does not run there" if relay is None else relay.pump.replica.status[1]
            return self._lost(kernel_id, slug, reason)
        return await self._examine(relay)

    async def _examine(self, relay: Relay) -> Report:
        await relay.files.known_page_files()  # they follow the snapshot, which tells the version
        environments = [
            _here(),
            Environment("kernel", relay.package),
            *page_environments(session.package for session in relay.pump.replica.sessions),
        ]
        trips: list[RoundTrip] = []
        findings = version_findings(environments)
        if relay.package:
            try:
                trips.append(await measure("Jupyter server and kernel", relay.pings.ask))
            except LinkError as error:
                findings.append(Finding("error", f"the kernel is not to be reached: {error}"))
        else:
            what = "the kernel does not say which jupyter_trame it has, so it is older than this Jupyter server's"
            findings.append(Finding("warning", what, *install_command("kernel", __version__)))
        if self._kernels.at_work(relay.kernel_id):
            what = (
                "the kernel runs a cell: callbacks of the app wait until it ends, what they have set is seen"
            )
            findings.append(Finding("note", what))
        path, more = self._way(relay)
        limits = relay.limits
        sizes = size_limits(frame=limits.frame, message=limits.message, queue=limits.client_queue)
        return Report(
            f"app {relay.slug} in kernel {relay.kernel_id}",
            tuple(environments),
            (path, DataPath(f"pages: {counted(relay.clients, 'websocket')} of this Jupyter server")),
            tuple(trips),
            (*sizes, *more),
            tuple(findings),
        )

    def _way(self, relay: Relay) -> tuple[DataPath, list[Limit]]:
        """How bytes get to the kernel, and which limits that has."""
        remote = self._kernels.remote(relay.kernel_id)
        way = "socket" if remote is None else remote.way
        path = DataPath(f"Jupyter server and kernel: {_NAMES[way]}", _REASONS[way])
        limits = []
        if remote is not None and remote.added:
            limits.append(Limit("added by base64 so far", in_words(remote.added)))
        if remote is not None and remote.halvings:
            limits.append(
                Limit("messages through the gateway", f"halved {remote.halvings} times, as it refused them")
            )
        return path, limits

    def _lost(self, kernel_id: str, slug: str, reason: str) -> Report:
        here = _here()
        what = f"the app {slug} of this kernel is not to be reached: {reason}"
        return Report(f"app {slug} in kernel {kernel_id}", (here,), findings=(Finding("error", what),))


def _here() -> Environment:
    return Environment("Jupyter server", __version__, installed(_PACKAGES), sys.executable)


_NAMES = {
    "socket": "a socket of this machine",
    "buffers": "messages of the kernel, in binary",
    "text": "messages of the kernel, as base64",
}
_REASONS = {
    "socket": "",
    "buffers": "the kernel runs elsewhere, so that no socket of it can be reached",
    "text": "the kernel runs elsewhere, and its gateway takes no binary messages: base64 adds a third",
}
