"""Files of a server: from the disk where it is the kernel's too, else out of the kernel."""

import asyncio
from pathlib import Path

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.files import FileChangedError, RelayFiles
from jupyter_trame.files.shared import PART, describe, folders_of, look_up, read_part
from jupyter_trame.protocol import LinkOp
from jupyter_trame.protocol.link import Fetch, File, PageFiles
from tests.extension.support import until


class Kernel:
    """The other end of the link: answers at once, unless it is told to be silent."""

    def __init__(self, folders: dict[str, Path], timeout: float = 30.0) -> None:
        self.folders = folders
        self.silent = False
        self.linked = True
        self.asked: list[Fetch] = []
        self.tells_first: PageFiles | None = None
        self.files = RelayFiles(self.send, timeout=timeout)

    def page_files(self, *, here: bool = True) -> PageFiles:
        page_files = describe(self.folders, None, {})
        if here:
            return page_files
        return PageFiles(
            {
                prefix: folder._replace(device=folder.device + 1)
                for prefix, folder in page_files.folders.items()
            }
        )

    def send(self, op: LinkOp) -> None:
        assert isinstance(op, Fetch)
        if not self.linked:
            raise LinkError("no link")
        self.asked.append(op)
        if not self.silent:
            asyncio.get_running_loop().call_soon(self.answer, op)

    def answer(self, op: Fetch) -> None:
        if self.tells_first is not None:
            self.files.announced(self.tells_first)
        found = look_up(folders_of(self.page_files()), op.path)
        data = read_part(found.path, op.offset, op.length) if found.path else b""
        self.files.answered(File(op.request, found.status, found.size, found.modified, data))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pkg"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.js").write_text("let a")
    return folder


async def read_all(files: RelayFiles, path: str) -> bytes:
    found = await files.find(path)
    assert found.status == 200
    data = b""
    while len(data) < found.size:
        data += await found.read(len(data), found.size - len(data))
    return data


async def test_what_is_here_is_read_here(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(kernel.page_files())
    assert await read_all(kernel.files, "pkg/a.js") == b"let a"
    assert (await kernel.files.find("pkg/none")).status == 404
    assert (await kernel.files.find("pkg/inner")).status == 403
    assert kernel.asked == []


async def test_files_that_are_here_outlive_the_link(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(kernel.page_files())
    kernel.linked = False
    kernel.files.link_lost("gone")
    assert await read_all(kernel.files, "pkg/a.js") == b"let a"
    with pytest.raises(LinkError):
        await kernel.files.find("other/a.js")


async def test_what_lies_elsewhere_comes_in_parts(folder: Path) -> None:
    content = bytes(range(256)) * (PART // 100)
    (folder / "large.wasm").write_bytes(content)
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(kernel.page_files(here=False))
    assert await read_all(kernel.files, "pkg/large.wasm") == content
    assert [(op.offset, op.length) for op in kernel.asked[:2]] == [(0, 0), (0, PART)]
    assert (await kernel.files.find("pkg/none")).status == 404
    assert (await kernel.files.find("pkg/inner")).status == 403


async def test_a_module_of_a_moment_ago_is_found(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(PageFiles())
    kernel.tells_first = kernel.page_files()
    assert await read_all(kernel.files, "pkg/a.js") == b"let a"
    assert [op.length for op in kernel.asked] == [0], "the rest was read here"


async def test_a_file_that_changes_meanwhile_is_not_mixed(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(kernel.page_files(here=False))
    found = await kernel.files.find("pkg/a.js")
    (folder / "a.js").write_text("let another")
    with pytest.raises(FileChangedError, match="was changed while it was sent"):
        await found.read(0, 5)


async def test_a_lost_link_ends_the_waiting(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(kernel.page_files(here=False))
    kernel.silent = True
    task = asyncio.create_task(kernel.files.find("pkg/a.js"))
    await until(lambda: kernel.asked)
    kernel.files.link_lost("the kernel died")
    with pytest.raises(LinkError, match="the kernel died"):
        await task


async def test_a_silent_kernel_is_given_up(folder: Path) -> None:
    kernel = Kernel({"pkg": folder}, timeout=0.01)
    kernel.files.announced(PageFiles())
    kernel.silent = True
    with pytest.raises(LinkError, match="does not send the file"):
        await kernel.files.find("pkg/a.js")
    kernel.answer(kernel.asked[0])


async def test_few_parts_are_asked_for_at_once(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    kernel.files.announced(PageFiles())
    kernel.silent = True
    tasks = [asyncio.create_task(kernel.files.find("pkg/a.js")) for _ in range(20)]
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(kernel.asked) == 8
    kernel.silent = False
    for op in list(kernel.asked):
        kernel.answer(op)
    assert all(found.status == 200 for found in await asyncio.gather(*tasks))


async def test_who_comes_first_waits_for_the_announcement(folder: Path) -> None:
    kernel = Kernel({"pkg": folder})
    task = asyncio.create_task(kernel.files.find("pkg/a.js"))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    kernel.files.announced(kernel.page_files())
    assert (await task).status == 200
    assert kernel.asked == []
