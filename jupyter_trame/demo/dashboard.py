"""The page of the demo app and what binds it to the data."""

from dataclasses import asdict
from importlib.resources import files
from typing import Any

from trame_client.ui.html import DivLayout
from trame_client.widgets import client, html

from jupyter_trame import Server
from jupyter_trame.demo.chart import draw
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

__all__ = ["DEFAULTS", "answer", "build"]

DEFAULTS: dict[str, Any] = {**asdict(Filters()), "measure": "weight", "sort": "mpg"}
"""The state that the controls write, with what *Reset* puts back."""

TABLE = [
    ("name", "Car"),
    ("year", "Year"),
    ("origin", "Built in"),
    ("mpg", "mpg"),
    ("horsepower", "hp"),
    ("weight", "lb"),
]
"""Column -> its heading."""


def answer(values: dict[str, Any]) -> dict[str, Any]:
    """What the page shows for the values of the keys in `DEFAULTS`; the chart takes tens of milliseconds."""
    cars = load_cars()
    selected = select(cars, Filters(**{key: values[key] for key in asdict(Filters())}))
    return {
        "chart": draw(selected, cars, values["measure"]),
        "rows": top_rows(selected, values["sort"]),
        "summary": summary(selected, cars),
        "origins": origins(selected),
        "shown": len(selected),
        "total": len(cars),
    }


def build(server: Server) -> None:
    """Make `server` the demo app. The first picture is drawn before this returns."""
    state = server.state
    state.update({"trame__title": "Cars", **DEFAULTS, **answer(DEFAULTS)})

    # Of everything that a moving slider has sent by now only the newest is worth a picture.
    @state.change(*DEFAULTS, latest=True)
    def on_change() -> None:
        state.update(answer({key: state[key] for key in DEFAULTS}))

    def reset() -> None:
        state.update(DEFAULTS)

    with DivLayout(server, classes="cars"):
        client.Style(files(__package__).joinpath("style.css").read_text("utf-8"))
        with html.Div(classes="board"):
            with html.Header():
                html.H1("What makes a car thrifty?")
                html.P("{{ total }} cars of 1970 to 1982, and how far they go on a gallon.")
            with html.Section(classes="numbers"):
                _build_numbers()
            with html.Section(classes="card filters"):
                _build_filters()
                html.Button("Reset", click=reset, classes="reset")
            with html.Section(classes="card plot"):
                _build_plot()
            with html.Section(classes="card listing"):
                _build_table()


def _build_numbers() -> None:
    with html.Div(classes="card number"):
        html.Div("Cars", classes="label")
        with html.Div(classes="value"):
            html.Span("{{ shown }}", classes="shown")
            html.Small("of {{ total }}")
        with html.Div(classes="share"):
            html.Div(style=("{width: 100 * shown / total + '%'}",))
    with html.Div(v_for="item in summary", key=("item.label",), classes="card number"):
        html.Div("{{ item.label }}", classes="label")
        with html.Div(classes="value"):
            html.Span("{{ item.value }}")
            html.Small("{{ item.unit }}")
        html.Div("{{ item.note }}", classes="note")


def _build_filters() -> None:
    with html.Label("Name", classes="field"):
        html.Input(type="search", v_model=("search",), placeholder="ford wagon", classes="search")
    with html.Label("Built in", classes="field"), html.Select(v_model=("origin",), classes="origin"):
        for name in (ANY, *COLORS):
            html.Option(name, value=name)
    with html.Div(classes="field"):
        html.Span("Cylinders")
        with html.Div(classes="choices"):
            for count in (ANY, "4", "6", "8"):
                with html.Label():
                    html.Input(type="radio", value=count, v_model=("cylinders",))
                    html.Span(count)
    _build_slider("From", "year_from", 1970, 1982, 1)
    _build_slider("To", "year_to", 1970, 1982, 1)
    _build_slider("Power up to", "power_max", 50, 230, 5, " hp")


def _build_slider(label: str, key: str, low: int, high: int, step: int, unit: str = "") -> None:
    with html.Label(classes="field"):
        with html.Span(classes="reading"):
            html.Span(label)
            html.Strong(f"{{{{ {key} }}}}{unit}")
        html.Input(type="range", min=low, max=high, step=step, v_model_number=(key,), classes=f"slider {key}")


def _build_plot() -> None:
    with html.Div(classes="head"):
        with html.H2("Miles per gallon by "), html.Select(v_model=("measure",), classes="measure"):
            for column, label in MEASURES.items():
                html.Option(label, value=column)
        with html.Div(classes="legend"), html.Span(v_for="item in origins", key=("item.name",)):
            html.I(style=("{background: item.color}",))
            html.Span("{{ item.name }}")
            html.B("{{ item.count }}")
    html.Img(src=("chart",), alt="Scatter chart of the cars", classes="chart")


def _build_table() -> None:
    with html.Div(classes="head"):
        html.H2("First {{ rows.length }} of {{ shown }}")
        html.Small("A click on a heading sorts.")
    with html.Div(classes="scroll"), html.Table():
        with html.Thead(), html.Tr():
            for column, heading in TABLE:
                with html.Th(classes=(f"{{sorted: sort === '{column}'}}",)):
                    html.Button(heading, click=f"sort = '{column}'")
        with html.Tbody(), html.Tr(v_for="row in rows", key=("row.id",)):
            for column, _ in TABLE:
                _build_cell(column)


def _build_cell(column: str) -> None:
    if column == "mpg":
        with html.Td(classes="mpg"):
            html.I(style=("{width: row.mpg / 50 * 64 + 'px'}",))
            html.Span("{{ row.mpg.toFixed(1) }}")
    elif column in {"weight", "horsepower"}:
        html.Td(f"{{{{ row.{column}.toLocaleString('en') }}}}")
    else:
        html.Td(f"{{{{ row.{column} }}}}")
