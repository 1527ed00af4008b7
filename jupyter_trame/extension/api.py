"""The root of the REST interface, and the document that describes it."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jupyter_server.utils import url_path_join

from jupyter_trame._version import __version__
from jupyter_trame.extension.api_handler import ApiHandler
from jupyter_trame.extension.rights import requires

__all__ = ["API_PATH", "OpenApiHandler", "RootHandler", "read_document"]

API_PATH = "trame/api/v1"
"""Below the base URL."""


class RootHandler(ApiHandler):
    """The root."""

    @requires("read", "kernels")
    async def get(self) -> None:
        """Who answers here, and where the document is."""
        self.answer({"name": "jupyter_trame", "version": __version__, "openapi": "openapi.json"})


class OpenApiHandler(ApiHandler):
    """``openapi.json``."""

    @requires("read", "kernels")
    async def get(self) -> None:
        """The document, for this server's own address."""
        self.answer({**read_document(), "servers": [{"url": url_path_join(self.base_url, API_PATH)}]})


@cache
def read_document() -> dict[str, Any]:
    """The OpenAPI document of all versions' routes; nobody changes it."""
    document: dict[str, Any] = json.loads(
        files("jupyter_trame.extension").joinpath("openapi.json").read_text("utf-8")
    )
    document["info"]["version"] = __version__
    return document
