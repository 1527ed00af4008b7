"""What files, pages and refusals are sent with."""

from typing import Any

import pytest

from jupyter_trame.files.headers import (
    PLAIN_TEXT,
    HeaderPolicy,
    entity_tag,
    file_headers,
    page_headers,
    refusal_headers,
)
from jupyter_trame.files.page_policy import POLICY_HEADER, PagePolicy

OWN = PagePolicy().header("a.example")


def sender(**options: Any) -> HeaderPolicy:
    return HeaderPolicy(policy=PagePolicy(), **options)


def sent(
    path: str, apps: dict[str, str] | None = None, *, is_page: bool = False, **options: Any
) -> dict[str, str]:
    return file_headers(path, sender(**options), apps or {}, "a.example", None, is_page=is_page)


def test_a_script() -> None:
    assert sent("a.js") == {
        "Content-Type": "text/javascript; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
        POLICY_HEADER: OWN,
    }


@pytest.mark.parametrize(
    ("path", "is_page", "sandboxes", "found"),
    [
        ("a.svg", False, True, True),
        ("a.svg", False, False, False),
        ("index.html", False, True, True),
        ("index.html", True, True, False),
        ("a.js", False, True, False),
    ],
)
def test_what_is_no_page_of_the_origin(path: str, is_page: bool, sandboxes: bool, found: bool) -> None:
    policy = sent(path, is_page=is_page, sandboxes_documents=sandboxes)[POLICY_HEADER]
    assert policy.startswith(OWN)
    assert ("sandbox allow-scripts" in policy) is found


def test_what_an_app_decides_and_what_not() -> None:
    apps = {
        "content-type": "text/html",
        "x-content-type-options": "",
        "CACHE-CONTROL": "max-age=5",
        "X_One": "1",
        "referrer-policy": "origin",
        "Cross-origin-resource-policy": "cross-origin",
        "content-security-policy": "img-src *",
    }
    assert sent("a.js", apps, secret_in_address=True, needs_cookie=True) == {
        "Content-Type": "text/javascript; charset=utf-8",
        "X_One": "1",
        "referrer-policy": "origin",
        "Cross-origin-resource-policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "max-age=5",
        POLICY_HEADER: f"{OWN}, img-src *",
    }


def test_a_program_keeps_its_secret_and_its_files() -> None:
    headers = sent("a.js", secret_in_address=True, needs_cookie=True)
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_what_a_login_is_needed_for_is_kept_by_no_cache_on_the_way() -> None:
    assert sent("a.js", private=True)["Cache-Control"] == "private, no-cache"
    apps = {"Cache-Control": "max-age=60"}
    assert sent("a.js", apps, private=True)["Cache-Control"] == "private, max-age=60"


def test_what_a_deployment_sets_is_not_the_apps() -> None:
    given = {"server": "x", "x-content-type-options": "", POLICY_HEADER: "frame-ancestors https://b.example"}
    headers = page_headers(sender(given=given), {"Server": "mine", "X-One": "1"}, "a.example", None)
    assert headers == {
        "X-One": "1",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
        POLICY_HEADER: f"frame-ancestors https://b.example, {OWN}",
    }


def test_a_tag_changes_with_the_file() -> None:
    assert entity_tag(255, 16) == '"ff-10"'


@pytest.mark.parametrize(
    ("deployments", "policy"),
    [
        ("", "default-src 'none'; frame-ancestors 'self'"),
        ("frame-ancestors https://b.example", "default-src 'none', frame-ancestors https://b.example"),
    ],
)
def test_a_refusal_allows_nothing(deployments: str, policy: str) -> None:
    assert refusal_headers(deployments) == {
        "Content-Type": PLAIN_TEXT,
        "Cache-Control": "no-store",
        POLICY_HEADER: policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    assert PLAIN_TEXT == "text/plain; charset=utf-8"
