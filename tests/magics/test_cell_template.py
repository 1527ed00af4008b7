"""Templates of cells, without a kernel."""

import pytest

from jupyter_trame import ui
from jupyter_trame.core.template_tree import TemplateError
from jupyter_trame.magics.cell_template import CellTemplate, explain, show_template
from jupyter_trame.runtime import registry
from jupyter_trame.server import Server
from jupyter_trame.server.server import runtime_of
from tests.support.servers import fresh_process

CELL = "cell In[3]"


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """Servers that were to be started; none is."""
    monkeypatch.setattr(registry, "process", fresh_process())
    started: list[Server] = []
    monkeypatch.setattr(Server, "start", lambda self: started.append(self))
    return started


def hints(server: Server) -> list[str]:
    return [hint.message for hint in runtime_of(server).user_code.hints.values()]


def test_lines_are_those_of_the_cell() -> None:
    source = CellTemplate(CELL, "<p>\n{{ a.b }} {{ b }}</p>")
    assert source.keys("main") == ["a", "b"]
    assert source.at_line(3) == "cell In[3], line 3"
    assert source.naming("a") == "the template in cell In[3], line 3"
    assert source.naming("b") == "the template in cell In[3], line 3"
    assert source.naming("c") == ""


def test_what_is_no_html_is_told_and_changes_nothing(started: list[Server]) -> None:
    server = show_template("app", "<p>{{ a }}</p>", CELL)
    with pytest.raises(TemplateError) as caught:
        show_template("app", "<p>\n{{ b }}", "cell In[4]")
    assert explain(caught.value, "cell In[4]") == "cell In[4], line 2: <p> is not closed"
    assert server.state.trame__template_main == "\n<p>{{ a }}</p>"
    assert not server.state.has("b")


def test_a_server_is_made_once_and_started(started: list[Server]) -> None:
    server = show_template("app", "{{ a }}", CELL, title="A title")
    assert show_template("app", "{{ b }}", CELL) is server is started[0]
    assert server.state.trame__title == "A title"
    assert runtime_of(server).template_sources["main"].at_line(2) == "cell In[3], line 2"


def test_values_stay_and_keys_without_one_get_none() -> None:
    server = Server("app")
    server.state.a = 1
    show_template("app", "{{ a }} {{ b }}", CELL)
    assert (server.state.a, server.state.has("b"), server.state.b) == (1, True, None)
    server.state.b = 2
    show_template("app", "{{ b }}", CELL)
    assert server.state.b == 2
    assert hints(server) == []


def test_a_slip_is_told_until_it_is_mended() -> None:
    server = Server("app")
    server.state.high = 1
    show_template("app", "<p>\n{{ hihg }}</p>", CELL)
    assert hints(server) == [
        "is 'high' meant? the template in cell In[3], line 3 names 'hihg', which nobody has set"
    ]
    show_template("app", "<p>\n{{ high }}</p>", CELL)
    assert hints(server) == []


def test_parts_that_the_page_had_before_end() -> None:
    with ui.app("app") as server:
        ui.output(lambda: None)
    assert runtime_of(server).parts
    show_template("app", "{{ a }}", CELL)
    assert not runtime_of(server).parts
