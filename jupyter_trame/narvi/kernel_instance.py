"""What the kernel of an instance runs: the object of the service's class, or an app, behind a link."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.kernel.extension import install
from jupyter_trame.kernel.host import KernelHost
from jupyter_trame.kernel.links import KernelLinks
from jupyter_trame.narvi.kernel_port import InstancePort
from jupyter_trame.narvi.local_instance import LocalInstance
from jupyter_trame.narvi.local_shared import LocalShared
from jupyter_trame.runtime import registry
from jupyter_trame.services import words
from jupyter_trame.services.entries import RegisteredService
from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.monitoring import clean_metadata

__all__ = ["run_instance"]


def run_instance(text: str) -> None:
    """Start the instance that the Jupyter server describes, and answer its link. Main thread of a kernel.

    Raises `ServiceFailedError` with the reason.
    """
    described = json.loads(text)
    install()
    host = registry.process.host
    if not isinstance(host, KernelHost):
        raise ServerError("an instance of a service runs in a kernel, and this is none")
    settings = described["settings"]
    _go_where(settings)
    key = InstanceKey(
        described["workspace"], described["service"], described["service_id"], described["session_id"]
    )
    parameters = described["parameters"]
    if "app" in settings:
        _run_app(host.links, key, settings["app"], parameters)
    else:
        _run_class(host.links, key, described["class"], parameters)


def _run_class(links: KernelLinks, key: InstanceKey, class_name: str, parameters: Mapping[str, Any]) -> None:
    service = RegisteredService(
        workspace=key.workspace,
        app_service_name=key.service,
        app_cls_name=class_name,
        app_parameters=parameters,
    )

    def facts() -> dict[str, Any]:
        callbacks = instance.callbacks
        metadata = callbacks.metrics_metadata
        admits = None if callbacks.app2app is None else sorted({key.workspace, *callbacks.app2app_from})
        return _facts(
            key,
            metrics_metadata=None if metadata is None else clean_metadata(metadata),
            listens_to_admin=callbacks.admin is not None,
            admits=admits,
        )

    async def make() -> LocalInstance:
        return LocalInstance(key, service, port, LocalShared())

    async def stop() -> None:
        await instance.stop()

    port = InstancePort(links.loop, facts=facts, on_stop=stop)
    instance = asyncio.run_coroutine_threadsafe(make(), links.loop).result()
    instance.callbacks.on_change = port.look
    port.instance = instance
    # The class is imported and its object made on the instance's own thread, as all its callbacks run there.
    asyncio.run_coroutine_threadsafe(instance.start(), links.loop).result()
    links.offer(words.INSTANCE, port)


def _run_app(links: KernelLinks, key: InstanceKey, path: str, parameters: Mapping[str, Any]) -> None:
    # A class needs no trame server.
    from jupyter_trame.narvi.trame_app import TrameAppInstance, load_app

    instance = TrameAppInstance(key, load_app(path), parameters)
    facts = _facts(key, metrics_metadata=None, listens_to_admin=False, admits=None, trame_slug=instance.slug)
    port = InstancePort(links.loop, facts=lambda: facts, on_stop=instance.stop)
    port.instance = instance
    links.offer(words.INSTANCE, port)


def _facts(key: InstanceKey, **facts: Any) -> dict[str, Any]:
    """What the Jupyter server is told of an instance."""
    return {
        "workspace": key.workspace,
        "service": key.service,
        "service_id": key.service_id,
        "session_id": key.session_id,
        **facts,
    }


def _go_where(settings: Mapping[str, Any]) -> None:
    """Modules are found here as they are where the service was registered, as far as that is the same disk."""
    folder = settings.get("folder")
    if folder is not None:
        with contextlib.suppress(OSError):
            os.chdir(folder)
    known = set(sys.path)
    sys.path += [path for path in settings.get("path", ()) if path not in known]
    importlib.invalidate_caches()
