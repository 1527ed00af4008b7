"""A trame app as an instance: pages are clients of its server, and its host counts them as sessions."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jupyter_trame.server.server import Server, runtime_of
from jupyter_trame.services.instance import InstanceKey, ServiceFailedError, ServiceInstance
from jupyter_trame.services.service_messages import (
    AppMessage,
    Message,
    ServiceAnswer,
    ServiceRequest,
    Visitor,
)

__all__ = ["TrameAppInstance", "TrameInstance", "app_path", "check_app", "load_app"]


def app_path(app: object) -> str:
    """The import path of `app`, as another process finds it. Raises `TypeError` and `ValueError` where none does."""
    if isinstance(app, str):
        module, colon, function = app.partition(":")
        if not (colon and function.isidentifier() and all(map(str.isidentifier, module.split(".")))):
            raise ValueError(f"the import path of an app is like 'package.module:function', not {app!r}")
        return app
    module_name, name = getattr(app, "__module__", None), getattr(app, "__qualname__", None)
    if not callable(app) or not isinstance(module_name, str) or not isinstance(name, str):
        raise TypeError(f"app is a function that is called with the server, or its import path; got {app!r}")
    if module_name == "__main__" or not name.isidentifier():
        raise ValueError(
            f"the app {name!r} is defined in the notebook or inside of something else, and a service runs in a kernel "
            "of its own, which has to import it: put it into a module"
        )
    return f"{module_name}:{name}"


def check_app(app: object) -> None:
    """Raises `TypeError` and `ValueError` for what is neither a function nor the import path of one."""
    if isinstance(app, str) or not callable(app):
        app_path(app)


def load_app(path: str) -> Callable[[Server], object]:
    """The function of ``package.module:function``. Raises `ServiceFailedError` with the reason."""
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise ServiceFailedError(
            f"the module {module_name} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    found = getattr(module, name, None)
    if not callable(found):
        raise ServiceFailedError(f"the module {module_name} has no app {name}")
    app: Callable[[Server], object] = found
    return app


class TrameInstance(ServiceInstance):
    """An app of `jupyter_trame.apps`, whose pages are clients of its server."""

    def open_session(self, visitor: Visitor) -> None:
        """A page says hello to the server itself."""

    def close_session(self, session_id: str) -> None:
        """And goodbye."""

    def receive(self, session_id: str, message: Message) -> Awaitable[None] | None:  # noqa: ARG002
        """Pages speak to the server itself."""
        return None

    async def answer(self, request: ServiceRequest) -> ServiceAnswer | None:  # noqa: ARG002
        """An app has no request services."""
        return None

    def admits(self, from_workspace: str) -> bool:  # noqa: ARG002
        """An app takes no messages of services."""
        return False

    def receive_app_message(self, message: AppMessage) -> None:
        """See `admits`."""

    async def metrics(self) -> Mapping[str, Any] | None:
        """None."""
        return None

    def receive_admin(self, overview: Mapping[str, Any]) -> None:
        """It does not ask."""


class TrameAppInstance(TrameInstance):
    """One that is made on the main thread of a kernel."""

    def __init__(self, key: InstanceKey, app: Callable[..., object], parameters: Mapping[str, Any]) -> None:
        """Starts the server; `parameters` are keywords of the app. Raises `ServiceFailedError`."""
        self._loop = asyncio.get_event_loop()
        self._server = Server(f"{key.workspace} {key.service} {key.service_id}")
        try:
            app(self._server, **parameters)
            self._server.start()
        except (Exception, SystemExit) as error:
            raise ServiceFailedError(f"the app failed: {type(error).__name__}: {error}") from error

    @property
    def slug(self) -> str:
        """Of the server in its kernel."""
        return runtime_of(self._server).slug

    async def start(self) -> None:
        """It runs already."""

    async def stop(self) -> None:
        """Stop the server, on its own thread."""
        done: asyncio.Future[None] = asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop)
        )
        await done

    async def _stop(self) -> None:
        await self._server.stop()
