"""Manners are those that the server was made with; rules that have no test beside what follows them."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.files.folders import STATIC
from jupyter_trame.rpc.uploaded_file import UploadedFile
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.app import App
from jupyter_trame.runtime.manners import OURS, TRAMES, manners_of
from jupyter_trame.runtime.page_folder import page_folder
from jupyter_trame.server import Server, runtime_of
from tests.contract.rules import rule
from tests.support import servers
from tests.support.servers import uploads_of

Start = Callable[..., servers.App]

SIDES = [(None, OURS), ("trame", TRAMES)]


@pytest.mark.parametrize(("compat", "manners"), SIDES)
def test_a_server_has_those_it_was_made_with(compat: Any, manners: object) -> None:
    assert manners_of(compat) is manners
    assert App(object(), "x", compat, {}).manners is runtime_of(Server("x", compat=compat)).manners is manners


@pytest.mark.parametrize("compat", ["shiny", "", 5, []])
def test_there_are_no_others(compat: Any) -> None:
    with pytest.raises(ValueError, match="compat is None or trame"):
        manners_of(compat)


@rule("hints_at_unknown_keys")
@pytest.mark.parametrize(("compat", "manners"), SIDES)
def test_the_log_names_the_nearest_key(compat: Any, manners: Any, caplog: pytest.LogCaptureFixture) -> None:
    state = Server("x", compat=compat).state
    state.resolution = 5
    with caplog.at_level(logging.WARNING):
        assert state.resoluton is None
    assert ("is 'resolution' meant?" in caplog.text) is manners.hints_at_unknown_keys


@rule("replaces_its_namesake")
@pytest.mark.parametrize(("compat", "manners"), SIDES)
@pytest.mark.parametrize("in_kernel", [True, False])
def test_two_servers_of_one_name(
    compat: Any, manners: Any, in_kernel: bool, start: Start, process: registry.Process
) -> None:
    async def scenario() -> None:
        first = Server("x", compat=compat)
        start(first)
        if not in_kernel:
            process.host = None
        assert process.in_kernel is in_kernel
        second = Server("x", compat=compat)
        await servers.turn()
        assert first.running is not (in_kernel or manners.replaces_its_namesake)
        assert process.servers["x"] is second
        await first.stop()

    asyncio.run(scenario())


@rule("keeps_uploads_on_disk")
@pytest.mark.parametrize(("compat", "manners"), SIDES)
def test_what_a_file_is(compat: Any, manners: Any, start: Start) -> None:
    async def scenario() -> None:
        server = Server("x", compat=compat)
        client = await start(server).client()
        client.write(chosen={"name": "a.bin", "size": 3, "content": b"abc", "_filter": ["content"]})
        await client.settled()
        kind = UploadedFile if manners.keeps_uploads_on_disk else dict
        assert type(server.state.chosen) is kind
        assert server.state.chosen["content"] == b"abc"
        folder = uploads_of(server).folder
        assert folder is None if kind is dict else folder is not None
        await server.stop()

    asyncio.run(scenario())


@rule("draws_vue3_itself")
@pytest.mark.parametrize(("compat", "manners"), SIDES)
def test_the_page_for_vue_3(compat: Any, manners: Any, tmp_path: Path) -> None:
    theirs = "/site-packages/trame_client/module/vue3-www"
    app = runtime_of(Server("x", compat=compat)).app
    app.server.enable_module({"www": theirs})
    assert page_folder(app) == (STATIC if manners.draws_vue3_itself else Path(theirs))
    assert page_folder(app, tmp_path) == tmp_path


@rule("help_begins")
@pytest.mark.parametrize(("compat", "manners"), SIDES)
def test_the_help(compat: Any, manners: Any) -> None:
    assert Server("x", compat=compat).cli.description == manners.help_begins
