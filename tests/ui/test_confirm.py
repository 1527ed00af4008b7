"""Questions that callbacks wait for: who is asked, who may answer, and what happens to those who leave."""

import asyncio

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.testing import AppClient, AppLauncher


def app(server: Server) -> None:
    server.state.answers = []

    @server.trigger("delete")
    async def delete() -> None:
        answer = await ui.confirm("Delete all?", yes="Delete", grave=True)
        server.state.answers = [*server.state.answers, answer]


async def asked(client: AppClient) -> int:
    await client.until(lambda _: client.publications)
    (question,) = client.publications
    assert question.topic == "trame.ui.ask"
    number: int = question.data.pop("id")
    assert question.data == {"text": "Delete all?", "yes": "Delete", "no": "Cancel", "isGrave": True}
    return number


@pytest.mark.parametrize("answer", [True, False])
def test_the_user_who_acted_is_asked(trame: AppLauncher, answer: bool) -> None:
    async def main() -> None:
        async with trame(app) as session:
            one, two = await session.client(), await session.client()
            deleted = asyncio.ensure_future(one.trigger("delete"))
            number = await asked(one)
            assert two.publications == []
            await two.trigger("trame__ui_answer", number, True)
            assert not deleted.done()
            await one.trigger("trame__ui_answer", number, answer)
            await deleted
            await two.wait_for("answers", [answer])

    asyncio.run(main())


def test_who_leaves_has_not_agreed(trame: AppLauncher) -> None:
    async def main() -> None:
        async with trame(app) as session:
            one, two = await session.client(), await session.client()
            deleted = asyncio.ensure_future(one.trigger("delete"))
            await asked(one)
            await one.disconnect()
            await two.wait_for("answers", [False])
            deleted.cancel()
            await asyncio.gather(deleted, return_exceptions=True)

    asyncio.run(main())


def test_who_has_left_is_not_asked(trame: AppLauncher) -> None:
    async def main() -> None:
        begun, gone = asyncio.Event(), asyncio.Event()

        def late(server: Server) -> None:
            @server.trigger("delete")
            async def delete() -> None:
                begun.set()
                await gone.wait()
                server.state.agreed = await ui.confirm("Delete all?")

            server.controller.on_client_exited.add(gone.set)

        async with trame(late) as session:
            one, two = await session.client(), await session.client()
            deleted = asyncio.ensure_future(one.trigger("delete"))
            await begun.wait()
            await one.disconnect()
            await two.wait_for("agreed", False)
            deleted.cancel()
            await asyncio.gather(deleted, return_exceptions=True)

    asyncio.run(main())


def test_outside_of_a_callback_nobody_is_asked() -> None:
    with pytest.raises(ValueError, match="nobody is there to answer"):
        asyncio.run(ui.confirm("Really?"))
