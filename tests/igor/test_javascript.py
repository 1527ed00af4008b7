"""The client for pages; in a real page it is in `tests/e2e/test_igor.py`."""

import pytest

from jupyter_trame.igor import IgorServer, client_source
from tests.igor.support import serving

pytest.importorskip("IPython")


def test_its_text_makes_one_name_and_fetches_nothing() -> None:
    text = client_source()
    assert "igor" in text.partition("=")[0]
    assert len(text) < 5000
    assert "import" not in text
    assert "fetch" not in text


def test_the_output_of_a_cell() -> None:
    with serving({}) as server:
        shown = server.javascript("element.append('</script>');")
        assert f'igor.connect("{server.url}")' in shown.data
        assert client_source() in shown.data
        assert "element.append('</script>');" in shown.data


def test_without_a_server_there_is_no_address() -> None:
    with pytest.raises(Exception, match="does not run"):
        IgorServer({}).javascript("")
