"""With real kernels: an app that ends itself takes its kernel along, one that a notebook works in stays."""

import json
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.executing import executor, run_code
from jupyter_trame.extension.server_models import ServerModels

pytestmark = pytest.mark.usefixtures("apps")
STOP = "from jupyter_trame import get_server; get_server('good').stop()"


async def start(jp_fetch: Any) -> tuple[int, dict[str, Any]]:
    response = await jp_fetch(
        "trame", "api", "v1", "apps", "good", method="POST", body="", request_timeout=60, raise_error=False
    )
    return response.code, json.loads(response.body)


async def test_its_kernel_and_session_end(jp_fetch: Any, jp_serverapp: Any, extension: Any) -> None:
    ended, stays, shared = [(await start(jp_fetch))[1]["kernel_id"] for _ in range(3)]
    session = {"path": "b.ipynb", "name": "b", "type": "notebook", "kernel": {"id": shared}}
    await jp_fetch("api", "sessions", method="POST", body=json.dumps(session))
    for kernel_id in (ended, shared):
        async with executor(jp_serverapp.kernel_manager, extension.relays.kernels, kernel_id) as execute:
            await run_code(execute, STOP)
    await extension.ended_apps._look()
    assert set(jp_serverapp.kernel_manager.list_kernel_ids()) == {ended, stays, shared}
    await extension.ended_apps._look()
    assert set(jp_serverapp.kernel_manager.list_kernel_ids()) == {stays, shared}
    sessions = await jp_serverapp.session_manager.list_sessions()
    assert {each["kernel"]["id"] for each in sessions} == {stays, shared}


@pytest.mark.parametrize(("found", "status"), [(None, 500), (LinkError("it is busy"), 503)])
async def test_one_that_ends_while_it_is_started_leaves_none(
    jp_fetch: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, found: Any, status: int
) -> None:
    async def find(self: ServerModels, kernel: str, slug: str) -> None:
        if found is not None:
            raise found

    monkeypatch.setattr(ServerModels, "find", find)
    code, answer = await start(jp_fetch)
    assert code == status
    assert "ended at once" in answer["message"] or "it is busy" in answer["message"]
    assert list(jp_serverapp.kernel_manager.list_kernel_ids()) == []
    assert await jp_serverapp.session_manager.list_sessions() == []
