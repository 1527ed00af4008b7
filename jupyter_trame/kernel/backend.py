"""A server carried by its kernel: its loop is the kernel's main one, its links are on the kernel's I/O thread."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from jupyter_trame.core.state import store_of
from jupyter_trame.errors import ServerError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.kernel import opening
from jupyter_trame.kernel.cells import CellFlush
from jupyter_trame.kernel.environment import KernelEnvironment
from jupyter_trame.kernel.exits import contain_exits
from jupyter_trame.kernel.files import ServedFiles
from jupyter_trame.kernel.front_end import is_console, runs_unattended
from jupyter_trame.runtime.backend import OpenMode, StartRequest
from jupyter_trame.runtime.lifecycle import LifeCycle
from jupyter_trame.system.log_limits import Throttle

if TYPE_CHECKING:
    from jupyter_trame.doctor.report import Report
    from jupyter_trame.kernel.browser_door import BrowserDoor
    from jupyter_trame.kernel.interrupts import InterruptGuard
    from jupyter_trame.kernel.link_facts import LinkFacts
    from jupyter_trame.kernel.links import KernelLinks
    from jupyter_trame.kernel.still_pictures import StillPictures
    from jupyter_trame.kernel.view import TrameView
    from jupyter_trame.runtime.runtime import Runtime

__all__ = ["EMBEDDINGS", "Host", "KernelBackend", "Views", "text_of"]

EMBEDDINGS = ("auto", "shadow", "frame")
"""How a view is put into the page: as the app's packages need it, in a shadow root, in a frame."""


Views: TypeAlias = "dict[tuple[str, str, str | None], TrameView]"
"""Widgets of one app by layout, embedding and the cell that they end with; None where they end with none."""


class Host(Protocol):
    """What the servers of a kernel share, as one of them sees it."""

    environment: KernelEnvironment
    interrupts: InterruptGuard
    views: dict[str, Views]
    """The widgets of each slug."""

    @property
    def links(self) -> KernelLinks:
        """The kernel's links. Main thread."""


