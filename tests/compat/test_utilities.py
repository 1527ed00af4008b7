"""Small functions of ``trame_server.utils``."""

from types import SimpleNamespace
from typing import Any, cast

import jupyter_trame
from jupyter_trame.compat.utilities import get_version, open_browser


def test_a_version_is_that_of_the_distribution() -> None:
    assert get_version("jupyter-trame") == jupyter_trame.__version__
    assert get_version("no-such-distribution") is None


def test_open_browser_opens_the_app() -> None:
    opened: list[object] = []
    open_browser(cast("Any", SimpleNamespace(open=lambda: opened.append(True))))
    assert opened == [True]
