import asyncio
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from jupyter_trame.extension import files
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.files.shared import describe
from tests.extension.support import KernelProcess, until

BUILT = """\
<html lang="en" data-server="host">
<link href="./x.css"><script type="module" src="./page.js"></script>
"""

SOURCE = Path(__file__).parents[2] / "js" / "page" / "index.html"


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A built client, whether or not this checkout has one."""
    static = tmp_path / "built"
    static.mkdir()
    (static / "index.html").write_text(BUILT)
    monkeypatch.setattr("jupyter_trame.extension.extension_app.STATIC", static)
    return static


async def test_page_loads_its_files_from_the_static_folder(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    response = await jp_fetch("trame", kernel.id, "demo/")
    assert response.code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    # Relative: a proxy may rewrite paths.
    assert b'src="../../static/page.js"' in response.body
    assert b'href="../../static/x.css"' in response.body


async def test_page_may_choose_no_server(kernel: KernelProcess, jp_fetch: Any, built: Path) -> None:
    """What lets the page of a program follow its address is not in a page under Jupyter, whatever the address says."""
    built.joinpath("index.html").write_text(SOURCE.read_text("utf-8"))
    assert 'data-server="host"' in SOURCE.read_text("utf-8")
    kernel.run()
    for query in ({}, {"sessionURL": "ws://evil/ws"}, {"data-server": "host"}):
        response = await jp_fetch("trame", kernel.id, "demo/", params=query)
        assert b"data-server" not in response.body


POLICY = "Content-Security-Policy"
OURS = "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"


def policies(response: Any) -> list[str]:
    """Each policy that a browser obeys."""
    return [policy for line in response.headers.get_list(POLICY) for policy in line.split(", ")]


async def test_page_and_files_say_whom_they_may_talk_to(
    kernel: KernelProcess, jp_fetch: Any, tmp_path: Path
) -> None:
    kernel.run()
    policy = PagePolicy(("https://tiles.example",), ("https://portal.example",))
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "worker.js").write_text("")
    kernel.serve({"pkg": tmp_path / "pkg"}, policy=policy, **{"content-security-policy": "img-src 'self'"})  # type: ignore[arg-type]
    await jp_fetch("trame", kernel.id, "demo", "pkg", "worker.js")  # with it its files are known
    for parts in (["demo/"], ["demo", "pkg", "worker.js"]):
        response = await jp_fetch("trame", kernel.id, *parts)
        jupyters, ours, apps = policies(response)
        host = urlsplit(response.request.url).netloc
        assert jupyters.startswith("frame-ancestors 'self'; report-uri ")
        sources = f"'self' data: blob: ws://{host} wss://{host} https://tiles.example"
        assert ours == f"connect-src {sources}; {OURS} https://portal.example"
        assert apps == "img-src 'self'"


@pytest.mark.parametrize("name", ["demo/", "demo/index.html", "demo/./index.html", "demo/pkg/x.html"])
async def test_page_of_a_module_is_not_sent_to_an_address_that_names_a_server(
    kernel: KernelProcess, jp_fetch: Any, tmp_path: Path, name: str
) -> None:
    kernel.run()
    for folder in ("www", "pkg"):
        (tmp_path / folder).mkdir()
    for page in ("www/index.html", "pkg/x.html"):
        (tmp_path / page).write_text("<title>theirs</title>")
    kernel.serve({"pkg": tmp_path / "pkg"}, page=tmp_path / "www")
    assert b"theirs" in (await jp_fetch("trame", kernel.id, name, params={"ui": "x"})).body
    query = {"sessionURL": "ws://evil.example/ws"}
    refused = await jp_fetch("trame", kernel.id, name, params=query, raise_error=False)
    assert (refused.code, b"names a server (sessionURL)" in refused.body) == (400, True)
    assert refused.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_page_that_lists_what_runs_has_the_policy_too(kernel: KernelProcess, jp_fetch: Any) -> None:
    response = await jp_fetch("trame", kernel.id, "nobody/", raise_error=False)
    assert policies(response)[1].endswith(OURS)


@pytest.mark.parametrize(
    "deployment", ["frame-ancestors 'none'; default-src 'self'", "default-src *; connect-src *"]
)
async def test_policy_of_the_deployment_stays_as_it_is(
    kernel: KernelProcess, jp_fetch: Any, jp_web_app: Any, deployment: str
) -> None:
    jp_web_app.settings["headers"] = {POLICY: deployment}
    kernel.run()
    kernel.serve({}, policy=PagePolicy(("*",), ("*",)))
    theirs, ours = policies(await jp_fetch("trame", kernel.id, "demo/"))
    assert theirs == deployment
    assert "object-src 'none'; base-uri 'self'" in ours


@pytest.mark.parametrize(
    "options", [{"connect_src": ["https://tiles.example"], "frame_ancestors": ["https://portal.example"]}]
)
async def test_deployment_may_let_all_pages_do_more(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    ours = policies(await jp_fetch("trame", kernel.id, "demo/"))[1]
    assert " https://tiles.example;" in ours
    assert ours.endswith("frame-ancestors 'self' https://portal.example")


async def test_page_is_there_while_the_kernel_is_lost(
    kernel: KernelProcess, jp_fetch: Any, browse: Any
) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state)
    kernel.kill()
    assert (await jp_fetch("trame", kernel.id, "demo/")).code == 200


async def test_unknown_server_lists_the_running_ones(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run("One")
    kernel.run("Two")
    response = await jp_fetch("trame", kernel.id, "no<such>/", raise_error=False)
    text = response.body.decode()
    assert response.code == 404
    assert "No app “no&lt;such&gt;” runs here" in text
    assert f'<a href="../../{kernel.id}/one/">One &lt;title&gt;</a>' in text
    assert f"../../{kernel.id}/two/" in text


async def test_server_of_a_dead_process_is_unknown_and_not_listed(
    kernel: KernelProcess, jp_fetch: Any
) -> None:
    kernel.run()
    kernel.kill()
    response = await jp_fetch("trame", kernel.id, "demo/", raise_error=False)
    assert response.code == 404
    assert "No app runs at this moment" in response.body.decode()


async def test_head_tells_whether_it_runs(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    assert (await jp_fetch("trame", kernel.id, "demo/", method="HEAD")).code == 200
    assert (await jp_fetch("trame", kernel.id, "other/", method="HEAD", raise_error=False)).code == 404


async def test_missing_slash_is_added(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    response = await jp_fetch(
        "trame", kernel.id, "demo", params={"a": "b"}, follow_redirects=False, raise_error=False
    )
    assert response.code == 302
    assert response.headers["Location"] == "./demo/?a=b"


@pytest.mark.parametrize("slug", ["%2F%2Fevil.example", "%5Cevil.example", "https:%2F%2Fevil.example"])
async def test_added_slash_leads_nowhere_else(kernel: KernelProcess, jp_fetch: Any, slug: str) -> None:
    response = await jp_fetch("trame", kernel.id, slug, follow_redirects=False, raise_error=False)
    here = response.request.url
    there = urlsplit(urljoin(here, response.headers["Location"]))
    assert there.netloc == urlsplit(here).netloc
    assert there.path.startswith(urlsplit(here).path.rpartition("/")[0])


async def test_unbuilt_client_is_an_error_with_the_reason(
    kernel: KernelProcess, jp_fetch: Any, built: Path
) -> None:
    kernel.run()
    (built / "index.html").unlink()
    response = await jp_fetch("trame", kernel.id, "demo/", raise_error=False)
    assert response.code == 503


async def test_launcher_probe_of_stock_clients_is_no_json(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    response = await jp_fetch(
        "trame", kernel.id, "demo", "paraview/", method="POST", body="{}", raise_error=False
    )
    assert response.code == 405
    assert response.headers["Content-Type"].startswith("text/plain")


class SlowDisk:
    """Files whose bytes come when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reading, self.free = threading.Event(), threading.Event()
        self._read = files.read_part  # type: ignore[attr-defined]
        monkeypatch.setattr(files, "read_part", self._read_later)
        monkeypatch.setattr(files, "_SHORT_TIMEOUT", 60.0)

    def _read_later(self, *args: Any) -> Any:
        self.reading.set()
        self.free.wait()
        return self._read(*args)


