"""Pages and servers call everything alike."""

import re
from pathlib import Path

from jupyter_trame import names

PAGES = Path(__file__).parent.parent / "js" / "src" / "protocol" / "names.ts"


def test_pages_use_the_same_names() -> None:
    of_pages = dict(re.findall(r'^export const (\w+) = "([^"]+)";$', PAGES.read_text("utf-8"), re.MULTILINE))
    assert of_pages
    assert of_pages.items() <= {name: getattr(names, name) for name in names.__all__}.items()


def test_no_name_is_there_twice() -> None:
    values = [getattr(names, name) for name in names.__all__]
    assert len(values) == len(set(values))
