"""Files that the kernel reads for replicas and pages that cannot."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jupyter_trame.files.folders import STATIC
from jupyter_trame.files.media_types import MEDIA_TYPES, content_type
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.files.shared import PART
from jupyter_trame.kernel.files import AssetDesk, ServedFiles
from jupyter_trame.protocol.link import Fetch, File, Folder
from jupyter_trame.runtime.app import App
from jupyter_trame.transports.comm_bytes import carried
from jupyter_trame.transports.pace import MessageRate
from jupyter_trame.types import Packed
from tests.kernel.page import Page
from tests.kernel.support import BUSY, Kernel, until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pkg"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.mjs").write_text("let a")
    return folder


def server_of(folders: dict[str, Any], www: str | None = None, client_type: str = "vue3") -> Any:
    """What is asked of a server here."""
    server: Any = SimpleNamespace(
        serve=folders,
        www=www,
        client_type=client_type,
        http_headers=SimpleNamespace(headers={"X-One": "1"}),
        page_policy=PagePolicy(("https://tiles.example",)),
        compat=None,
    )
    return server


def served(folders: dict[str, Any], **options: Any) -> ServedFiles:
    return ServedFiles(cast("App", server_of(folders, **options)))


def test_a_site_has_the_folders_and_no_page_of_ours(folder: Path) -> None:
    page_files = served({"/pkg": str(folder)}).page_files()
    assert {prefix: entry.path for prefix, entry in page_files.folders.items()} == {"pkg": str(folder)}
    assert page_files.headers == {"X-One": "1"}
    assert page_files.connect_src == ("https://tiles.example",)
    assert STATIC.name == "static"


def test_the_page_of_a_module_is_the_folder_without_a_prefix(folder: Path) -> None:
    page_files = served({}, www=str(folder)).page_files()
    assert isinstance(page_files.folders[""], Folder)
    assert page_files.folders[""].path == str(folder)


def test_changes_are_noticed_once(folder: Path) -> None:
    server = server_of({})
    files = ServedFiles(server)
    assert files.changed()
    assert not files.changed()
    for change in (
        lambda: server.serve.update(pkg=str(folder)),
        lambda: setattr(server, "www", str(folder)),
        lambda: server.http_headers.headers.clear(),
    ):
        change()
        assert files.changed()
        assert not files.changed()


def test_answers_to_replicas(folder: Path) -> None:
    (folder / "large").write_bytes(bytes(PART + 5))
    files = served({"pkg": folder})
    status = (folder / "a.mjs").stat()
    page_files = files.page_files()
    assert files.answer(Fetch(1, "pkg/a.mjs", 1, 3), page_files) == File(
        1, 200, 5, status.st_mtime_ns, b"et "
    )
    assert files.answer(Fetch(2, "pkg/a.mjs", 0, 0), page_files) == File(2, 200, 5, status.st_mtime_ns)
    assert files.answer(Fetch(3, "pkg/inner", 0, 9), page_files) == File(3, 403)
    assert files.answer(Fetch(4, "pkg/../a", 0, 9), page_files) == File(4, 404)
    assert len(files.answer(Fetch(5, "pkg/large", 0, 1 << 40), page_files).data) == PART


class Posts:
    """What a page got of one desk."""

    def __init__(self, folder: Path | None, *, rate: MessageRate) -> None:
        self.desk = AssetDesk(asyncio.get_running_loop(), rate)
        self.files = None if folder is None else served({"pkg": folder})
        self.messages: list[tuple[Mapping[str, Any], list[bytes]]] = []
        self.error: Exception | None = None

    def post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        self.messages.append((content, [bytes(buffer) for buffer in buffers]))
        if self.error is not None:
            raise self.error

    def ask(self, path: Any, **more: Any) -> None:
        self.desk.ask(self.files, self.post, {"jt": "asset", "view": "v", "id": 3, "path": path, **more})

    async def answer(self, path: Any, **more: Any) -> list[tuple[Mapping[str, Any], list[bytes]]]:
        self.messages.clear()
        self.ask(path, **more)
        await until(lambda: self.messages and not self.messages[-1][0].get("more"))
        return list(self.messages)


def run(folder: Path | None, scenario: Callable[[Posts], Awaitable[None]], *, burst: int = 60) -> None:
    async def main() -> None:
        rate = MessageRate(asyncio.get_running_loop(), rate=1000, burst=burst)
        posts = Posts(folder, rate=rate)
        await scenario(posts)
        posts.desk.close()
        rate.close()

    asyncio.run(main())


def test_a_file_is_one_message(folder: Path) -> None:
    async def scenario(posts: Posts) -> None:
        head = {"jt": "asset", "view": "v", "id": 3}
        ((content, buffers),) = await posts.answer("pkg/a.mjs")
        assert content == {**head, "status": 200, "type": "text/javascript; charset=utf-8", "more": False}
        assert buffers == [b"let a"]
        (folder / "empty.css").write_text("")
        ((content, buffers),) = await posts.answer("pkg/empty.css")
        assert (content["status"], content["more"], buffers) == (200, False, [b""])

    run(folder, scenario)


def test_each_suffix_has_the_type_of_the_table(folder: Path) -> None:
    names = [f"a{suffix}" for suffix in (*MEDIA_TYPES, ".unknown", "")]
    for name in names:
        (folder / name).write_bytes(b"x")

    async def scenario(posts: Posts) -> None:
        for name in names:
            ((content, _),) = await posts.answer(f"pkg/{name}")
            assert content["type"] == content_type(name)

    run(folder, scenario, burst=1000)


@pytest.mark.parametrize("path", ["pkg/none", "other/a.mjs", "pkg/../../x", 5, None])
def test_what_is_not_there_is_answered_too(folder: Path, path: Any) -> None:
    async def scenario(posts: Posts) -> None:
        ((content, buffers),) = await posts.answer(path)
        assert (content["status"], buffers) == (404, [])

    run(folder, scenario)


def test_where_no_server_runs_there_are_no_files() -> None:
    async def scenario(posts: Posts) -> None:
        assert [content["status"] for content, _ in await posts.answer("pkg/a.mjs")] == [404]

    run(None, scenario)


def test_a_large_file_comes_in_several_messages(folder: Path) -> None:
    data = bytes(range(256)) * (9 << 12)
    (folder / "large.wasm").write_bytes(data)

    async def scenario(posts: Posts) -> None:
        messages = await posts.answer("pkg/large.wasm")
        assert [content["more"] for content, _ in messages] == [True, True, False]
        assert b"".join(buffer for _, buffers in messages for buffer in buffers) == data

    run(folder, scenario, burst=1)


def test_a_page_that_gets_no_buffers_has_files_as_text(folder: Path) -> None:
    data = bytes(range(256)) * (9 << 12)
    (folder / "large.wasm").write_bytes(data)

    async def scenario(posts: Posts) -> None:
        messages = await posts.answer("pkg/large.wasm", as_text=True)
        assert not any(buffers for _, buffers in messages)
        assert b"".join(part for content, _ in messages for part in carried(content, ())) == data

    run(folder, scenario)


def test_a_comm_that_is_closed_ends_the_sending(folder: Path) -> None:
    (folder / "large.wasm").write_bytes(bytes(9 << 20))

    async def scenario(posts: Posts) -> None:
        posts.error = RuntimeError("the comm is closed")
        posts.ask("pkg/large.wasm")
        await until(lambda: not posts.desk._tasks)
        assert len(posts.messages) == 1

    run(folder, scenario)


def test_a_page_gets_files_over_the_comm_while_a_cell_runs(kernel: Kernel, folder: Path) -> None:
    kernel.run(f"server = Server('files')\nserver.serve['pkg'] = {str(folder)!r}\nview = server.view()")
    page = Page(kernel, str(kernel.value("view.model_id")))
    kernel.subshell = kernel.create_subshell()
    try:
        if kernel.subshell is None:
            pytest.skip("this ipykernel has no subshells")
        cell = kernel.start(BUSY.format(folder=str(folder)))
        kernel.until((folder / "started").exists)
        page.post({"jt": "asset", "id": 1, "path": "pkg/a.mjs"})
        content = page.until(lambda: [c for c in page.contents if c["jt"] == "asset"])[0]
        assert (content["status"], content["type"]) == (200, "text/javascript; charset=utf-8")
        assert [bytes(buffer) for buffer in content["buffers"]] == [b"let a"]
        (folder / "go").touch()
        kernel.finish(cell)
    finally:
        kernel.subshell = None
