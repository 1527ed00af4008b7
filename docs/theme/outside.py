"""What pages link beside ``docs/``, and what the search needs, as files of the site.

Pages link files of the repository by their places in it, so that the links work there too. Markdown becomes a page of
the site; anything else is a file to be downloaded.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_LINK = re.compile(r"(\]\()([^)\s:#]+)((?:#[^)\s]*)?\))")
_ALWAYS = ("CHANGELOG.md", "CONTRIBUTING.md", "jupyter_trame/protocol/PROTOCOL.md")
"""What the navigation names."""
_SHIM = "theme/iframe-worker.js"
"""With which a page that was opened from a folder may search; `mkdocs.yml` names it."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the pages link, and what those link in turn."""
    root = Path(config.config_file_path).parent
    docs = Path(config.docs_dir).relative_to(root).as_posix()
    waiting = [posixpath.join(docs, file.src_uri) for file in files.documentation_pages()]
    waiting += _ALWAYS
    seen: set[str] = set(waiting)
    for place in _ALWAYS:
        files.append(_file(root, place, config))
    files.append(
        File.generated(
            config,
            _SHIM,
            abs_src_path=str(root / "js" / "node_modules" / "iframe-worker" / "shim" / "index.js"),
        )
    )
    while waiting:
        place = waiting.pop()
        for _, target, _ in _LINK.findall((root / place).read_text("utf-8")):
            linked = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
            if linked in seen or linked.startswith(f"{docs}/") or not (root / linked).is_file():
                continue
            seen.add(linked)
            files.append(_file(root, linked, config))
            if linked.endswith(".md"):
                waiting.append(linked)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links by the place in the repository into links within the site."""
    root = Path(config.config_file_path).parent
    docs = Path(config.docs_dir).relative_to(root).as_posix()
    source = page.file.src_uri
    place = source.removeprefix("outside/") if source.startswith("outside/") else f"{docs}/{source}"

    def translated(match: re.Match[str]) -> str:
        before, target, after = match.groups()
        linked = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        uri = linked.removeprefix(f"{docs}/") if linked.startswith(f"{docs}/") else f"outside/{linked}"
        if files.get_file_from_path(uri) is None:
            return match[0]
        return f"{before}{posixpath.relpath(uri, posixpath.dirname(source) or '.')}{after}"

    return _LINK.sub(translated, markdown)


def _file(root: Path, place: str, config: MkDocsConfig) -> File:
    return File.generated(config, f"outside/{place}", abs_src_path=str(root / place))
