"""Whose a kernel is, and what is known where others do not answer."""

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.apps.entry_points import RegisteredApp
from jupyter_trame.extension.kernels import RunningServer
from jupyter_trame.extension.launch import AppLaunch, launch_app, launch_file
from jupyter_trame.extension.server_models import ServerModels, timestamp

APP = launch_app(RegisteredApp("app", "App", "", ""))
FILE = launch_file("x/app.py", "", ())


def models(launch: AppLaunch | None, *sessions: tuple[str, str], states: Any = ()) -> ServerModels:
    class Kernels:
        def resolve(self, name: str) -> str | None:
            return "k" if name == "k" else None

        async def running_in(self, _: str) -> list[RunningServer]:
            return [RunningServer("k", "s", "T", "n", started=1.0)]

    class Manager:
        async def list_kernels(self) -> Any:
            if isinstance(states, Exception):
                raise states
            return states

    class Sessions:
        async def list_sessions(self) -> Any:
            return [{"kernel": {"id": "k"}, "type": kind, "path": path} for kind, path in sessions]

    relays: Any = SimpleNamespace(kernels=Kernels(), viewers_of=lambda *_: [])
    launcher: Any = SimpleNamespace(launches={} if launch is None else {"k": launch})
    manager: Any = Manager()
    opened: Any = Sessions()
    return ServerModels(relays, launcher, manager, opened)


@pytest.mark.parametrize(
    ("launch", "sessions", "expected"),
    [
        (None, [], ("other", None, None)),
        (None, [("console", "a.ipynb")], ("other", None, None)),
        (None, [("console", "c"), ("notebook", "a.ipynb")], ("notebook", None, "a.ipynb")),
        (APP, [("trame", "trame-app-1")], ("launcher", "app", None)),
        (FILE, [("trame", "x/app.py-trame-1")], ("file", None, "x/app.py")),
        (APP, [("trame", "trame-app-1"), ("notebook", "a.ipynb")], ("notebook", None, "a.ipynb")),
    ],
)
async def test_whose_it_is(
    launch: AppLaunch | None, sessions: list[tuple[str, str]], expected: tuple[str, str | None, str | None]
) -> None:
    found = models(launch, *sessions)
    model = await found.find("k", "s")
    assert model is not None
    assert (model.owner, model.app, model.path) == expected
    assert await found.owner("k") == expected[0]


async def test_a_gateway_that_does_not_answer() -> None:
    model = await models(None, states=OSError("away")).find("k", "s")
    assert model is not None
    assert model.kernel_state == "unknown"
    model = await models(None, states=[{"id": "k", "execution_state": "busy"}]).find("k", "s")
    assert model is not None
    assert model.kernel_state == "busy"


async def test_what_is_not_there() -> None:
    assert await models(None).find("k", "other") is None
    assert await models(None).find("other", "s") is None


def test_a_time_is_in_utc() -> None:
    assert timestamp(0.25) == "1970-01-01T00:00:00.250Z"
