"""The browser side imports downwards too: protocol -> transports -> view -> entries."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

JS = Path(__file__).parent.parent / "js"
SOURCES = JS / "src"

ORDER = ["protocol", "transports", "view"]
ENTRIES = {"client", "widget", "page", "lab"}
PARTS = {
    "app": "client",
    "frame": "client",
    "pictures": "client",
    "client-script": "client",
    "late-code": "widget",
    **dict.fromkeys(("address", "embedding", "secret", "server-choice"), "page"),
}
"""Module beside the entries -> the entry that it is a part of."""
REASONS = {
    "protocol": "the wire is sans-IO and runs without a DOM",
    "transports": "a connection does not know what is drawn from it",
    "view": "a view is mounted by an entry and does not know which",
    "client": "the bundle holds the view; the loaders fetch it when the page runs",
    "widget": "the loader stays small: it fetches the client bundle when the page runs",
    "page": "the loader stays small: it fetches the client bundle when the page runs",
    "lab": "the extension stays small: it fetches the client bundle when the page runs",
}
SMALL = {Path("load-client.ts"), Path("transports/names.ts"), Path("transports/embedded.ts")}
"""Modules of a hundred lines or so that a loader may hold too."""
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
    name = path.parts[0].removesuffix(".ts")
    return PARTS.get(name, name)


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """What is imported, and whether it is types only, which leave nothing in the bundle."""
    text = (SOURCES / path).read_text("utf-8")
    yield from ((match["source"], bool(match["type"])) for match in IMPORT.finditer(text))
    yield from ((match["source"], False) for match in LOAD.finditer(text))


def allowed(own: str, types_only: bool) -> set[str]:
    if own in ORDER:
        return set(ORDER[: ORDER.index(own) + 1])
    if own == "client":
        return {own, *ORDER}
    if types_only:
        return {own, "client", *ORDER}  # what a loader loads has a type
    return {own}


@pytest.mark.parametrize("path", sources(), ids=str)
def test_imports_go_downwards(path: Path) -> None:
    if path in SMALL and path.parent == Path():
        return  # a part of every loader
    own = layer(path)
    assert own in {*ORDER, *ENTRIES}, f"js/src/{path} is in no layer"
    for source, types_only in imported(path):
        if source.startswith("."):
            module = (SOURCES / path.parent / f"{source}.ts").resolve().relative_to(SOURCES.resolve())
            if module in SMALL:
                continue
            target = layer(module)
            assert target in allowed(own, types_only), f"js/src/{path} imports {source}: {REASONS[own]}"
        else:
            assert not source.startswith(BANNED_PACKAGES.get(own, ("\0",))), (
                f"js/src/{path} imports {source}: {REASONS[own]}"
            )


def test_there_are_sources() -> None:
    assert {layer(path) for path in sources() if path not in SMALL} == {*ORDER, *ENTRIES}
