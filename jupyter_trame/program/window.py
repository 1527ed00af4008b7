"""The process of an app's window: ``python -m jupyter_trame.program.window``, told by `desktop.show`."""

from __future__ import annotations

import json
import sys
from typing import Any

__all__ = ["main"]


def main(order: dict[str, Any]) -> None:
    """Show ``order["url"]`` in a window; returns when it is closed."""
    import webview

    webview.create_window(url=order["url"], **order["window"])
    webview.start(debug=order["debug"])


if __name__ == "__main__":
    main(json.load(sys.stdin))
