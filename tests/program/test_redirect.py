"""The page that leads a browser to an address which others must not see."""

import os
import stat
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from jupyter_trame.program.redirect import RedirectFile


class Targets(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("http-equiv") == "refresh":
            self.found.append(str(values["content"]).partition("url=")[2])
        if tag == "a":
            self.found.append(str(values["href"]))


def path_of(address: str) -> Path:
    assert address.startswith("file:")
    return Path(url2pathname(urlsplit(address).path))


@pytest.mark.parametrize("url", ["http://localhost:1/?secret=s&ui=a", 'http://h/?secret="><script>&amp;'])
def test_a_private_page_leads_there(url: str) -> None:
    redirect = RedirectFile()
    address = redirect.lead_to(url)
    assert "secret" not in address
    path = path_of(address)
    if hasattr(os, "geteuid"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    page = Targets()
    page.feed(path.read_text("utf-8"))
    assert page.found == [url, url]
    redirect.remove()
    redirect.remove()
    assert not path.parent.exists()


def test_there_is_one_at_a_time() -> None:
    redirect = RedirectFile()
    first, second = path_of(redirect.lead_to("http://one/")), path_of(redirect.lead_to("http://two/"))
    assert not first.exists()
    assert "http://two/" in second.read_text()
    redirect.remove()


def test_without_a_place_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(OSError, match="none"):
        RedirectFile().lead_to("http://one/")
