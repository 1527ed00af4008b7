"""The gallery shows every package that is tested, and every recipe that is a program."""

from tests.docs.pages import ROOT
from tests.e2e.pictures import FOLDER, page

GALLERY = ROOT / "docs" / "gallery.md"


def test_the_page_is_of_these_apps() -> None:
    assert GALLERY.read_text("utf-8") == page(), "write it again: python -m tests.e2e.pictures"


def test_each_picture_is_shown() -> None:
    text = GALLERY.read_text("utf-8")
    assert not [path.name for path in FOLDER.iterdir() if f"gallery/{path.name}#" not in text]
