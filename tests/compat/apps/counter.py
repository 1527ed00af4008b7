"""A counter in plain HTML, as a class with decorated methods."""

from trame.app import TrameApp
from trame.decorators import change, trigger
from trame.ui.html import DivLayout
from trame.widgets import html


class Counter(TrameApp):
    def __init__(self, server=None):
        super().__init__(server, client_type="vue3")
        self.state.trame__title = "Counter"
        self._build_ui()

    @change("count")
    def on_count(self, count, **_):
        self.state.double = 2 * int(count)

    @trigger("reset_to")
    def reset_to(self, value, step=1):
        self.state.count = value * step
        return {"was_set_to": self.state.count}

    def increment(self):
        self.state.count += 1

    def _build_ui(self):
        with DivLayout(self.server) as self.ui:
            html.H1("Counter")
            html.Input(type="range", min=0, max=100, v_model_number=("count", 5), classes="slider")
            html.Button("+", click=self.increment, classes="plus")
            html.Button("reset", click="trigger('reset_to', [10], {step: 2})", classes="reset")
            html.Span("{{ count }} * 2 = {{ double }}", classes="result")
            with html.Ul(classes="list"):
                html.Li("{{ i }}", v_for="i in Number(count)", key="i")


def main():
    app = Counter()
    app.server.start()


if __name__ == "__main__":
    main()
