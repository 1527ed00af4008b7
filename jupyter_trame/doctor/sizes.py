"""Sizes of bytes in words."""

__all__ = ["in_words"]

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def in_words(size: int) -> str:
    """`size` bytes as people say it, to three digits."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.3g} {_UNITS[unit]}"
