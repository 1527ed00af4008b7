"""The browser side imports downwards too: protocol -> transports -> view -> entries."""

import re
from pathlib import Path

import pytest

JS = Path(__file__).parent.parent / "js"
SOURCES = JS / "src"

ORDER = ["protocol", "transports", "view"]
ENTRIES = {"client", "widget", "page", "lab"}
REASONS = {
    "protocol": "the wire is sans-IO and runs without a DOM",
    "transports": "a connection does not know what is drawn from it",
    "view": "a view is mounted by an entry and does not know which",
    "client": "the bundle holds the view; the loaders fetch it when the page runs",
    "widget": "the loader stays small: it fetches the client bundle when the page runs",
    "page": "the loader stays small: it fetches the client bundle when the page runs",
    "lab": "the extension stays small: it fetches the client bundle when the page runs",
}
BANNED_PACKAGES = {
    "protocol": ("vue", "@jupyterlab/", "@lumino/", "@anywidget/"),
    "transports": ("vue", "@jupyterlab/", "@lumino/"),
    "view": ("@jupyterlab/", "@lumino/"),
    "lab": ("vue",),
}

IMPORT = re.compile(
    r"""(?:^|\s)(?:import|export)\s(?P<type>type\s)?[^"';]*?from\s*["'](?P<source>[^"']+)["']"""
)
LOAD = re.compile(r"""(?:^import\s*|\bimport\()["'](?P<source>[^"']+)["']""", re.MULTILINE)


def sources() -> list[Path]:
    return sorted(
        path.relative_to(SOURCES) for path in SOURCES.rglob("*.ts") if not path.name.endswith(".d.ts")
    )


def layer(path: Path) -> str:
    return path.parts[0].removesuffix(".ts")


def imported(path: Path) -> list[str]:
    text = (SOURCES / path).read_text("utf-8")
    return [match["source"] for pattern in (IMPORT, LOAD) for match in pattern.finditer(text)]


def allowed(own: str) -> set[str]:
    if own in ORDER:
        return set(ORDER[: ORDER.index(own) + 1])
    return {own, *ORDER} if own == "client" else {own, "protocol", "transports"}


@pytest.mark.parametrize("path", sources(), ids=str)
def test_imports_go_downwards(path: Path) -> None:
    own = layer(path)
    assert own in {*ORDER, *ENTRIES}, f"js/src/{path} is in no layer"
    for source in imported(path):
        if source.startswith("."):
            if source.endswith("/client.js") and own in {"widget", "page", "lab"}:
                continue  # the built bundle beside it, loaded when the page runs
            target = layer((SOURCES / path.parent / source).resolve().relative_to(SOURCES.resolve()))
            assert target in allowed(own), f"js/src/{path} imports {source}: {REASONS[own]}"
        else:
            assert not source.startswith(BANNED_PACKAGES.get(own, ("\0",))), (
                f"js/src/{path} imports {source}: {REASONS[own]}"
            )


def test_there_are_sources() -> None:
    assert {layer(path) for path in sources()} == {*ORDER, *ENTRIES}
