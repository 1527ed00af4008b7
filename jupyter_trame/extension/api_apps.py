"""What can be started, and starting it."""

import asyncio
from dataclasses import asdict
from functools import partial
from http import HTTPStatus

from jupyter_trame.apps.entry_points import RegisteredApp, read_apps
from jupyter_trame.extension.api_handler import ApiHandler
from jupyter_trame.extension.api_starts import answer_start
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.app_files import read_launch
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.rights import requires
from jupyter_trame.extension.starts import Starts
from jupyter_trame.log_text import foreign

__all__ = ["AppsHandler", "StartAppHandler", "StartFileHandler"]


class AppsHandler(ApiHandler):
    """``apps``: what is registered."""

    def initialize(self, *, narvi: NarviServices) -> None:
        """See `NarviServices`."""
        super().initialize()
        self._narvi = narvi

    @requires("read", "kernels")
    async def get(self) -> None:
        """Those of packages by title, then those that kernels have registered."""
        apps = await asyncio.to_thread(read_apps)
        cards = [{**asdict(card), "install": None, "source": "kernel"} for card in self._narvi.cards()]
        self.answer([*map(_app_model, apps), *cards])


class StartAppHandler(ApiHandler):
    """``apps/<name>``."""

    def initialize(self, *, control: AppControl, starts: Starts) -> None:
        """See `AppControl` and `Starts`."""
        super().initialize()
        self._control = control
        self._starts = starts

    @requires("write", "sessions")
    @requires("execute", "kernels")
    async def post(self, name: str) -> None:
        """Start it in a kernel of its own."""
        what = f"the app {foreign(name)!r}"
        begin = partial(self._starts.begin, what, partial(self._control.start_app, name))
        await answer_start(self, begin, HTTPStatus.CREATED)


class StartFileHandler(ApiHandler):
    """``files``."""

    def initialize(self, *, control: AppControl, starts: Starts) -> None:
        """See `AppControl` and `Starts`."""
        super().initialize()
        self._control = control
        self._starts = starts

    @requires("read", "contents")
    @requires("write", "sessions")
    @requires("execute", "kernels")
    async def post(self) -> None:
        """Run a file as an app, in a kernel of its own."""
        launch = await read_launch(self.contents_manager, self.body())
        begin = partial(self._starts.begin, launch.what, partial(self._control.start, launch))
        await answer_start(self, begin, HTTPStatus.CREATED)


def _app_model(app: RegisteredApp) -> dict[str, object]:
    return {
        "name": app.name,
        "title": app.title,
        "icon": app.icon,
        "description": app.description,
        "error": app.error,
        "install": app.install or None,
        "address": "",
        "needs_id": False,
        "source": "package",
    }
