"""What a program knows of the server that it carries."""

from __future__ import annotations

from jupyter_trame._version import __version__
from jupyter_trame.doctor.app_facts import life_findings, page_environments, size_limits
from jupyter_trame.doctor.installed import installed
from jupyter_trame.doctor.report import DataPath, Environment, Report
from jupyter_trame.doctor.sizes import counted
from jupyter_trame.doctor.versions import version_findings
from jupyter_trame.runtime.runtime import RUNNING, Runtime
from jupyter_trame.web.site import Site

__all__ = ["examine"]

_PACKAGES = ("tornado", "aiohttp", "msgpack", "trame-client")


def examine(runtime: Runtime, site: Site | None) -> Report:
    """The report of the server; `site` is None while it does not run. Any thread."""
    environments = [
        Environment("program", __version__, installed(_PACKAGES)),
        *page_environments(runtime.primary.client_packages),
    ]
    errors = [each.message for each in runtime.user_code.errors]
    findings = [
        *life_findings(running=runtime.stage == RUNNING, errors=errors),
        *version_findings(environments),
    ]
    if site is None:
        return Report(f"app {runtime.app.name}", tuple(environments), findings=tuple(findings))
    limits = site.limits
    return Report(
        f"app {runtime.app.name} at port {runtime.port}" if runtime.port else f"app {runtime.app.name}",
        tuple(environments),
        (DataPath(f"websockets of this program: {counted(site.clients, 'client')}"),),
        limits=tuple(size_limits(frame=limits.frame, message=limits.message, queue=limits.client_queue)),
        findings=tuple(findings),
    )
