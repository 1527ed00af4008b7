"""Connections that are cut at random moments under load: nothing is lost, nothing comes twice, nobody leaves."""

import asyncio
import time

import pytest

from tests.e2e.servers import JupyterServer
from tests.faults.conftest import MakePlace
from tests.faults.load import APP, Viewer, Writer, check, loaded, until

WRITERS = 3
LOOKERS = 2


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_cuts_under_load(steady_server: JupyterServer, make_place: MakePlace, seed: int) -> None:
    cuts = 50
    found = make_place(steady_server, APP, seed)
    names = [f"w{number}" for number in range(WRITERS)]
    for name in names:
        found.run(f"follow({name!r})")

    async def main() -> None:
        writers = [Writer(found.url, name) for name in names]
        viewers = [*writers, *(Viewer(found.url) for _ in range(LOOKERS))]
        for each in viewers:
            await each.start()
        cutter, began = found.cutter, time.monotonic()
        cutter.cut_randomly(cuts)
        async with loaded(viewers, lambda: cutter.left == 0):
            await until(lambda: cutter.left == 0, "the last cut")
            lasted = time.monotonic() - began
        assert cutter.cuts == cuts
        assert all(each.uploads for each in writers)
        assert await check(viewers, found.run) == {"in": len(viewers)}
        print(f"{cuts} cuts in {lasted:.0f} s, {cutter.made} connections:", *writers, sep="\n  ")
        for each in viewers:
            await each.stop()

    asyncio.run(main())
