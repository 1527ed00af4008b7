"""Types of files by their names."""

from pathlib import Path

import pytest

from jupyter_trame.files.media_types import MEDIA_TYPES, content_type


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.MJS", "text/javascript; charset=utf-8"),
        ("a.cjs", "text/javascript; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.js.map", "application/json"),
        ("a.tar.gz", "application/gzip"),
        ("a.woff2", "font/woff2"),
        ("a.unknown", "application/octet-stream"),
        ("a", "application/octet-stream"),
        (".js", "application/octet-stream"),
        (Path("b/c.png"), "image/png"),
    ],
)
def test_the_type_comes_from_the_name(name: str, expected: str) -> None:
    assert content_type(name) == expected


def test_the_system_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mimetypes.guess_type", lambda *_, **__: ("text/plain", None))
    monkeypatch.setattr("mimetypes.types_map", {".trametest": "text/plain", ".js": "text/plain"})
    assert content_type("a.trametest") == "application/octet-stream"
    assert content_type("a.js").startswith("text/javascript")


def test_the_table_is_written_in_one_way() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in MEDIA_TYPES)
    assert not any(";" in kind for kind in MEDIA_TYPES.values())
