"""What a cell shows of a `NarviServer`: its apps in frames, each with a link to a tab of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["shown_apps"]

_HEIGHT = 420
"""Pixels of a frame."""
_APP = (
    "<details{open}><summary>{name} "
    '<a href="{url}" target="_blank" rel="noopener">Open in a tab</a></summary>'
    '<iframe src="{url}" title="{name}" width="100%" height="{height}" loading="lazy" style="border: 0"></iframe>'
    "</details>"
)


def shown_apps(urls: Sequence[tuple[str, str, str]]) -> str:
    """HTML of the apps that `NarviServer.list_app_urls` has; frames of more than one are folded."""
    # The overview is left out: its address may hold a token, and outputs are saved in notebooks.
    apps = [(f"{workspace} / {app_name}", url) for workspace, app_name, url in urls if workspace]
    if not apps:
        return "<p>No app of this server can be reached without a service id.</p>"
    is_open = " open" if len(apps) == 1 else ""
    return "".join(
        _APP.format(open=is_open, name=escape(name), url=escape(url), height=_HEIGHT) for name, url in apps
    )
