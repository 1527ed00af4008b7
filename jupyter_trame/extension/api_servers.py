"""What runs, who looks at it, and ending it."""

from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from operator import itemgetter

from jupyter_trame.extension.api_handler import ApiHandler
from jupyter_trame.extension.api_starts import answer_start
from jupyter_trame.extension.app_control import AppControl
from jupyter_trame.extension.kernel_control import ask_viewers
from jupyter_trame.extension.relays import Relays
from jupyter_trame.extension.rights import requires
from jupyter_trame.extension.server_models import ServerModels, timestamp
from jupyter_trame.extension.starts import Starts
from jupyter_trame.log_text import foreign

__all__ = ["RestartHandler", "ServerHandler", "ServersHandler", "ViewersHandler"]


class ServersHandler(ApiHandler):
    """``servers``."""

    def initialize(self, *, models: ServerModels) -> None:
        """See `ServerModels`."""
        super().initialize()
        self._models = models

    @requires("read", "kernels")
    async def get(self) -> None:
        """What answers in the kernels at this moment."""
        self.answer([asdict(model) for model in await self._models.all()])


class ServerHandler(ApiHandler):
    """``servers/<kernel id>/<slug>``."""

    def initialize(self, *, control: AppControl, starts: Starts) -> None:
        """See `AppControl` and `Starts`."""
        super().initialize()
        self._control = control
        self._starts = starts

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """What is known of it."""
        self.answer(asdict(await self._control.find(kernel_id, slug)))

    @requires("write", "kernels")
    @requires("execute", "kernels")
    async def delete(self, kernel_id: str, slug: str) -> None:
        """Stop it, also while it starts again."""
        await self._starts.stop_at((kernel_id, slug))
        await self._control.stop(kernel_id, slug)
        self.set_status(HTTPStatus.NO_CONTENT)
        self.finish()


class RestartHandler(ApiHandler):
    """``servers/<kernel id>/<slug>/restart``."""

    def initialize(self, *, control: AppControl, starts: Starts) -> None:
        """See `AppControl` and `Starts`."""
        super().initialize()
        self._control = control
        self._starts = starts

    @requires("write", "kernels")
    @requires("execute", "kernels")
    async def post(self, kernel_id: str, slug: str) -> None:
        """Start it again, under the same address; two who ask at once wait for the same."""
        what, restart = f"the app {foreign(slug)!r}", partial(self._control.restart, kernel_id, slug)
        await answer_start(self, partial(self._starts.begin, what, restart, (kernel_id, slug)), HTTPStatus.OK)


class ViewersHandler(ApiHandler):
    """``servers/<kernel id>/<slug>/viewers``."""

    def initialize(self, *, control: AppControl, relays: Relays) -> None:
        """See `AppControl` and `Relays`."""
        super().initialize()
        self._control = control
        self._relays = relays

    @requires("read", "kernels")
    async def get(self, kernel_id: str, slug: str) -> None:
        """Who is connected to it: through this Jupyter server, or over a comm, whose user is not known."""
        model = await self._control.find(kernel_id, slug)
        over_comms = await ask_viewers(self._relays.kernels, model.kernel_id, model.slug)
        viewers = [
            *(
                (viewer.since, viewer.id, "websocket", viewer.user)
                for viewer in self._relays.viewers_of(model.kernel_id, model.slug).all
            ),
            *((since, client_id, "comm", None) for client_id, since in over_comms),
        ]
        self.answer(
            [
                {"id": client_id, "since": timestamp(since), "path": path, "user": user}
                for since, client_id, path, user in sorted(viewers, key=itemgetter(0))
            ]
        )
