"""A report as text and as HTML: titles with rows. What it says may come from other processes, and is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from jupyter_trame.log_text import MESSAGE_LENGTH, foreign

__all__ = ["Row", "Section", "as_html", "as_text"]


class Row(NamedTuple):
    """One line of a report."""

    label: str
    text: str
    command: str = ""
    """What is to be typed; empty for nothing."""
    where: str = ""
    """Where it is to be typed."""


class Section(NamedTuple):
    """Rows under a title; one without rows is left out."""

    title: str
    rows: list[Row]


_STYLE = """
.jt-doctor { font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 13px; line-height: 1.45;
  color: var(--jp-ui-font-color1, CanvasText); max-width: 60em; overflow-wrap: anywhere }
.jt-doctor h4 { margin: 0 0 2px; font-size: 14px; font-weight: 600 }
.jt-doctor h5 { margin: 10px 0 2px; font-size: 12px; font-weight: 600; color: var(--jp-ui-font-color2, inherit) }
.jt-doctor .jt-doctor-rows { display: grid; grid-template-columns: minmax(6em, 13em) 1fr; gap: 3px 14px; margin: 0 }
.jt-doctor .jt-doctor-rows > * { width: auto; margin: 0; padding: 0; font-weight: 400 }
.jt-doctor .jt-doctor-rows > dt { color: var(--jp-ui-font-color2, inherit) }
.jt-doctor .jt-doctor-rows > dt[data-label=error] { color: var(--jp-error-color0, #b71c1c); font-weight: 600 }
.jt-doctor .jt-doctor-rows > dt[data-label=warning] { color: var(--jp-warn-color0, #b35900); font-weight: 600 }
.jt-doctor .jt-doctor-rows > dt[data-label=healthy] { color: var(--jp-success-color0, #1b5e20); font-weight: 600 }
.jt-doctor code { display: block; margin: 3px 0; padding: 3px 8px; white-space: pre-wrap; border-radius: 2px;
  font-family: var(--jp-code-font-family, monospace); font-size: 12px; user-select: all;
  color: var(--jp-content-font-color1, inherit); background: var(--jp-layout-color2, #eee) }
.jt-doctor .jt-doctor-where { color: var(--jp-ui-font-color2, inherit) }
.jt-doctor { container-type: inline-size }
@container (max-width: 480px) { .jt-doctor .jt-doctor-rows { grid-template-columns: 1fr; gap: 0 }
  .jt-doctor .jt-doctor-rows > dd { margin-bottom: 5px } }
"""
"""In the colours of the lab; those beside them are of pages that have none. Rules for rows name two classes, since
those of the lab for lists of terms, which give a term a fifth of the width, name one."""


def as_text(title: str, sections: Iterable[Section]) -> str:
    """The report as lines without any control character."""
    return "\n".join(_lines(title, sections))


def _lines(title: str, sections: Iterable[Section]) -> Iterator[str]:
    yield _plain(title)
    for section in sections:
        if not section.rows:
            continue
        yield ""
        yield section.title
        width = max(len(row.label) for row in section.rows)
        for row in section.rows:
            yield f"  {_plain(row.label):<{width}}  {_plain(row.text)}"
            if row.command:
                where = f"{_plain(row.where)}: " if row.where else ""
                yield f"  {'':<{width}}  {where}{_plain(row.command)}"


def as_html(title: str, sections: Iterable[Section]) -> str:
    """The report as an element with its own styles, which follow the theme of the lab."""
    body = "".join(map(_html, (section for section in sections if section.rows)))
    return f'<style>{_STYLE}</style><div class="jt-doctor"><h4>{escape(_plain(title))}</h4>{body}</div>'


def _html(section: Section) -> str:
    rows = "".join(map(_html_row, section.rows))
    return f'<h5>{escape(section.title)}</h5><dl class="jt-doctor-rows">{rows}</dl>'


def _html_row(row: Row) -> str:
    label = escape(_plain(row.label))
    command = ""
    if row.command:
        where = f'<div class="jt-doctor-where">{escape(_plain(row.where))}:</div>' if row.where else ""
        command = f"{where}<code>{escape(_plain(row.command))}</code>"
    return f'<dt data-label="{label}">{label}</dt><dd>{escape(_plain(row.text))}{command}</dd>'


def _plain(text: str) -> str:
    return foreign(text, MESSAGE_LENGTH)
