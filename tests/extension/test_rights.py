from types import SimpleNamespace
from typing import Any

import pytest
from tornado.web import HTTPError

from jupyter_trame.extension.rights import requires, socket_requires


class Authorizer:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return True


class Handler:
    """What the decorators use of a handler."""

    request = SimpleNamespace(method="POST")
    auth_resource = "contents"
    log = SimpleNamespace(warning=lambda *_: None)

    def __init__(self, user: str | None) -> None:
        self.current_user = user
        self.authorizer = Authorizer()

    @requires("read", "kernels")
    async def post(self) -> str:
        return "answer"

    @socket_requires("execute", "kernels")
    async def get(self) -> str:
        return "upgrade"


class Heir(Handler):
    auth_resource = "terminals"


@pytest.mark.parametrize("kind", [Heir, Handler])
async def test_resource_is_the_one_that_was_said(kind: type[Handler]) -> None:
    handler = kind("me")
    assert await handler.post() == "answer"
    assert await handler.get() == "upgrade"
    assert handler.authorizer.asked == [("read", "kernels"), ("execute", "kernels")]


async def test_unknown_user_is_not_even_asked_about() -> None:
    handler = Handler(None)
    with pytest.raises(HTTPError) as error:
        await handler.post()
    assert error.value.status_code == 403
    with pytest.raises(HTTPError) as error:
        await handler.get()
    assert error.value.status_code == 403
    assert handler.authorizer.asked == []
