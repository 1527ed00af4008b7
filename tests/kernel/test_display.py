"""A server as the value of a cell."""

from jupyter_trame.kernel.display import fallback_html
from tests.kernel.support import WIDGET_TYPE, Kernel


def test_the_last_expression_is_the_app(kernel: Kernel) -> None:
    cell = kernel.run('shown = Server("shown")\nshown.state.trame__title = "<b>Title</b>"\nshown')
    (data,) = cell.data
    assert data[WIDGET_TYPE]["model_id"] == kernel.value("shown.view().model_id")
    assert data["text/plain"].startswith("<Server 'shown', running>\n")  # and how to see it at a console
    assert "<b>" not in data["text/html"]
    assert kernel.value("shown.running")


def test_display_shows_it_too_and_again(kernel: Kernel) -> None:
    cell = kernel.run('from IPython.display import display\nagain = Server("again")\ndisplay(again, again)')
    assert [data[WIDGET_TYPE]["model_id"] for data in cell.data] == [
        kernel.value("again.view().model_id")
    ] * 2


def test_the_notebook_holds_no_address(kernel: Kernel) -> None:
    cell = kernel.run('Server("plain")')
    saved = str(cell.data)
    assert "localhost" not in saved
    assert "127.0.0.1" not in saved
    assert kernel.record.secret not in saved


def test_the_fallback_is_static() -> None:
    html = fallback_html('<script>alert(1)</script>"')
    assert "<script" not in html
    assert "&lt;script&gt;" in html
