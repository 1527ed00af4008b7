"""The cars and what is asked about them: frames go in, frames and plain values come out."""

import re
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import pandas as pd
from vega_datasets import data

__all__ = ["ANY", "COLORS", "MEASURES", "Filters", "load_cars", "origins", "select", "summary", "top_rows"]

ANY = "Any"
"""The choice that filters nothing."""

COLORS = {"USA": "#2f86d6", "Europe": "#e8940c", "Japan": "#1a9e75"}
"""One colour a region, told apart by colour-blind eyes too, on light and on dark."""

MEASURES = {
    "weight": "Weight (lb)",
    "horsepower": "Power (hp)",
    "displacement": "Displacement (cubic inches)",
    "seconds": "0 to 60 mph (seconds)",
}
"""Column -> its label, for the columns that a chart may hold against fuel economy."""

_NAMES = {
    "Name": "name",
    "Miles_per_Gallon": "mpg",
    "Cylinders": "cylinders",
    "Displacement": "displacement",
    "Horsepower": "horsepower",
    "Weight_in_lbs": "weight",
    "Acceleration": "seconds",
    "Origin": "origin",
}
_ACRONYM = re.compile(r"\b([bcdfghjklmnpqrstvwxz]{2,3}|amc|ii|iii|se)\b", re.IGNORECASE)
"""Short words without a vowel, and some with one."""


@dataclass(frozen=True)
class Filters:
    """Which cars are wanted; the defaults want all of them. The fields are also the keys of the demo's state."""

    search: str = ""
    """Words that must all be in the name, in any order and case."""
    origin: str = ANY
    cylinders: str = ANY
    """A number as text: it is what a radio button holds."""
    year_from: int = 1970
    year_to: int = 1982
    """Last year, itself included; the two may be in any order."""
    power_max: int = 230
    """Horsepower."""


@cache
def load_cars() -> pd.DataFrame:
    """The cars of which economy and power are known, from the file in `vega_datasets`: nothing is fetched.

    All callers share one frame and must not change it.
    """
    raw = pd.read_json(BytesIO(data.cars.raw(use_local=True)))
    cars = raw[list(_NAMES)].rename(columns=_NAMES)
    cars["year"] = raw["Year"].str[:4].astype(int)
    cars["name"] = cars["name"].map(_readable)
    return cars.dropna(subset=["mpg", "horsepower"]).reset_index(drop=True)


def _readable(name: str) -> str:
    return _ACRONYM.sub(lambda found: found[0].upper(), name.title())


def select(cars: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The rows of `cars` that pass all `filters`, in their order."""
    first, last = sorted((filters.year_from, filters.year_to))
    wanted = cars["year"].between(first, last) & (cars["horsepower"] <= filters.power_max)
    if filters.origin != ANY:
        wanted &= cars["origin"] == filters.origin
    if filters.cylinders != ANY:
        wanted &= cars["cylinders"].astype(str) == filters.cylinders
    for word in filters.search.split():
        wanted &= cars["name"].str.contains(word, case=False, regex=False)
    return cars[wanted]


def summary(selected: pd.DataFrame, cars: pd.DataFrame) -> list[dict[str, str]]:
    """Averages of the selection as texts, each with a note on how it differs from all `cars`."""
    asked = [("Economy", "mpg", "mpg", 1), ("Power", "horsepower", "hp", 0), ("Weight", "weight", "lb", 0)]
    return [
        {
            "label": label,
            "value": f"{selected[column].mean():,.{digits}f}" if len(selected) else "-",
            "unit": unit,
            "note": _compare(selected[column], cars[column]),
        }
        for label, column, unit, digits in asked
    ]


def _compare(selected: pd.Series, reference: pd.Series) -> str:
    if not len(selected):
        return "no car"
    percent = round(100 * (selected.mean() / reference.mean() - 1))
    return f"{percent:+d} % vs all cars" if percent else "as all cars"


def origins(selected: pd.DataFrame) -> list[dict[str, Any]]:
    """Each region with its colour, the number of its cars in the selection and their average economy."""
    groups = {name: selected.loc[selected["origin"] == name, "mpg"] for name in COLORS}
    return [
        {
            "name": name,
            "color": COLORS[name],
            "count": len(mpg),
            "mpg": float(mpg.mean()) if len(mpg) else 0.0,
        }
        for name, mpg in groups.items()
    ]


def top_rows(selected: pd.DataFrame, column: str = "mpg", count: int = 8) -> list[dict[str, Any]]:
    """The first rows by `column` as plain values: names and weights upwards, everything else downwards."""
    ascending = column in {"name", "origin", "weight"}
    shown = selected.sort_values(column, ascending=ascending, kind="stable").head(count)
    columns = ["name", "year", "origin", "mpg", "horsepower", "weight"]
    return [
        {**dict(zip(columns, values, strict=True)), "id": int(row)}
        for row, values in zip(shown.index, shown[columns].itertuples(index=False), strict=True)
    ]
