"""Files of apps on the local host; those of a trame app that runs are in test_local_trame.py."""

from pathlib import Path

from jupyter_trame.files.folders import STATIC
from jupyter_trame.narvi.local_files import LocalFiles
from jupyter_trame.services.resources import Resources
from tests.narvi.support import run
from tests.services.support import Hosted, app, service


def test_where_files_are(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("hello")

    async def scenario() -> None:
        resources = Resources({"index.html": str(tmp_path / "page.html")})
        hosted = Hosted(
            service("plain"),
            app("plain", "plain", resources=resources),
            service("trame", settings={"app": print}),
            app("trame", "trame", resources=resources),
        )
        files = LocalFiles(hosted.host.known)

        def find(name: str, rest: str) -> Path | None:
            return files.find(hosted.address("x", rest, name))

        assert find("plain", "index.html") == tmp_path / "page.html"
        assert find("plain", "page.js") is None
        assert find("trame", "index.html") == STATIC / "index.html"
        assert find("trame", "page.js") == STATIC / "page.js"
        for rest in ("nothing.js", "..%2f..%2f__init__.py", "narvi"):
            assert find("trame", rest) is None, rest

    run(scenario)
