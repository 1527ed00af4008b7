"""What a page loads of ours, as it travels: compressed by gzip."""

import gzip
from pathlib import Path

__all__ = ["measure"]

STATIC = Path(__file__).parent.parent / "jupyter_trame" / "static"
LIMITS = {
    "widget.js": 10_000,
    "page.js": 10_000,
    "client.js": 250_000,
    "ui/chart.js": 290_000,
    "ui/code.js": 30_000,
    "ui/markdown.js": 125_000,
    "ui/markup.js": 15_000,
    "igor.js": 5_000,
    "igor-script.js": 5_000,
    "ui/table.js": 8_000,
}
"""File -> bytes that it may have."""


def measure() -> dict[str, int]:
    """Bytes of each built file after ``gzip -9``."""
    return {name: len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in LIMITS}


if __name__ == "__main__":
    for name, size in measure().items():
        print(f"{name}: {size / 1e3:.1f} kB, at most {LIMITS[name] / 1e3:.0f} kB")
