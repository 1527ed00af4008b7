"""The built client, for who is logged in."""

from pathlib import Path
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

from jupyter_trame.extension.refusals import PlainErrors
from jupyter_trame.extension.rights import requires
from jupyter_trame.files.headers import KEPT, PRIVATE, entity_tag
from jupyter_trame.files.media_types import content_type

__all__ = ["TrameStaticHandler"]

_SENT = frozenset({".css", ".js", ".map", ".md", ".woff2"})
"""What the client is made of. No page: one at an address without a server would have to be told whom to talk to."""


class TrameStaticHandler(PlainErrors, StaticFileHandler):
    """Files of one folder. With ``?v=`` they are kept for ever, without they are asked for again by ETag."""

    @requires("read", "kernels")
    async def get(self, path: str, include_body: bool = True) -> None:
        """The file, or 304."""
        await StaticFileHandler.get(self, path, include_body)

    @requires("read", "kernels")
    async def head(self, path: str) -> None:
        """The headers of `get`."""
        await StaticFileHandler.get(self, path, include_body=False)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Raises 404 for all but scripts, sheets, fonts and what belongs to them."""
        if Path(absolute_path).suffix not in _SENT or "\0" in absolute_path:
            raise HTTPError(404)
        return super().validate_absolute_path(root, absolute_path)

    def get_content_type(self) -> str:
        """By the file's name alone."""
        return content_type(str(self.absolute_path))

    def compute_etag(self) -> str | None:
        """Changes with the file; tornado's own hash is taken once a process and misses a new build."""
        status = Path(str(self.absolute_path)).stat()
        return entity_tag(status.st_mtime_ns, status.st_size)

    def get_cache_time(self, *_: Any) -> int:
        """0: `set_extra_headers` says it all."""
        return 0

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """How long a browser may keep the file."""
        versioned = "v" in self.request.arguments
        self.set_header("Cache-Control", KEPT if versioned else PRIVATE)
