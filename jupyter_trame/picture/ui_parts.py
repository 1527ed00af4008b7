"""How the parts of `jupyter_trame.ui` look when nobody can use them: their labels and values.

Each function gets a part, its children drawn, and gives HTML of `safe_html.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from jupyter_trame.picture.safe_html import element, text
from jupyter_trame.picture.shown_values import as_json, code, live_only, markdown_of, value_of

__all__ = ["PARTS", "PartValues", "button", "check", "field"]

LINE = "1px solid rgba(128,128,128,.4)"
_BOX = f"border:{LINE};border-radius:4px;padding:.5em 1em"
_COLUMN = "display:flex;flex-direction:column;gap:.75em;min-width:0"


class PartValues(Protocol):
    """A part, as far as its values are known here."""

    def get(self, name: str) -> Any:
        """The value of an attribute; None where there is none, or where only a browser knows it."""


def field(label: Any, value: str) -> str:
    """The label of an input and its value."""
    name = element("small", {"style": "opacity:.75"}, [_words(label)])
    box = element("span", {"style": f"border-bottom:{LINE};min-height:1.4em"}, [value])
    return element("div", {"style": "display:flex;flex-direction:column;gap:.1em"}, [name, box])


def check(label: Any, *, on: bool) -> str:
    """A box that is checked, or not."""
    return element("div", {}, [text("\u2611 " if on else "\u2610 "), _words(label)])


def button(content: str) -> str:
    """A button, which nobody can press."""
    return element(
        "span",
        {"style": f"display:inline-block;border:{LINE};border-radius:4px;padding:.2em .8em"},
        [content],
    )


def _words(value: Any) -> str:
    if value is None:
        return ""
    return text(
        value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _input(part: PartValues, _: str) -> str:
    value, unit = part.get("v-model"), part.get("unit")
    if part.get("type") == "password":
        value = "\u2022" * 8 if value else ""
    if isinstance(value, list | tuple):
        value = " \u2013 ".join(map(str, value))
    return field(part.get("label"), _words(value) + (text(f" {unit}") if unit else ""))


def _choices(part: PartValues, _: str) -> str:
    chosen, options = part.get("v-model"), part.get("options")
    chosen = chosen if isinstance(chosen, list) else [chosen]
    labels = [one for one in options if isinstance(one, dict)] if isinstance(options, list) else []

    def label_of(value: Any) -> str:
        return next((str(one.get("label", value)) for one in labels if one.get("value") == value), str(value))

    return field(part.get("label"), text(", ".join(label_of(one) for one in chosen if one is not None)))


def _check(part: PartValues, _: str) -> str:
    return check(part.get("label"), on=bool(part.get("v-model")))


def _upload(part: PartValues, _: str) -> str:
    files = part.get("v-model")
    files = files if isinstance(files, list) else [files]
    names = [str(file.get("name", "")) for file in files if isinstance(file, dict)]
    return field(part.get("label"), text(", ".join(names) or "no file"))


def _metric(part: PartValues, _: str) -> str:
    value, digits = part.get("value"), part.get("digits")
    if isinstance(value, float) and isinstance(digits, int):
        value = f"{value:.{digits}f}"
    unit = part.get("unit")
    number = element(
        "strong", {"style": "font-size:1.6em"}, [_words(value), text(f" {unit}") if unit else ""]
    )
    return element(
        "div", {}, [element("small", {"style": "opacity:.75"}, [_words(part.get("label"))]), "<br>", number]
    )


def _progress(part: PartValues, _: str) -> str:
    value = part.get("value")
    done = {"value": str(value)} if isinstance(value, int | float) else {}
    bar = element("progress", {"max": "1", "style": "width:100%", **done})
    return element("div", {}, [_words(part.get("label")), bar, _words(part.get("text"))])


def _output(part: PartValues, _: str) -> str:
    status, alt = part.get("status"), part.get("alt")
    error = status.get("error") if isinstance(status, Mapping) else None
    problem = (
        element("div", {"role": "alert"}, [text(f"\u26a0 {error.get('message')}")])
        if isinstance(error, Mapping)
        else ""
    )
    label = element("div", {}, [_words(part.get("label"))]) if part.get("label") else ""
    return element("div", {}, [label, problem, value_of(part.get("value"), str(alt or ""))])


def _table(part: PartValues, _: str) -> str:
    head = part.get("head")
    if not isinstance(head, Mapping) or not head.get("columns"):
        return ""
    cell = f"padding:.2em .6em;border-bottom:{LINE}"
    right = [column.get("number") for column in head["columns"]]

    def line(tag: str, cells: list[Any]) -> str:
        styles = [cell + (";text-align:right" if number else ";text-align:left") for number in right]
        return element(
            "tr", {}, [element(tag, {"style": s}, [_words(c)]) for s, c in zip(styles, cells, strict=False)]
        )

    lines = [line("td", cells) for cells in head.get("rows", [])]
    top = line("th", [column.get("heading") for column in head["columns"]])
    total = head.get("total", len(lines))
    more = f"{len(lines)} of {total:,} rows" if total > len(lines) else ""
    body = [element("thead", {}, [top]), element("tbody", {}, lines)]
    table = element("table", {"style": "border-collapse:collapse"}, body)
    return element("div", {"style": "overflow:auto"}, [_words(part.get("label")), table, text(more)])


def _log(part: PartValues, _: str) -> str:
    lines = part.get("value")
    shown = code("\n".join(map(str, lines)) if isinstance(lines, list) else str(lines or ""))
    return element("div", {}, [_words(part.get("label")), shown])


def _tabs(_: PartValues, children: str) -> str:
    return element("div", {"style": _BOX}, [children])


def _expander(part: PartValues, children: str) -> str:
    is_open: dict[str, str | None] = {"open": ""} if part.get("open") else {}
    return element(
        "details", {"style": _BOX, **is_open}, [element("summary", {}, [_words(part.get("title"))]), children]
    )


def _tab(part: PartValues, children: str) -> str:
    return element(
        "section", {"style": _COLUMN}, [element("strong", {}, [_words(part.get("title"))]), children]
    )


def _form(part: PartValues, children: str) -> str:
    return element("div", {"style": f"{_COLUMN};{_BOX}"}, [_words(part.get("label")), children])


def _dialog(part: PartValues, children: str) -> str:
    return (
        element("div", {"style": _BOX}, [_words(part.get("title")), children]) if part.get("v-model") else ""
    )


PARTS: Mapping[str, Callable[[PartValues, str], str]] = {
    "jtapp": lambda _, children: element("div", {"style": _COLUMN}, [children]),
    "jtbutton": lambda _, children: element("div", {}, [button(children)]),
    "jtcheck": _check,
    "jtchoices": _choices,
    "jtcode": lambda part, _: code(str(part.get("source") or "")),
    "jtcolor": _input,
    "jtdialog": _dialog,
    "jtentry": _input,
    "jtexpander": _expander,
    "jtform": lambda part, children: element(
        "div", {"style": f"{_COLUMN};{_BOX}"}, [_words(part.get("label")), children]
    ),
    "jtimage": _output,
    "jtjob": _output,
    "jtjson": lambda part, _: as_json(part.get("value")),
    "jtlog": _log,
    "jtmarkdown": lambda part, _: markdown_of(str(part.get("source") or "")),
    "jtmetric": _metric,
    "jtoutput": _output,
    "jtprogress": _progress,
    "jtrange": _input,
    "jtselect": _choices,
    "jtsidebar": lambda _, children: element("aside", {"style": f"{_COLUMN};{_BOX}"}, [children]),
    "jtslider": _input,
    "jtspinner": lambda part, _: element("div", {}, [_words(part.get("text"))]),
    "jttab": _tab,
    "jttable": _table,
    "jttabs": _tabs,
    "jttext": _input,
    "jtupload": _upload,
    "jtwidget": lambda _, __: live_only("a widget"),
}
"""By their tags in lower case."""
