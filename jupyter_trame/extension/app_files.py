"""Files of the Jupyter server's contents that are to run as apps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.manager import ContentsManager
from tornado.web import HTTPError

from jupyter_trame.extension.api_handler import ApiError
from jupyter_trame.extension.launch import AppLaunch, launch_file
from jupyter_trame.log_text import foreign

__all__ = ["read_again", "read_launch"]

_BYTE_ORDER_MARK = "\ufeff"
"""Python passes it over at the beginning of a file, and not of a text."""
_EXPECTED = '{"path": "folder/app.py", "args": ["--option"]}'


async def read_launch(contents: ContentsManager, body: Mapping[str, Any]) -> AppLaunch:
    """How the file that `body` names is started. Raises `ApiError`; whatever `contents` hides is not there."""
    path, args = _read(body)
    try:
        model = await ensure_async(
            contents.get(path, content=True, type="file", format="text")  # type: ignore[no-untyped-call]
        )
    except HTTPError as error:
        if error.status_code == HTTPStatus.NOT_FOUND:
            raise ApiError(
                HTTPStatus.NOT_FOUND, f"there is no file {foreign(path)!r} that may be run"
            ) from error
        reason = foreign(error.get_message() or error.reason or "it is no text")
        raise ApiError(
            HTTPStatus.BAD_REQUEST, f"the file {foreign(path)!r} cannot be read: {reason}"
        ) from error
    except (OSError, ValueError) as error:
        raise ApiError(
            HTTPStatus.BAD_REQUEST, f"the file {foreign(path)!r} cannot be read: {foreign(error)}"
        ) from error
    text = str(model["content"]).removeprefix(_BYTE_ORDER_MARK)
    return launch_file(str(model["path"]), text, args)


async def read_again(contents: ContentsManager, launch: AppLaunch) -> AppLaunch:
    """`launch` with the text that its file has now; as it is for an app, and where the file is gone.

    Raises `ApiError`.
    """
    if launch.path is None:
        return launch
    try:
        anew = await read_launch(contents, {"path": launch.path, "args": list(launch.args)})
    except ApiError as error:
        if error.status_code == HTTPStatus.NOT_FOUND:
            return launch
        raise
    return replace(launch, code=anew.code)


def _read(body: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    unknown = sorted(map(str, body.keys() - {"path", "args"}))
    path, args = body.get("path"), body.get("args", [])
    if unknown:
        came = f"there is {foreign(unknown[0])!r} in it"
    elif not isinstance(path, str) or not path.strip("/"):
        came = f"its path is {foreign(path)!r}"
    elif not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
        came = f"its args are {foreign(args)!r}"
    elif not path.endswith(".py"):
        raise ApiError(HTTPStatus.BAD_REQUEST, f"an app is a .py file, not {foreign(path)!r}")
    elif ".." in path.split("/") or "\0" in path or "\\" in path:
        raise ApiError(
            HTTPStatus.BAD_REQUEST, f"a path stays below the root of the contents, unlike {foreign(path)!r}"
        )
    else:
        return path.strip("/"), tuple(args)
    raise ApiError(HTTPStatus.BAD_REQUEST, f"the body is to be like {_EXPECTED}, and {came}")
