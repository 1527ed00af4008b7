"""A private page that leads to an address with a secret: every user of a machine can read a browser's command line.

Jupyter's server opens its pages in the same way.
"""

import contextlib
import html
import os
import tempfile
import threading
from pathlib import Path

from jupyter_trame.system.private_files import patiently, write_private

__all__ = ["RedirectFile"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>Opening the app</title>
</head>
<body><p>If the app does not open by itself: <a href="{url}">open it</a>.</p></body>
</html>
"""


class RedirectFile:
    """Writes the page that leads to one server, and takes it away again; it is made when it is first needed.

    Any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path: Path | None = None

    def lead_to(self, url: str) -> str:
        """The ``file:`` address of a page that leads to `url`. Raises `OSError` where there is no place for it."""
        with self._lock:
            self._remove()
            # mkdtemp makes the folder 0700, and the file is ours alone as well.
            path = Path(tempfile.mkdtemp(prefix="jupyter-trame-open-")) / "open.html"
            self._path = path
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            write_private(descriptor, path, _PAGE.format(url=html.escape(url)).encode())
            return path.as_uri()

    def remove(self) -> None:
        """Take it away; the browser has read it, or nobody is there any more. More than once is harmless."""
        with self._lock:
            self._remove()

    def _remove(self) -> None:
        path, self._path = self._path, None
        if path is not None:
            with contextlib.suppress(OSError):
                patiently(lambda: path.unlink(missing_ok=True))
                path.parent.rmdir()
