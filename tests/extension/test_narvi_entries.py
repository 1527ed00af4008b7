"""Entries of services as kernels send them."""

from pathlib import Path

import pytest

from jupyter_trame.extension.narvi_entries import (
    below_base,
    entry_key,
    read_app,
    read_entry,
    read_service,
    registry_key,
)
from jupyter_trame.services.entries import Redirection
from tests.extension.narvi_support import app, service


def test_the_registry_has_what_a_kernel_sent(tmp_path: Path) -> None:
    read = read_service("k", service(fixed_service_id="main", idle_timeout=5))
    assert (read.key, read.owner, read.fixed_service_id, read.idle_timeout) == (("w", "echo"), "k", "main", 5)
    shown = read_app("k", app(tmp_path, roots=[["a.png", "/a.png"], [["images", "*.png"], "/images"]]))
    assert shown.resources.roots == {"a.png": "/a.png", ("images", "*.png"): "/images"}
    assert (shown.key, shown.owner) == (("w", "app"), "k")


def test_a_rule_that_is_code_is_never_run_here() -> None:
    rule = read_service("k", service(validator=None)).service_id_validator
    with pytest.raises(NotImplementedError):
        rule("x")


def test_what_lacks_a_part_is_refused() -> None:
    with pytest.raises(LookupError):
        read_service("k", {"workspace": "w"})
    with pytest.raises(LookupError):
        entry_key("nothing", {})


def test_kinds_of_entries() -> None:
    described = {"from_url": "/old", "workspace": "w", "app_name": "a"}
    found = read_entry("k", "redirection", described)
    assert isinstance(found, Redirection)
    assert (found.key, found.workspace, found.app_name, found.owner) == ("/narvi/old", "w", "a", "k")
    with pytest.raises(ValueError, match="nothing that can be registered"):
        read_entry("k", "cookie", described)


def test_redirects_lie_below_the_base_of_all_apps() -> None:
    assert below_base("/old/") == "/narvi/old"
    assert registry_key(("redirection", "old")) == ("/narvi/old",)
    assert registry_key(("app", "w", "a")) == ("app", "w", "a")
