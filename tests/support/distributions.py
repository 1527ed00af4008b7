"""Distributions that register apps, made for a test."""

import textwrap
from pathlib import Path


def install(folder: Path, name: str, entries: dict[str, str], **modules: str) -> None:
    """Make a distribution `name` in `folder`, which is on the import path. Modules are dotted with ``__``."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{entry} = {value}" for entry, value in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(["[jupyter_trame.apps]", *lines, ""]))
    for module, source in modules.items():
        path = folder.joinpath(*module.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in path.relative_to(folder).parents:
            if parent != Path():
                (folder / parent / "__init__.py").write_text("raise ImportError('nobody imports this')\n")
        path.write_text(textwrap.dedent(source))
