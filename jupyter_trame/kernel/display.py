"""What stands in a cell where no widget can be shown."""

from html import escape

__all__ = ["fallback_html"]


def fallback_html(title: str) -> str:
    """Static markup only: a saved notebook is opened by people who trust none of it."""
    return (
        f'<div style="border: 1px solid; border-radius: 4px; padding: 0.5em 1em"><strong>{escape(title)}</strong>'
        "<br>This app is live while its notebook's kernel runs. Run the cell to see it.</div>"
    )
