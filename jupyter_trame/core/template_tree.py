"""Templates as trees. They are HTML with Vue's attributes, so nothing here knows what an attribute means."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["HtmlNode", "TemplateError", "parse_template"]

_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
_INTERPOLATION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MASK = re.compile("\ue000\n*(\\d+)\ue001")
_TAG_NAME = re.compile(r"<([^\s/>]+)")


class TemplateError(ValueError):
    """A template is no well-formed HTML."""

    def __init__(self, template: str, problem: str, line: int) -> None:
        super().__init__(template, problem, line)
        self.template = template
        """Its name."""
        self.problem = problem
        self.line = line
        """Where it is seen, from 1."""

    def __str__(self) -> str:
        return f'template "{self.template}": {self.problem} (line {self.line})'


@dataclass(eq=False, slots=True)
class HtmlNode:
    """An element of a template."""

    tag: str
    """As it is written."""
    attributes: dict[str, str | None] = field(default_factory=dict)
    """By their names in lower case; None for one without a value."""
    children: "list[HtmlNode | str]" = field(default_factory=list)
    """Elements and texts; in the latter ``{{ }}`` is as it is written."""
    line: int = 1
    """Where it begins in the template, from 1."""


def parse_template(name: str, text: str) -> HtmlNode:
    """The template `name` as a node without a tag. Raises `TemplateError` for a tag that is not closed."""
    parser = _Parser(name, _INTERPOLATION.findall(text))
    count = iter(range(len(parser.masked)))

    def mask(match: re.Match[str]) -> str:
        """What stands between the braces may hold a "<" that begins no tag; its lines count."""
        lines = "\n" * match[0].count("\n")
        return f"\ue000{lines}{next(count)}\ue001"

    parser.feed(_INTERPOLATION.sub(mask, text))
    parser.close()
    return parser.finish()


class _Parser(HTMLParser):
    def __init__(self, name: str, masked: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.masked = masked
        self._name = name
        self._open = [HtmlNode("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = self._add(attrs)
        if not _VOID.fullmatch(tag):
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as written
        self._add(attrs)

    def handle_endtag(self, tag: str) -> None:
        if _VOID.fullmatch(tag):
            return
        node = self._open[-1]
        if len(self._open) == 1 or node.tag.lower() != tag:
            raise TemplateError(self._name, f"</{tag}> closes {_shown(node)}", self.getpos()[0])
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(self._unmask(data))

    def finish(self) -> HtmlNode:
        if len(self._open) > 1:
            node = self._open[-1]
            raise TemplateError(self._name, f"{_shown(node)} is not closed", node.line)
        return self._open[0]

    def _add(self, attrs: list[tuple[str, str | None]]) -> HtmlNode:
        match = _TAG_NAME.match(self.get_starttag_text() or "")
        assert match is not None
        values = {key: value if value is None else self._unmask(value) for key, value in attrs}
        node = HtmlNode(match[1], values, line=self.getpos()[0])
        self._open[-1].children.append(node)
        return node

    def _unmask(self, text: str) -> str:
        return _MASK.sub(lambda match: html.unescape(self.masked[int(match[1])]), text)


def _shown(node: HtmlNode) -> str:
    return f"<{node.tag}>" if node.tag else "nothing"
