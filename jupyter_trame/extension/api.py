"""The REST interface: what can be started, and what runs."""

import asyncio
import json
from dataclasses import asdict
from http import HTTPStatus

from jupyter_server.base.handlers import APIHandler

from jupyter_trame.apps.entry_points import read_apps
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.launcher import Launcher, LaunchError
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.rights import requires
from jupyter_trame.log_text import MESSAGE_LENGTH, foreign
from jupyter_trame.transports.tornado_log import LogsNoQuery

__all__ = ["AppsHandler", "LaunchHandler", "ServersHandler"]


class AppsHandler(LogsNoQuery, APIHandler):
    """``api/apps``: what the launcher shows."""

    def initialize(self, *, narvi: NarviServices) -> None:
        """See `NarviServices`."""
        super().initialize()
        self._narvi = narvi

    @requires("read", "kernels")
    async def get(self) -> None:
        """``[{name, title, icon, description, error, address, needs_id}]``.

        `error` is null unless the registration is broken. `address` is empty for an app that is launched; of one that
        kernels have registered it is that of its page, below the base URL, with ``{id}`` in it where `needs_id`.
        """
        apps = await asyncio.to_thread(read_apps)
        cards = [{**asdict(app), "address": "", "needs_id": False} for app in apps]
        self.finish(json.dumps(cards + [asdict(card) for card in self._narvi.cards()]))


class LaunchHandler(LogsNoQuery, APIHandler):
    """``api/apps/<name>``: start an app in a kernel of its own."""

    def initialize(self, *, launcher: Launcher) -> None:
        """See `Launcher`."""
        super().initialize()
        self._launcher = launcher

    @requires("write", "sessions")
    @requires("execute", "kernels")
    async def post(self, name: str) -> None:
        """``{kernel_id, slug, title}``, or ``{message, trace}``."""
        try:
            launched = await self._launcher.launch(name)
        except LaunchError as error:
            self.log.warning("the app %s was not started: %s", foreign(name), foreign(error, MESSAGE_LENGTH))
            self.set_status(error.status)
            self.finish({"message": str(error), "trace": error.trace})
            return
        self.set_status(HTTPStatus.CREATED)
        self.finish(asdict(launched))


class ServersHandler(LogsNoQuery, APIHandler):
    """``api/servers``: what runs in the kernels."""

    def initialize(self, *, kernels: Kernels) -> None:
        """See `Kernels`."""
        super().initialize()
        self._kernels = kernels

    @requires("read", "kernels")
    async def get(self) -> None:
        """``[{kernel_id, slug, title, name, way, added}]``, see `RunningServer`."""
        self.finish(json.dumps([asdict(server) for server in await self._kernels.running()]))
