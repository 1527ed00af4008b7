import importlib.util
import logging
from types import ModuleType

import aiohttp
import pytest
from aiohttp import web

from jupyter_trame.transports import _aiohttp_private


def loaded() -> ModuleType:
    """The module as a process that begins now has it."""
    assert _aiohttp_private.__file__ is not None
    spec = importlib.util.spec_from_file_location("private", _aiohttp_private.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_this_aiohttp_has_all_that_is_used(caplog: pytest.LogCaptureFixture) -> None:
    module = loaded()
    assert module.watched
    assert not caplog.records


@pytest.mark.parametrize("name", ["_sendfile", "_sendfile_fallback"])
@pytest.mark.parametrize("changed", [False, True], ids=["gone", "changed"])
def test_what_has_changed_is_said_and_not_used(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, name: str, changed: bool
) -> None:
    async def other(self: object, something: object) -> None:
        """With other parameters."""
        await self._sendfile_fallback()  # type: ignore[attr-defined]

    if changed:
        monkeypatch.setattr(web.FileResponse, name, other)
    else:
        monkeypatch.delattr(web.FileResponse, name)
    with caplog.at_level(logging.WARNING):
        module = loaded()
    assert not module.watched
    (line,) = caplog.messages
    assert line.startswith(f"aiohttp {aiohttp.__version__} has no {name}")


def test_a_file_that_is_sent_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def prepare(self: object, request: object) -> None:
        """It sends the file by something else."""

    for name, value in list(vars(web.FileResponse).items()):
        if getattr(getattr(value, "__code__", None), "co_names", ()).__contains__("_sendfile"):
            monkeypatch.setattr(web.FileResponse, name, prepare)
    assert loaded()._lacks == ["_sendfile"]
