"""Apps that are built at the same time, each on a thread of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from trame_client.widgets import html
from trame_client.widgets.core import HTML_CTX

from jupyter_trame import Server, ui

PATIENCE = 20.0


def test_parts_land_in_the_app_of_their_thread() -> None:
    both_open = threading.Barrier(2)

    def build(name: str) -> Server:
        with ui.app(Server(name)) as server:
            both_open.wait(PATIENCE)
            html.Span(f"of {name}")
            both_open.wait(PATIENCE)
        both_open.wait(PATIENCE)
        assert html.P().server is server
        return server

    names = ("first", "second")
    with ThreadPoolExecutor(2) as threads:
        built = dict(zip(names, threads.map(build, names), strict=True))
    for name, server in built.items():
        assert [one for one in names if f"of {one}" in server.state.trame__template_main] == [name]
    assert HTML_CTX.element_stack == []


def test_a_thread_that_has_built_nothing_makes_elements_of_the_last_app() -> None:
    with ui.app(Server("last")) as server:
        pass
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(html.P().server))
    thread.start()
    thread.join(PATIENCE)
    assert made == [server]
