"""What a cell shows of a `NarviServer`: its apps in frames, each with a link to a tab of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["shown_apps"]

_HEIGHT = 420
"""Pixels of a frame."""
_LINK = '{name} <a href="{url}" target="_blank" rel="noopener">Open in a tab</a>'
_FRAME = (
    "<details{open}><summary>{link}</summary>"
    '<iframe src="{url}" title="{name}" width="100%" height="{height}" loading="lazy" style="border: 0"></iframe>'
    "</details>"
)


def shown_apps(urls: Sequence[tuple[str, str, str]], *, frames: bool = True) -> str:
    """HTML of the apps that `NarviServer.list_app_urls` has; frames of more than one are folded.

    Without `frames` it is links, and a sentence that says why.
    """
    # The overview is left out: its address may hold a token, and outputs are saved in notebooks.
    apps = [
        (escape(f"{workspace} / {app_name}"), escape(url)) for workspace, app_name, url in urls if workspace
    ]
    if not apps:
        return "<p>No app of this server can be reached without a service id.</p>"
    links = [_LINK.format(name=name, url=url) for name, url in apps]
    if not frames:
        items = "".join(f"<li>{link}</li>" for link in links)
        return f"<p>This Jupyter server allows no frames, so its apps open in tabs:</p><ul>{items}</ul>"
    is_open = " open" if len(apps) == 1 else ""
    return "".join(
        _FRAME.format(open=is_open, link=link, name=name, url=url, height=_HEIGHT)
        for link, (name, url) in zip(links, apps, strict=True)
    )
