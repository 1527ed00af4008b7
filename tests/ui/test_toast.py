"""Toasts: who sees them."""

import asyncio

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.testing import AppLauncher


def test_outside_of_a_callback_the_server_is_told() -> None:
    with pytest.raises(ValueError, match=r"ui\.toast\(text, server=app\)"):
        ui.toast("Saved")


def test_a_server_that_does_not_run_shows_nothing() -> None:
    ui.toast("Saved", server=Server("idle"))


def test_kinds() -> None:
    with pytest.raises(ValueError, match="one of info, ok, warning, error, not 'bad'"):
        ui.toast("Saved", kind="bad", server=Server("idle"))


def test_the_view_whose_user_acted_sees_it(trame: AppLauncher) -> None:
    async def app(server: Server) -> None:
        @server.trigger("save")
        def save() -> None:
            ui.toast("Saved", kind="ok")

    async def main() -> None:
        async with trame(app) as session:
            one, two = await session.client(), await session.client()
            await one.trigger("save")
            ui.toast("To all", server=session.server, seconds=0)
            await two.until(lambda _: two.publications)
            await one.until(lambda _: len(one.publications) == 2)
            toasts = [[publication.data for publication in client.publications] for client in (one, two)]
        to_all = {"text": "To all", "kind": "info", "seconds": 0}
        assert toasts == [[{"text": "Saved", "kind": "ok", "seconds": 4.0}, to_all], [to_all]]

    asyncio.run(main())
