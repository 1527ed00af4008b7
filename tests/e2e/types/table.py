"""The table of types in docs/client.md: ``python -m tests.e2e.types.table`` writes it."""

from pathlib import Path

from tests.e2e.types.rows import REFUSED, SENT, kind_of

__all__ = ["PAGE", "between", "table"]

PAGE = Path(__file__).parents[3] / "docs" / "client.md"
BEGIN = "<!-- types: written by python -m tests.e2e.types.table -->\n"
END = "<!-- end of types -->\n"


def table() -> str:
    """What stands between the marks of the page."""
    lines = ["| in Python | in a page | back in Python |", "| --- | --- | --- |"]
    for row in SENT:
        kinds = row.back if isinstance(row.value, list) else [row.back]
        back = ", ".join(dict.fromkeys(kind_of(value) for value in kinds))
        lines.append(f"| {row.what} | `{row.page}` | {back} |")
    lines += ["", "Refused, with the place in the value and this advice:", ""]
    lines += ["| in Python | send instead |", "| --- | --- |"]
    lines += [f"| {what} | {_advice(advice)} |" for what, _, advice in REFUSED]
    return "\n".join(lines) + "\n"


def _advice(advice: str) -> str:
    return f"`{advice}`" if any(sign in advice for sign in "().[") else advice


def between(text: str) -> tuple[str, str, str]:
    """`text` before the table, the table, and after it."""
    head, rest = text.split(BEGIN)
    inner, tail = rest.split(END)
    return head + BEGIN, inner, END + tail


if __name__ == "__main__":
    head, _, tail = between(PAGE.read_text("utf-8"))
    PAGE.write_text(head + table() + tail, encoding="utf-8")
