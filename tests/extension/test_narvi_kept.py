"""What stays registered, for all Jupyter servers of a user."""

from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.narvi_kept import KeptEntries
from jupyter_trame.extension.narvi_store import NarviStore
from jupyter_trame.services.instance import ServiceFailedError
from tests.extension.narvi_support import app, service

REDIRECTION: dict[str, Any] = {"from_url": "/old", "workspace": "w", "app_name": "app", "persist": True}


def names(store: NarviStore) -> list[str]:
    return [str(entry.get("app_name") or entry["app_service_name"]) for _, entry in store.read()]


@pytest.fixture
def store(tmp_path: Path) -> NarviStore:
    return NarviStore(tmp_path / "narvi.json")


def test_two_jupyter_servers_change_one_file(store: NarviStore) -> None:
    one, two = KeptEntries(store), KeptEntries(store)
    assert one.stored() == two.stored() == []
    one.keep("service", service("one"))
    two.keep("service", service("two"))
    assert names(store) == ["one", "two"]
    assert one.drop(("service", "w", "one")) == [("service", "w", "one")]
    assert names(store) == ["two"]
    assert two.drop(("service", "w", "one")) == [], "it is none of its own"


def test_what_leads_to_an_entry_goes_with_it(store: NarviStore, tmp_path: Path) -> None:
    kept = KeptEntries(store)
    kept.keep("service", service())
    kept.keep("service", service("other"))
    kept.keep("app", app(tmp_path))
    kept.keep("app", app(tmp_path, "other", "beside"))
    kept.keep("redirection", REDIRECTION)
    assert kept.drop(("service", "w", "echo")) == [
        ("service", "w", "echo"),
        ("app", "w", "app"),
        ("redirection", "/old"),
    ]
    assert names(store) == ["other", "beside"]


def test_the_same_is_known_again(store: NarviStore) -> None:
    KeptEntries(store).keep("service", service())
    kept = KeptEntries(store)
    for kind, entry in kept.stored():
        kept.add(kind, entry)
    assert kept.has(("service", "w", "echo"), service())
    assert not kept.has(("service", "w", "echo"), service(idle_timeout=5))
    assert not kept.has(("service", "w", "other"), service())


def test_what_is_no_entry_is_not_written_again(store: NarviStore) -> None:
    store.write([("service", {"workspace": "w"}), ("nonsense", {})])
    KeptEntries(store).keep("service", service())
    assert names(store) == ["echo"]


def test_a_full_disk_is_told(store: NarviStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(entries: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write", full)
    kept = KeptEntries(store)
    with pytest.raises(
        ServiceFailedError, match=r"cannot be kept when this Jupyter server ends.*No space left"
    ):
        kept.keep("service", service())
    assert kept.has(("service", "w", "echo"), service())
    with pytest.raises(ServiceFailedError, match="comes back with the next Jupyter server"):
        kept.drop(("service", "w", "echo"))
