"""Which files may be run: those that the contents manager shows."""

import json
from typing import Any

import pytest

from jupyter_trame.extension.app_files import read_launch


async def run(jp_fetch: Any, **body: Any) -> tuple[int, str]:
    response = await jp_fetch(
        "trame", "api", "v1", "files", method="POST", body=json.dumps(body), raise_error=False
    )
    return response.code, json.loads(response.body)["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "its path is 'None'"),
        ({"path": 7}, "its path is '7'"),
        ({"path": "/"}, "its path is '/'"),
        ({"path": "a.py", "args": "--x"}, "its args are '--x'"),
        ({"path": "a.py", "args": [1]}, "its args are '[1]'"),
        ({"path": "a.py", "name": "b"}, "there is 'name' in it"),
        ({"path": "a.ipynb"}, "an app is a .py file, not 'a.ipynb'"),
        ({"path": "../a.py"}, "stays below the root"),
        ({"path": "x/../../a.py"}, "stays below the root"),
        ({"path": "..\\a.py"}, "stays below the root"),
        ({"path": "a\0.py"}, "stays below the root"),
    ],
)
async def test_what_is_no_request(jp_fetch: Any, extension: Any, body: dict[str, Any], said: str) -> None:
    status, message = await run(jp_fetch, **body)
    assert status == 400
    assert said in message


@pytest.mark.parametrize("path", ["none.py", ".hidden.py", ".secret/app.py"])
async def test_what_the_contents_do_not_show_is_not_there(
    jp_fetch: Any, extension: Any, jp_root_dir: Any, path: str
) -> None:
    (jp_root_dir / ".hidden.py").write_text("")
    (jp_root_dir / ".secret").mkdir()
    (jp_root_dir / ".secret" / "app.py").write_text("")
    status, message = await run(jp_fetch, path=path)
    assert (status, message) == (404, f"there is no file {path!r} that may be run")


async def test_the_mark_of_windows_before_a_text_is_none_of_it(
    extension: Any, jp_serverapp: Any, jp_root_dir: Any
) -> None:
    (jp_root_dir / "app.py").write_text("x = 1\n", "utf-8-sig")
    launch = await read_launch(jp_serverapp.contents_manager, {"path": "app.py"})
    assert "x = 1" in launch.code
    assert "feff" not in launch.code


async def test_a_folder_and_what_is_no_text(jp_fetch: Any, extension: Any, jp_root_dir: Any) -> None:
    (jp_root_dir / "folder.py").mkdir()
    (jp_root_dir / "bytes.py").write_bytes(b"\xff\xfe\x00")
    for path in ("folder.py", "bytes.py"):
        status, message = await run(jp_fetch, path=path)
        assert status == 400
        assert message.startswith(f"the file {path!r} cannot be read: ")
