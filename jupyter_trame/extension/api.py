"""The root of the REST interface, the document that describes it, and what is no address of it."""

import json
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from jupyter_server.utils import url_path_join

from jupyter_trame._version import __version__
from jupyter_trame.extension.api_handler import ApiError, ApiHandler
from jupyter_trame.extension.rights import requires
from jupyter_trame.log_text import foreign

__all__ = ["API_PATH", "OpenApiHandler", "RootHandler", "UnknownHandler", "read_document"]

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


class UnknownHandler(ApiHandler):
    """Whatever else is below the root: the refusal is JSON there too."""

    @requires("read", "kernels")
    async def get(self) -> None:
        """There is nothing."""
        path = self.request.path.removeprefix(url_path_join(self.base_url, API_PATH))
        raise ApiError(
            HTTPStatus.NOT_FOUND,
            f"the interface has no address {foreign(path)!r}; openapi.json, below its root, has all",
        )

    head = post = put = patch = delete = get


@cache
def read_document() -> dict[str, Any]:
    """The OpenAPI document of all versions' routes; nobody changes it."""
    document: dict[str, Any] = json.loads(
        files("jupyter_trame.extension").joinpath("openapi.json").read_text("utf-8")
    )
    document["info"]["version"] = __version__
    return document