async def test_a_stock_page_has_its_loading_picture_before_it_connects(
    kernel: KernelProcess, jp_fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It draws the picture whenever that comes, also over the app."""
    (tmp_path / "loading.tpl").write_text("Loading")
    kernel.page_files = describe({"pictures": tmp_path}, None, {})
    kernel.run()
    disk = SlowDisk(monkeypatch)
    answers: list[Any] = []

    async def ask(*path: str, **options: Any) -> None:
        answers.append(await jp_fetch("trame", kernel.id, "demo", *path, raise_error=False, **options))

    picture = asyncio.ensure_future(ask("pictures", "loading.tpl"))
    await asyncio.to_thread(disk.reading.wait)
    launcher = asyncio.ensure_future(ask("paraview/", method="POST", body="{}"))
    await ask("index.html")  # the server has read what came before it
    disk.free.set()
    await asyncio.gather(picture, launcher)
    assert [answer.code for answer in answers] == [200, 200, 405]
    assert answers[1].body == b"Loading"


async def test_no_page_waits_for_what_others_load(
    kernel: KernelProcess, jp_fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.bin").write_text("Data")
    kernel.page_files = describe({"files": tmp_path}, None, {})
    kernel.run()
    disk = SlowDisk(monkeypatch)
    loading = asyncio.ensure_future(jp_fetch("trame", kernel.id, "demo", "files", "data.bin"))
    await asyncio.to_thread(disk.reading.wait)
    path = ("trame", kernel.id, "demo", "paraview/")
    assert (await jp_fetch(*path, method="POST", body="{}", raise_error=False)).code == 405
    assert not loading.done()
    disk.free.set()
    assert (await loading).body == b"Data"


async def test_stranger_is_sent_to_the_login_page(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    response = await jp_fetch(
        "trame", kernel.id, "demo/", headers={"Authorization": ""}, follow_redirects=False, raise_error=False
    )
    assert response.code == 302
    assert "/login" in response.headers["Location"]


@pytest.mark.parametrize("name", ["", "index.html"])
async def test_the_page_of_a_module_takes_the_place_of_ours(
    kernel: KernelProcess, jp_fetch: Any, tmp_path: Path, name: str
) -> None:
    www = tmp_path / "www"
    (www / "assets").mkdir(parents=True)
    (www / "index.html").write_text("theirs")
    (www / "assets" / "index.js").write_text("let a")
    kernel.run()
    kernel.serve({"assets/inner": www}, www, X_One="1")
    response = await jp_fetch("trame", kernel.id, f"demo/{name}")
    assert (response.body, response.headers["X_One"]) == (b"theirs", "1")
    assert (await jp_fetch("trame", kernel.id, "demo", "assets/index.js")).body == b"let a"


async def test_our_page_has_the_headers_of_the_app(kernel: KernelProcess, jp_fetch: Any) -> None:
    kernel.run()
    kernel.serve({}, X_One="1")
    assert (await jp_fetch("trame", kernel.id, "demo", "index.html")).headers["X_One"] == "1"
    missing = await jp_fetch("trame", kernel.id, "none", "index.html", raise_error=False)
    assert "X_One" not in missing.headers


async def test_a_served_file_is_no_page_of_this_origin(
    kernel: KernelProcess, jp_fetch: Any, jp_web_app: Any, tmp_path: Path
) -> None:
    www = tmp_path / "www"
    www.mkdir()
    for name in ("index.html", "other.html", "x.svg", "x.unknown", "x.js", "x.pdf"):
        (www / name).write_text("<svg/>")
    kernel.run()
    kernel.serve({"data": www}, www, **{"Content-Security-Policy": "img-src *"})  # type: ignore[arg-type]

    async def policy(*path: str) -> str:
        response = await jp_fetch("trame", kernel.id, "demo", *path)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return str(response.headers["Content-Security-Policy"])

    for path in (["other.html"], ["data", "index.html"], ["data", "x.svg"], ["data", "x.unknown"]):
        found = await policy(*path)
        assert "sandbox allow-scripts" in found
        assert "allow-same-origin" not in found
        # Jupyter's own stays.
        assert "frame-ancestors" in found
    for path in (["index.html"], ["data", "x.js"], ["data", "x.pdf"]):
        assert "sandbox" not in await policy(*path)
    # A deployment that sets headers of its own does not take it away.
    jp_web_app.settings["headers"] = {"X-Content-Type-Options": ""}
    await policy("data", "x.svg")
