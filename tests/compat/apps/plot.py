"""A plotly figure that follows a select and reports clicks."""

import plotly.graph_objects as go
from trame.app import get_server
from trame.ui.vuetify3 import SinglePageLayout
from trame.widgets import plotly
from trame.widgets import vuetify3 as v3

server = get_server(client_type="vue3")
state, ctrl = server.state, server.controller


def squares(n):
    return go.Figure(
        data=go.Bar(x=list(range(n)), y=[i * i for i in range(n)]), layout_title_text=f"{n} squares"
    )


@state.change("n")
def update_figure(n, **_):
    ctrl.update_figure(squares(int(n)))


def on_click(event):
    state.clicked = event


with SinglePageLayout(server) as layout:
    layout.title.set_text("Plot")
    with layout.toolbar:
        v3.VSelect(v_model=("n", 4), items=("sizes", [4, 8, 12]), hide_details=True, density="compact")
    with layout.content, v3.VContainer(fluid=True, classes="fill-height"):
        figure = plotly.Figure(
            figure=squares(4),
            display_mode_bar=("false",),
            click=(on_click, "[utils.safe($event)]"),
        )
        ctrl.update_figure = figure.update

if __name__ == "__main__":
    server.start()
