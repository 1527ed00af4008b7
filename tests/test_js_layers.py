"""The browser side imports downwards too, and in no circle: protocol -> transports -> view -> entries."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.test_layers import find_circle

JS = Path(__file__).parent.parent / "js"
SOURCES = JS / "src"

ORDER = ["protocol", "transports", "view"]
VIEW = ["guard", "state", "contract", "shell", "render", "ui", "packages"]
"""Folders of the view, from the bottom; modules beside them put a view together."""
ENTRIES = {"client", "igor", "narvi", "narvi-monitor", "ui-chunks", "widget", "page", "lab"}
PARTS = {
    "app": "client",
    "frame": "client",
    "snapshots": "client",
    "rehearsal": "client",
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
    "igor": "the client of Igor is a few kilobytes that pages without any app load",
    "ui-chunks": "a chunk is loaded by the client and given its Vue: what it holds of the client would be there twice",
    "narvi": "the client of narvi is a few kilobytes that pages without any app load",
    "narvi-monitor": "the monitor's page loads the client of narvi as every page does: it needs its types alone",
    "lab": "the extension stays small: it fetches the client bundle when the page runs",
}
SMALL = {
    Path("load-client.ts"),
    Path("element.ts"),
    *(Path("transports", name) for name in ("embedded.ts", "own-request.ts", "random-name.ts")),
}
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
        return {own, "client", "narvi", *ORDER}  # what a loader loads has a type
    return {own}


def violations(path: Path) -> Iterator[str]:
    if path in SMALL and path.parent == Path():
        return  # a part of every loader
    own = layer(path)
    if own not in {*ORDER, *ENTRIES}:
        yield f"js/src/{path} is in no layer"
        return
    for source, types_only in imported(path):
        if source.startswith("."):
            module = (SOURCES / path.parent / f"{source}.ts").resolve().relative_to(SOURCES.resolve())
            wrong = module not in SMALL and layer(module) not in allowed(own, types_only)
        else:
            wrong = source.startswith(BANNED_PACKAGES.get(own, ("\0",)))
        if wrong:
            yield f"js/src/{path} imports {source}: {REASONS[own]}"


def test_imports_go_downwards() -> None:
    found = [violation for path in sources() for violation in violations(path)]
    assert not found, "\n".join(found)


def graph() -> dict[str, set[str]]:
    """Module -> modules of ours that it imports, types included."""
    found: dict[str, set[str]] = {}
    for path in sources():
        own = found[path.as_posix()] = set()
        for source, _ in imported(path):
            if not source.startswith("."):
                continue
            target = (SOURCES / path.parent / source).resolve()
            files = (target.with_name(f"{target.name}.ts"), target / "index.ts")
            own.update(file.relative_to(SOURCES.resolve()).as_posix() for file in files if file.exists())
    return found


def test_no_module_imports_itself_by_a_detour() -> None:
    circle = find_circle(graph())
    assert not circle, f"{' -> '.join(circle)}: who reads one of these has to read all; types count too"


def view_violations(path: str, targets: set[str]) -> Iterator[str]:
    _, group, *_ = path.split("/")
    if group not in VIEW:
        yield f"js/src/{path} is in no folder of the view"
        return
    for target in sorted(targets):
        parts = target.split("/")
        if parts[0] != "view":
            continue
        if len(parts) == 2:
            yield f"js/src/{path} imports {target}, which puts views together"
        elif parts[1] not in VIEW[: VIEW.index(group) + 1]:
            yield f"js/src/{path} imports {target}: the order is {' < '.join(VIEW)}"


def test_the_view_imports_downwards() -> None:
    inside = {path: targets for path, targets in graph().items() if re.match("view/.+/", path)}
    assert inside
    found = [violation for path, targets in inside.items() for violation in view_violations(path, targets)]
    assert not found, "\n".join(found)


def test_there_are_sources() -> None:
    assert {layer(path) for path in sources() if path not in SMALL} == {*ORDER, *ENTRIES}
