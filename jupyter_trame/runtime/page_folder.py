"""The page of a server: the folder that its ``index.html`` lies in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_trame.files.folders import STATIC, Folders

if TYPE_CHECKING:
    from jupyter_trame.runtime.app import App

__all__ = ["make_folders", "page_folder"]


def page_folder(app: App, content: Path | None = None) -> Path:
    """`content` if it is given, else the page that a module brings, else ours.

    Ours also stands in for the Vue 3 page that trame-client's widgets bring, where the manners of the server say so.
    """
    if content is not None:
        return content
    www = app.www
    if www is None:
        return STATIC
    theirs = app.client_type == "vue3" and "trame_client" in Path(www).parts
    return STATIC if theirs and app.manners.draws_vue3_itself else Path(www)


def make_folders(
    app: App,
    *,
    content: Path | None = None,
    folders: Mapping[str, str] | None = None,
    follow_symlinks: bool = False,
) -> Folders:
    """All that pages of `app` may ask for at this moment: its own folders, and of `folders` what it has not."""
    return Folders({**(folders or {}), **app.serve}, page_folder(app, content), follow_symlinks)