class KernelBackend:
    """See `Backend`; everything is called on the kernel's main thread unless said otherwise."""

    shows_traces = True
    """Who may connect may execute code in the kernel."""
    starts_on_display = True
    web = None
    """A kernel has no web application."""

    def __init__(self, life_cycle: LifeCycle, host: Host) -> None:
        self._life_cycle = life_cycle
        self._runtime = life_cycle.runtime
        self._host = host
        self._views = host.views.setdefault(self._runtime.slug, {})
        self._files = ServedFiles(self._runtime.app)
        self._shown_errors = Throttle(rate=1, burst=10)
        self._cells = CellFlush(self._after_cell)
        self._door: BrowserDoor | None = None
        """None before somebody wants the browser of this machine."""
        self._pictures: StillPictures | None = None
        """Those that stand where a program runs the notebook; None before the first."""
        self._runtime.user_code.interrupts = host.interrupts
        self._runtime.user_code.sinks.append(self._show_error)
        host.environment.before_rerun(self._leave_cell)
        self._held: list[str] | None = None
        """Errors that are to stand below the app: those of the start come before it is displayed."""

    def start(self, request: StartRequest) -> Awaitable[None] | None:
        """Up when this returns; the result is the server's life, None in the mode ``"main"``."""
        environment = self._host.environment
        self._host.interrupts.install()
        contain_exits(environment.loop)
        self._claim_output()
        self._held = []
        self._runtime.owner.submit(self._show_held)
        for hint in self._runtime.user_code.hints.values():
            self._show_error(hint)
        self._files = ServedFiles(self._runtime.app, follow_symlinks=bool(request.follow_symlinks))
        self._life_cycle.up(environment.loop, environment.thread, self._publish)
        self._attach_views()
        shell = getattr(environment.kernel, "shell", None)
        if shell is not None:
            self._cells.follow(shell.events)
        else:  # nobody says when a cell has run: the loop turns then
            store_of(self._runtime.state).flush_soon(self._runtime.flush)
        if request.exec_mode == "main":
            return None
        life = self._life_cycle.finished()
        return asyncio.ensure_future(life) if request.exec_mode == "task" else life

    def close(self, *, replaced: bool) -> None:
        """See `Backend.close`. Any thread."""
        for view in self._views.values():
            if view.shows(self._runtime):
                view.detach()
        if self._follow_files in self._runtime.commit_observers:
            self._runtime.commit_observers.remove(self._follow_files)
        self._cells.stop()
        if self._door is not None:
            self._door.close()
        self._host.links.withdraw(self._runtime.slug, self._runtime.primary, replaced=replaced)

    def retitle(self, title: str) -> None:
        """See `Backend.retitle`."""
        self._host.links.refresh_record()
        self._runtime.owner.submit(lambda: self._retitle_views(title))

    def open(self, mode: OpenMode | None) -> None:
        """Ask the lab to show the app, or the browser of this machine. Raises `ServerError` where there is no lab."""
        if mode == "browser":
            if self._door is None:
                from jupyter_trame.kernel.browser_door import BrowserDoor

                self._door = BrowserDoor(self._runtime)
            self._door.open()
            return
        if not self._host.environment.speaks_jupyter:
            raise ServerError(
                "this notebook has no tabs for apps: show the server in a cell, as its last line or by server.view()"
            )
        opening.open_in_lab(
            {
                "kernel_id": self._host.environment.kernel_id,
                "slug": self._runtime.slug,
                "title": self._runtime.title,
                "mode": mode,
            }
        )

    def display_still(self, template: str) -> bool:
        """See `Backend.display_still`."""
        if not runs_unattended(self._host.environment.kernel):
            return False
        if self._pictures is None:
            from jupyter_trame.kernel.still_pictures import StillPictures

            self._pictures = StillPictures(self._runtime)
        self._pictures.show(template)
        return True

    def displayed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """See `Backend.displayed`: a front end without widgets shows the text, which says how to see the app."""
        data, metadata = self.view()._repr_mimebundle_() or (
            {"text/plain": repr(self._runtime.app.server)},
            {},
        )
        if is_console(self._host.environment.kernel):
            data["text/plain"] += '\nserver.open("browser") shows it in the browser of this machine.'
        return data, metadata

    def whereabouts(self) -> str:
        """See `Backend.whereabouts`: a kernel's server is wherever its notebook is shown, until it has a port."""
        if not self._runtime.port:
            return ""
        from jupyter_trame.program.sockets import page_address  # a kernel without a port loads no web server

        return f" at {page_address(self._runtime, secret=False)}"

    def view(self, template: str = "main", embed: str | None = None) -> TrameView:
        """The one widget of a layout; each place that shows it is a view of its own."""
        self._claim_output()
        environment, embedding = self._host.environment, _embedding(embed)
        owner = environment.view_owner()
        key = (template, embedding, owner)
        view = self._views.get(key)
        if view is None or view.comm is None:
            from jupyter_trame.kernel.view import TrameView

            view = TrameView(self._runtime, self._host.links, template=template, embed=embedding)
            self._views[key] = view
            if owner is not None:
                environment.before_rerun(partial(_let_go, self._views, key))
        return view

    def pending(self) -> int:
        """See `Backend.pending`."""
        return self._host.links.pending(self._runtime.slug) if self._runtime.stage else 0

    def doctor(self) -> Report:
        """See `Backend.doctor`."""
        from jupyter_trame.kernel.kernel_doctor import examine

        return examine(*self._examined())

    async def examine(self) -> Report:
        """See `Backend.examine`."""
        from jupyter_trame.kernel.kernel_doctor import examine_later

        return await examine_later(*self._examined())

    def _examined(self) -> tuple[Runtime, KernelEnvironment, LinkFacts, asyncio.AbstractEventLoop]:
        links = self._host.links
        return self._runtime, self._host.environment, links.facts(self._runtime.slug), links.loop

    def _publish(self) -> None:
        self._files.changed()
        self._host.links.publish(
            self._runtime.slug, self._runtime.primary, self._files, self._runtime.network.changed
        )
        if self._follow_files not in self._runtime.commit_observers:
            self._runtime.commit_observers.append(self._follow_files)

    def _after_cell(self) -> None:
        self._runtime.flush()
        if self._pictures is not None:
            self._pictures.renew()

    def _follow_files(self, _changes: object) -> None:
        """Modules say in the state what pages are to load, so this is when folders may be new. Any thread."""
        if self._files.changed():
            self._host.links.refresh_page_files(self._runtime.slug)

    def _attach_views(self) -> None:
        """Widgets that cells showed before are this server's now: a cell that runs again makes no other one."""
        for key, view in list(self._views.items()):
            if view.comm is None:
                del self._views[key]
            else:
                view.attach(self._runtime)

    def _retitle_views(self, title: str) -> None:
        for view in self._views.values():
            view.title = title

    def _leave_cell(self) -> None:
        """The cell that made the server runs again, or was deleted: views wait a while for the next server."""
        self._life_cycle.end(replaced=True)

    def _claim_output(self) -> None:
        """What callbacks print, and their errors, go to the cell that runs now."""
        if threading.get_ident() == self._host.environment.thread:
            self._runtime.owner.context = contextvars.copy_context()

    def _show_error(self, report: ErrorReport) -> None:
        """Write the error into the cell that displayed the app. Any thread."""
        context = self._runtime.owner.context
        if context is None or not self._shown_errors.allow():
            return
        hidden, self._shown_errors.suppressed = self._shown_errors.suppressed, 0
        more = f"({hidden} more errors were not shown; server.errors has the latest)\n" if hidden else ""
        text = more + text_of(report)
        held = self._held
        if held is not None:
            held.append(text)
        else:
            context.copy().run(_write_error, text)

    def _show_held(self) -> None:
        held, self._held = self._held, None
        if held and self._runtime.owner.context is not None:
            self._runtime.owner.context.copy().run(_write_error, "".join(held))


def text_of(report: ErrorReport) -> str:
    """What the output of a cell says of `report`; of a hint what to do comes first."""
    if report.is_hint:
        return f"Hint: {report.message} ({report.where})\n"
    if not report.trace:
        return f"{report.where}: {report.message}\n"
    remedy = f"{report.remedy}\n" if report.remedy else ""
    return f"in {report.where}\n{remedy}{report.trace}"


def _let_go(views: Views, key: tuple[str, str, str | None]) -> None:
    """The cell of a widget runs again, or was deleted."""
    view = views.pop(key, None)
    if view is not None:
        view.close()


def _write_error(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _embedding(embed: str | None) -> str:
    if embed not in (None, *EMBEDDINGS):
        raise ServerError(f"a view is embedded in one of the ways {', '.join(EMBEDDINGS)}, not {embed!r}")
    return embed or EMBEDDINGS[0]
