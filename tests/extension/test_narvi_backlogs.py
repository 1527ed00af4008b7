"""Who holds a service up: its fastest page."""

import asyncio

from jupyter_trame.extension.narvi_backlogs import Backlogs, Going
from jupyter_trame.services.words import WINDOW
from tests.extension.support import until

MUCH = 2 << 20


class Page:
    """See `Reader`."""

    def __init__(self, behind: int = 0) -> None:
        self.behind = behind
        self.sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def unsent(self) -> int:
        return self.behind

    def when_sent(self) -> asyncio.Future[None]:
        return self.sent

    def read(self) -> None:
        self.behind = 0
        self.sent.set_result(None)


async def test_a_page_that_keeps_up_is_enough() -> None:
    backlogs, gone = Backlogs(), list[int]()
    going = Going(backlogs, gone.append)
    slow = Page(MUCH)
    backlogs.add("slow", slow)
    backlogs.add("quick", Page())
    going.sent(WINDOW, {"slow", "quick"})
    assert gone == [WINDOW]
    going.sent(WINDOW, {"slow"})
    going.sent(WINDOW, {"quick"})
    await asyncio.sleep(0)
    assert gone == [WINDOW], "it goes in order"
    slow.read()
    await until(lambda: sum(gone) == 3 * WINDOW)


async def test_nobody_holds_it_up_who_is_not_there() -> None:
    gone: list[int] = []
    going = Going(Backlogs(), gone.append)
    going.sent(WINDOW, {"gone"})
    going.sent(WINDOW, set())
    assert gone == [WINDOW, WINDOW]
    going.close()


async def test_the_end_ends_the_wait() -> None:
    backlogs, gone = Backlogs(), list[int]()
    backlogs.add("slow", Page(MUCH))
    going = Going(backlogs, gone.append)
    going.sent(WINDOW, {"slow"})
    await asyncio.sleep(0)
    going.close()
    backlogs.discard("slow")
    await asyncio.sleep(0)
    assert gone == []
