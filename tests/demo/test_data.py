"""What is asked about the cars."""

import pandas as pd
import pytest

from jupyter_trame.demo.data import (
    ANY,
    COLORS,
    MEASURES,
    Filters,
    load_cars,
    origins,
    select,
    summary,
    top_rows,
)


@pytest.fixture(scope="module")
def cars() -> pd.DataFrame:
    return load_cars()


def test_the_file_of_the_package_is_whole(cars: pd.DataFrame) -> None:
    assert len(cars) == 392
    assert not cars.isna().any().any()
    assert set(cars["origin"]) == set(COLORS)
    assert set(MEASURES) <= set(cars.columns)
    assert cars is load_cars()


def test_names_are_written_for_people(cars: pd.DataFrame) -> None:
    names = set(cars["name"])
    assert {"Mazda GLC", "AMC Gremlin", "VW Rabbit", "Ford Pinto", "Dodge Aspen SE"} <= names


def test_the_defaults_filter_nothing(cars: pd.DataFrame) -> None:
    assert len(select(cars, Filters())) == len(cars)


@pytest.mark.parametrize(
    ("filters", "column", "values"),
    [
        (Filters(origin="Japan"), "origin", {"Japan"}),
        (Filters(cylinders="8"), "cylinders", {8}),
        (Filters(year_from=1971, year_to=1972), "year", {1971, 1972}),
        (Filters(year_from=1972, year_to=1971), "year", {1971, 1972}),
    ],
)
def test_one_filter(cars: pd.DataFrame, filters: Filters, column: str, values: set[object]) -> None:
    selected = select(cars, filters)
    assert set(selected[column]) == values
    assert len(selected) == cars[column].isin(values).sum()


def test_power_is_a_limit(cars: pd.DataFrame) -> None:
    assert select(cars, Filters(power_max=100))["horsepower"].max() <= 100


def test_search_wants_all_words_as_they_are_written(cars: pd.DataFrame) -> None:
    assert {"Ford Country Squire (SW)"} <= set(select(cars, Filters(search="(sw) FORD"))["name"])
    assert select(cars, Filters(search="ford .*")).empty


def test_summary_compares_with_all(cars: pd.DataFrame) -> None:
    economy, power, weight = summary(select(cars, Filters(origin="Japan")), cars)
    assert economy == {"label": "Economy", "value": "30.5", "unit": "mpg", "note": "+30 % vs all cars"}
    assert (power["note"], weight["value"]) == ("-24 % vs all cars", "2,221")
    assert {item["note"] for item in summary(cars, cars)} == {"as all cars"}


def test_summary_of_nothing(cars: pd.DataFrame) -> None:
    nothing = select(cars, Filters(search="spaceship"))
    assert {(item["value"], item["note"]) for item in summary(nothing, cars)} == {("-", "no car")}
    assert top_rows(nothing) == []


def test_every_origin_is_listed(cars: pd.DataFrame) -> None:
    found = origins(select(cars, Filters(origin="Europe")))
    assert [(item["name"], item["count"]) for item in found] == [("USA", 0), ("Europe", 68), ("Japan", 0)]
    assert all(type(item["mpg"]) is float for item in found)


def test_rows_are_plain_values_in_order(cars: pd.DataFrame) -> None:
    rows = top_rows(cars, count=3)
    assert [row["mpg"] for row in rows] == [46.6, 44.6, 44.3]
    assert {type(value) for row in rows for value in row.values()} == {str, int, float}
    assert top_rows(cars, "name", 1)[0]["name"].startswith("AMC")
    assert top_rows(cars, "weight", 1)[0]["weight"] == cars["weight"].min()


def test_any_is_a_choice_of_both_selects() -> None:
    assert (Filters().origin, Filters().cylinders) == (ANY, ANY)
