"""Starts, stops and restarts apps: all that the REST interface changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from weakref import WeakValueDictionary

from jupyter_server.services.contents.manager import ContentsManager

from jupyter_trame.apps.entry_points import read_apps
from jupyter_trame.errors import LinkError
from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.app_events import AppEvents
from jupyter_trame.extension.app_files import read_again
from jupyter_trame.extension.kernel_control import ask_kernel, not_running, unreachable
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launch import AppLaunch, launch_app
from jupyter_trame.extension.launcher import Launcher
from jupyter_trame.extension.server_models import Owner, ServerModel, ServerModels
from jupyter_trame.log_text import foreign
from jupyter_trame.transports.control_words import RESTART, STOP

__all__ = ["AppControl"]


class AppControl:
    """An app in a kernel of its own takes that along, one in the kernel of a notebook leaves it. On the server's loop.

    What it raises is `ApiError`.
    """

    def __init__(
        self,
        launcher: Launcher,
        kernels: Kernels,
        models: ServerModels,
        events: AppEvents,
        contents: ContentsManager,
        *,
        timeout: float,
    ) -> None:
        """`timeout`: seconds in which an app starts or stops."""
        self._contents = contents
        self._events = events
        self._launcher = launcher
        self._kernels = kernels
        self.models = models
        self._timeout = timeout
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """By kernel: of two who stop an app at the same time the second finds it gone."""

    async def start_app(self, name: str) -> ServerModel:
        """Start a registered app in a kernel of its own; cancelled, it leaves none."""
        apps = await asyncio.to_thread(read_apps)
        for app in apps:
            if app.name == name:
                return await self.start(launch_app(app))
        known = ", ".join(sorted(app.name for app in apps)) or "none"
        raise ApiError(HTTPStatus.NOT_FOUND, f"no app {foreign(name)!r} is registered; there: {known}")

    async def start(self, launch: AppLaunch) -> ServerModel:
        """Start `launch` in a kernel of its own; cancelled, it leaves none."""
        try:
            launched = await self._launcher.launch(launch)
        except ApiError as error:
            self._failed(launch, error)
            raise
        try:
            return await self._started(launched.kernel_id, launched.slug)
        except BaseException as error:
            await asyncio.shield(self._launcher.end(launched.kernel_id))
            if isinstance(error, ApiError):
                self._failed(launch, error)
            raise

    async def stop(self, kernel: str, slug: str) -> None:
        """Stop the server; with it goes the kernel that it was started in."""
        kernel_id = self._resolve(kernel, slug)
        launch = await self._launch_of(kernel_id)
        if launch is None:
            await ask_kernel(self._kernels, kernel_id, STOP, slug, limit=self._timeout)
            self._stopped(await self.models.owner(kernel_id), kernel_id, slug)
        else:
            async with self._alone(kernel_id, slug):
                await self._launcher.end(kernel_id)
            self._stopped(launch.owner, kernel_id, slug, launch)

    async def restart(self, kernel: str, slug: str) -> ServerModel:
        """Start the server again under the same address, in a new process where the kernel is its own.

        A file is read anew; one that cannot be read leaves the app as it was. Where the app does not start, the kernel
        stays, so that it may be tried again.
        """
        kernel_id = self._resolve(kernel, slug)
        launch = await self._launch_of(kernel_id)
        if launch is None:
            await ask_kernel(self._kernels, kernel_id, RESTART, slug, limit=self._timeout)
            self._stopped(await self.models.owner(kernel_id), kernel_id, slug)
            return await self._started(kernel_id, slug)
        async with self._alone(kernel_id, slug):
            launch = await read_again(self._contents, launch)
            self._stopped(launch.owner, kernel_id, slug, launch)
            try:
                slug = (await self._launcher.restart(kernel_id, launch)).slug
            except ApiError as error:
                self._failed(launch, error)
                raise
            self._kernels.activity.noted(kernel_id)  # before culling, which may wait for this to end, looks
        return await self._started(kernel_id, slug)

    async def cull(self, kernel_id: str, idle: float) -> bool:
        """End an app that has the kernel for itself and that nobody has used for `idle` seconds; whether it was ended.

        One that starts again meanwhile is in use.
        """
        async with self._locks.setdefault(kernel_id, asyncio.Lock()):
            launch = await self._launch_of(kernel_id)
            if launch is None or self._kernels.activity.idle(kernel_id) < idle:
                return False
            await self._launcher.end(kernel_id)
            self._stopped(launch.owner, kernel_id, None, launch, f"nobody used it for {idle:g} s")
        return True

    async def end_ended(self, kernel_id: str) -> bool:
        """End the kernel of an app that has ended itself; whether it was ended."""
        async with self._locks.setdefault(kernel_id, asyncio.Lock()):
            launch = await self._launch_of(kernel_id)
            try:
                if launch is None or kernel_id not in self._launcher.started:
                    return False
                if await self._kernels.running_in(kernel_id):
                    return False
            except LinkError:
                return False
            await self._launcher.end(kernel_id)
            self._stopped(launch.owner, kernel_id, None, launch, "the app has ended")
        return True

    async def find(self, kernel: str, slug: str) -> ServerModel:
        """The server, if it runs."""
        try:
            model = await self.models.find(kernel, slug)
        except LinkError as error:
            raise unreachable(error) from error
        if model is None:
            raise not_running(slug)
        return model

    def _resolve(self, kernel: str, slug: str) -> str:
        kernel_id = self._kernels.resolve(kernel)
        if kernel_id is None:
            raise not_running(slug)
        return kernel_id

    async def _launch_of(self, kernel_id: str) -> AppLaunch | None:
        """What was started in the kernel, which comes and goes with that; None for those of others."""
        launch = self._launcher.launches.get(kernel_id)
        return launch if launch is not None and await self.models.owner(kernel_id) == launch.owner else None

    def _stopped(
        self,
        owner: Owner,
        kernel_id: str,
        slug: str | None,
        launch: AppLaunch | None = None,
        reason: str | None = None,
    ) -> None:
        app, path = (None, None) if launch is None else (launch.app, launch.path)
        self._events.app(
            "stopped", owner=owner, kernel_id=kernel_id, slug=slug, app=app, path=path, reason=reason
        )

    def _failed(self, launch: AppLaunch, error: ApiError) -> None:
        self._events.app("failed", owner=launch.owner, app=launch.app, path=launch.path, reason=error.message)

    @asynccontextmanager
    async def _alone(self, kernel_id: str, slug: str) -> AsyncIterator[None]:
        """The kernel has the server, as far as it answers, or is there for it; others leave it alone meanwhile."""
        async with self._locks.setdefault(kernel_id, asyncio.Lock()):
            try:
                runs = kernel_id in self._kernels and (
                    self._launcher.belongs(kernel_id, slug)
                    or await self.models.find(kernel_id, slug) is not None
                )
            except LinkError:  # that is a reason to end it, or to start it again
                runs = True
            if not runs:
                raise not_running(slug)
            yield

    async def _started(self, kernel_id: str, slug: str) -> ServerModel:
        try:
            model = await self.models.find(kernel_id, slug)
        except LinkError as error:
            raise unreachable(error) from error
        if model is None:
            raise ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"the app {slug!r} has started, and ended at once"
            )
        self._kernels.activity.noted(kernel_id)
        self._events.app(
            "started", owner=model.owner, kernel_id=kernel_id, slug=slug, app=model.app, path=model.path
        )
        return model
