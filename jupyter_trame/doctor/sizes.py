"""Sizes and numbers in words."""

__all__ = ["counted", "in_words", "three_digits"]

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def in_words(size: int) -> str:
    """`size` bytes as people say it, to three digits."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{three_digits(value)} {_UNITS[unit]}"


def three_digits(value: float) -> str:
    """`value` to three digits, which are the first ones, and without an exponent where people write none."""
    return f"{float(f'{value:.3g}'):g}"


def counted(count: int, noun: str) -> str:
    """`count` things, each of which is a `noun`: ``1 page``, ``2 pages``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
