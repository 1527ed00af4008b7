"""Files of apps that were registered here, and elsewhere."""

from pathlib import Path
from typing import Any, cast

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.narvi_files import NarviFiles
from jupyter_trame.extension.narvi_registrar import Registrar
from jupyter_trame.protocol.link import Parcel
from jupyter_trame.services.resources import Resources
from tests.services.support import app


class Elsewhere:
    """A kernel with a file of seven bytes."""

    async def file(self, workspace: str, app_name: str, path: str, offset: int) -> Parcel | None:
        if (workspace, app_name, path) != ("w", "app", "a.txt"):
            return None
        return Parcel(["answer", 1, 7, 5], b"content"[offset:])


async def test_a_file_of_this_disk(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("content")
    files = NarviFiles(app(resources=Resources({("", "*"): str(tmp_path)})), None)
    found = await files.find("a.txt")
    assert (found.status, found.size) == (200, 7)
    assert await found.read(3, 10) == b"tent"
    assert (await files.find("b.txt")).status == 404


async def test_a_file_that_its_kernel_has() -> None:
    files = NarviFiles(app(), cast("Any", Elsewhere()))
    found = await files.find("a.txt")
    assert (found.status, found.size, found.modified) == (200, 7, 5)
    assert await found.read(3, 2) == b"te"
    assert (await files.find("b.txt")).status == 404


async def test_a_kernel_that_does_not_answer() -> None:
    registrar = Registrar("k", cast("Any", None), is_here=False)
    with pytest.raises(LinkError):
        await NarviFiles(app(), registrar).find("a.txt")
