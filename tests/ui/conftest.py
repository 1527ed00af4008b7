"""Interfaces of servers that are not started."""

from collections.abc import Callable

import pytest

from jupyter_trame import Server
from tests.support.fixtures import process, start

__all__ = ["process", "start", "template"]


@pytest.fixture
def template() -> Callable[[Server], str]:
    """What clients are sent of a server's interface, without its outermost layout."""

    def of(server: Server) -> str:
        text: str = server.state.trame__template_main
        return text.removeprefix("<JtApp >").removesuffix("</JtApp>").strip()

    return of
