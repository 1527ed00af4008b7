"""From trio to an asyncio loop that has ended."""

import asyncio

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.trio.crossing import call_on_loop
from tests.trio.support import on_trio


@on_trio
async def test_a_loop_that_has_ended() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    with pytest.raises(ServerError, match="has ended"):
        await call_on_loop(loop, set(), len, "x")
