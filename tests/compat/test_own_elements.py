"""trame-client is adapted once, however it was imported."""

import sys

from trame_client.ui.core import AbstractLayout
from trame_client.widgets.core import AbstractElement

from jupyter_trame.compat import own_elements


def test_again_is_harmless() -> None:
    own_elements.follow()
    before = list(sys.meta_path)
    own_elements.follow()
    assert sys.meta_path == before


def test_what_is_imported_already_is_adapted() -> None:
    own_elements.follow()
    assert hasattr(AbstractElement.__init__, "__wrapped__")
    assert AbstractLayout.flush_content.__module__ == "jupyter_trame.compat.elements"
