"""Lines of code as people call them."""

from types import SimpleNamespace

import pytest

from jupyter_trame.execution.code_places import place_of


def test_a_cell_is_called_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = SimpleNamespace(
        format_code_name=lambda path: ("Cell", "In[3]") if path.endswith("1.py") else None
    )
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(compile=compiler))
    monkeypatch.setitem(__import__("sys").modules, "IPython", ipython)
    assert place_of("/tmp/ipykernel_1/1.py", 7) == "cell In[3], line 7"
    assert place_of("/home/me/app.py", 7) == "app.py, line 7"
    assert place_of("C:\\me\\app.py", 7) == "app.py, line 7"
