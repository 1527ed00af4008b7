"""Puts a server together: the one place that knows all of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_trame.core import Translator
from jupyter_trame.core.state import store_of
from jupyter_trame.program import choice
from jupyter_trame.program.announcement import print_banner
from jupyter_trame.protocol import Limits
from jupyter_trame.rpc.dispatcher import Dispatcher
from jupyter_trame.rpc.protocols import CoreProtocol
from jupyter_trame.rpc.upload_folder import UploadFolder
from jupyter_trame.rpc.uploads import Uploads
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.app import App
from jupyter_trame.runtime.lifecycle import LifeCycle, Outside
from jupyter_trame.runtime.runtime import Runtime
from jupyter_trame.runtime.surroundings import prepare
from jupyter_trame.types import Compat

__all__ = ["assemble"]


def assemble(
    server: object,
    name: str,
    compat: Compat | None,
    options: Mapping[str, Any],
    translator: Translator,
    vn_constructor: Callable[..., Any] | None,
) -> LifeCycle:
    """The life cycle of a new root server, with all that belongs to it; it has the name from now on.

    `server` is the object that users hold. Raises ValueError and TypeError for what the others cannot be.
    """
    prepare()
    app = App(server, name, compat, options)
    quota = app.options["upload_quota"]
    folder = UploadFolder(_quota(quota)) if app.manners.keeps_uploads_on_disk else None
    uploads = Uploads(Limits().message, folder)
    slug = registry.current().slug(name)
    runtime = Runtime(app, slug, lambda runtime: Dispatcher(runtime, uploads).on_event)
    user_code = runtime.user_code
    app.fill(translator, user_code, runtime.commit, user_code.report, vn_constructor)
    store_of(app.state).drawings.is_withheld = runtime.is_withheld
    app.context.network_monitor = runtime.network
    life_cycle = LifeCycle(runtime, Outside(choice.choose, CoreProtocol, print_banner))
    life_cycle.at_end.append(uploads.close)
    life_cycle.take_name()
    return life_cycle


def _quota(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"upload_quota is a number of bytes, not {value!r}")
    return value
