"""What each command does with apps of other kernels: a real kernel below a real Jupyter server."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("apps")


@dataclass
class Said:
    """What a cell has shown."""

    text: str = ""
    comms: list[dict[str, Any]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


Execute = Callable[..., Awaitable[Said]]


@pytest.fixture
def answer() -> dict[str, str]:
    """What the user types when a cell asks; nobody is there while it is empty."""
    return {}


@pytest.fixture
def notebook(jp_serverapp: Any, answer: dict[str, str], jp_asyncio_loop: Any) -> Any:
    """Runs a cell in a kernel that the server has started, which has an app ``own``."""
    manager = jp_serverapp.kernel_manager
    kernel_id = jp_asyncio_loop.run_until_complete(manager.start_kernel())
    client = manager.get_kernel(kernel_id).client()
    client.start_channels()

    async def execute(code: str) -> Said:
        said = Said()

        def output(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                said.text += message["content"]["text"]
            elif message["msg_type"] == "comm_open":
                said.comms.append(message["content"]["data"])
            elif message["msg_type"] == "error":
                said.text += "\n".join(message["content"]["traceback"])

        def asked(message: dict[str, Any]) -> None:
            said.questions.append(message["content"]["prompt"])
            client.input(answer["text"])

        await client.execute_interactive(
            code,
            allow_stdin="text" in answer,
            output_hook=output,
            stdin_hook=asked,
            timeout=60,
        )
        return said

    async def prepare() -> None:
        await client.wait_for_ready(timeout=60)
        await execute("%load_ext jupyter_trame\nfrom jupyter_trame import Server\nServer('own').start()")

    jp_asyncio_loop.run_until_complete(prepare())
    yield execute
    client.stop_channels()
    jp_asyncio_loop.run_until_complete(manager.shutdown_all(now=True))


async def launched(jp_fetch: Any) -> str:
    """The id of the kernel in which the app ``good`` runs now."""
    answer = await jp_fetch(
        "trame", "api", "v1", "apps", "good", method="POST", body="{}", request_timeout=60
    )
    return str(json.loads(answer.body)["kernel_id"])


async def running(jp_fetch: Any) -> list[str]:
    answer = json.loads((await jp_fetch("trame", "api", "v1", "servers")).body)
    return sorted(entry["name"] for entry in answer)


async def test_apps_of_other_kernels_are_listed_opened_and_ended(notebook: Execute, jp_fetch: Any) -> None:
    kernel_id = await launched(jp_fetch)
    listed = (await notebook("%trame list")).text
    assert re.search(rf"^good +Good title +.* {kernel_id[:8]}/good$", listed, re.MULTILINE), listed
    assert re.search(r"^own +own .*/own$", listed, re.MULTILINE)
    assert re.search(r"^failing +Failing", listed, re.MULTILINE)
    assert "only its own apps are known here" not in listed

    assert (
        "good" in (await notebook("print(get_ipython().run_line_magic('trame', 'doctor good'))")).text.lower()
    )
    (opened,) = (await notebook("%trame open good right")).comms
    assert (opened["kernel_id"], opened["slug"], opened["mode"]) == (kernel_id, "good", "right")
    assert "Jupyter server: http://localhost:" in (await notebook("%trame status")).text
    assert (await notebook("%trame restart good")).text == f"{kernel_id[:8]}/good runs again\n"
    assert (await notebook("%trame stop good")).text == f"{kernel_id[:8]}/good has ended\n"
    assert await running(jp_fetch) == ["own"]
    assert (await notebook("%trame stop godo")).text == "UsageError: no app is called 'godo'; there: own\n"


async def test_a_registered_app_is_started_when_it_is_opened(notebook: Execute, jp_fetch: Any) -> None:
    (opened,) = (await notebook("%trame open good")).comms
    assert (opened["slug"], opened["mode"]) == ("good", "tab")
    assert await running(jp_fetch) == ["good", "own"]
    failed = (await notebook("%trame open failing")).text
    assert "in failing" in failed
    assert failed.endswith("UsageError: ValueError: no data today\n")


async def test_two_kernels_with_one_name_are_asked_about(
    notebook: Execute, jp_fetch: Any, answer: dict[str, str]
) -> None:
    kernel_id = await launched(jp_fetch)
    await notebook("Server('good').start()")
    unasked = (await notebook("%trame stop good")).text
    assert re.search(
        r"UsageError: say which app 'good' is meant, with the kernel that it runs in: \w+/good, \w+/good\n$",
        unasked,
    )
    number = re.search(rf"^  (\d)  {kernel_id[:8]}/good", unasked, re.MULTILINE)
    assert number is not None, unasked
    answer["text"] = number[1]
    asked = await notebook("%trame stop good")
    assert asked.questions == ["which one (its number; empty for none)? "]
    assert asked.text.endswith(f"{kernel_id[:8]}/good has ended\n")
    assert await running(jp_fetch) == ["good", "own"]
