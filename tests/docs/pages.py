"""The pages of the documentation, taken apart: headings, blocks of code, tables, links."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# ([\w/]+\.py)\n")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
_ENTRY = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The name of the file that it is, by its first line; None for a cell of a notebook."""
        match = _FILE.match(self.text)
        return None if match is None else match[1]


def blocks(page: Path, language: str = "python") -> list[Block]:
    """The blocks of a page in one language, in their order."""
    found = (Block(match[2], textwrap.dedent(match[3])) for match in _FENCE.finditer(page.read_text("utf-8")))
    return [block for block in found if block.language == language]


def prose(page: Path) -> str:
    """The text of a page without its blocks of code."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """What links to parts of the page may name: headings, named as by GitHub, and entries of the reference."""
    titles = (re.sub(r"[`*]", "", title).strip().lower() for title in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles} | set(entries(page))


def entries(page: Path) -> list[str]:
    """The dotted names whose docstrings a page of the reference shows."""
    return _ENTRY.findall(prose(page))


def links(page: Path) -> list[str]:
    """The targets of all links and pictures of the page."""
    return _LINK.findall(prose(page))


def names(page: Path) -> list[str]:
    """What the page sets as code within its sentences and tables."""
    return _CODE.findall(prose(page))


def section(page: Path, title: str) -> str:
    """The prose below a heading, up to the next one."""
    parts = _HEADING.split(prose(page))
    return parts[parts.index(title) + 1]


def titles(page: Path) -> list[str]:
    """The headings of the page, in their order."""
    return _HEADING.findall(prose(page))


def blocks_of(page: Path, title: str, language: str = "python") -> list[Block]:
    """The blocks of code below a heading, up to the next one."""
    text = page.read_text("utf-8")
    code = [match.span() for match in _FENCE.finditer(text)]
    # A comment in a block of code looks like a heading.
    heads = [head for head in _HEADING.finditer(text) if not any(a <= head.start() < b for a, b in code)]
    begin = next(number for number, head in enumerate(heads) if head[1] == title)
    end = heads[begin + 1].start() if begin + 1 < len(heads) else len(text)
    found = _FENCE.finditer(text, heads[begin].end(), end)
    return [Block(match[2], textwrap.dedent(match[3])) for match in found if match[2] == language]


def first_column(text: str, number: int = 1) -> list[list[str]]:
    """Of each row of the tables in `text`, what the first column sets as code, or the one with this `number`."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [found for row in rows if (found := _CODE.findall(row.split("|")[number]))]
