"""Tables and columns of pandas and polars, as the state sends them: rows are maps, a column is a list."""

from typing import Any

__all__ = ["as_frame", "members", "polars_members", "polars_records", "records"]


def records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a DataFrame of pandas, each a map by column; names of columns are text, and there is no index."""
    if not all(isinstance(name, str) for name in frame.columns):
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    return frame.to_dict("records")  # type: ignore[no-any-return]


def members(series: Any) -> list[Any]:
    """What a Series of pandas holds."""
    return series.tolist()  # type: ignore[no-any-return]


def as_frame(series: Any) -> Any:
    """A Series as the one column of a table, which has a nicer form than its text."""
    return series.to_frame()


def polars_records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a DataFrame of polars."""
    return frame.to_dicts()  # type: ignore[no-any-return]


def polars_members(series: Any) -> list[Any]:
    """What a Series of polars holds."""
    return series.to_list()  # type: ignore[no-any-return]
