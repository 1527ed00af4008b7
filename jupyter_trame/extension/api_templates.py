"""What apps begin with. The files are looked up by a module that loads more than a Jupyter server needs, when asked."""

import asyncio
from dataclasses import asdict
from http import HTTPStatus

from jupyter_trame.extension.api_handler import ApiError, ApiHandler
from jupyter_trame.extension.rights import requires

__all__ = ["TemplateHandler", "TemplatesHandler"]


class TemplatesHandler(ApiHandler):
    """``templates``."""

    @requires("read", "kernels")
    async def get(self) -> None:
        """All there are, the simplest first."""
        from jupyter_trame.templates.beginnings import read_beginnings

        self.answer([asdict(beginning) for beginning in read_beginnings()])


class TemplateHandler(ApiHandler):
    """``templates/<name>``."""

    @requires("read", "kernels")
    async def get(self, name: str) -> None:
        """Its files, for an app of the name in the argument ``app``."""
        from jupyter_trame.templates.beginnings import NameOfAppError, NoSuchBeginningError, files_of

        try:
            texts = await asyncio.to_thread(files_of, name, self.get_query_argument("app", "app"))
        except NoSuchBeginningError as error:
            raise ApiError(HTTPStatus.NOT_FOUND, str(error)) from error
        except NameOfAppError as error:
            raise ApiError(HTTPStatus.BAD_REQUEST, str(error)) from error
        self.answer({"name": name, "files": [{"path": path, "text": text} for path, text in texts.items()]})
