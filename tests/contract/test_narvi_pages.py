"""Narvi's rows about addresses and files (contract c.5, rows 2, 11, 13 and 14), on each host."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract import narvi_services
from tests.contract.narvi_hosts import HostOfTests, Site, fetch_now, page, run


@pytest.fixture
def site(host: HostOfTests) -> Iterator[Site]:
    with host.running(narvi_services.doors) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("w/lobby/index.html", "main/index.html"),
        ("w/room/index.html", "../lobby/index.html"),
        ("w/room/unknown/index.html", "../../lobby/index.html"),
        ("w/room/boom/index.html", "../../lobby/index.html"),
        ("w/lobby/other/index.html", None),
        ("w/hidden/index.html", None),
        ("w/hidden/unknown/index.html", None),
        ("w/nobody/index.html", None),
        ("v/lobby/index.html", None),
        ("w/lobby", "lobby/index.html"),
        ("w/lobby/", "index.html"),
        ("w/lobby/main", "main/index.html"),
        ("w/lobby/main/", "index.html"),
    ],
)
def test_row_2_redirects(site: Site, path: str, location: str | None) -> None:
    plain, asking = fetch_now(site, "GET", path), fetch_now(site, "GET", f"{path}?a=1&b=%20")
    if location is None:
        assert (plain.status, asking.status) == (404, 404)
        assert plain.headers["content-type"].startswith("text/plain")
    else:
        assert (plain.status, plain.headers["location"]) == (307, location)
        assert (asking.status, asking.headers["location"]) == (307, f"{location}?a=1&b=%20")


def test_row_2_a_registered_redirect(site: Site) -> None:
    urls = [url for _, name, url in site.call("list_app_urls") if "foo/bar" in url]
    assert len(urls) == 1
    path = urlsplit(urls[0]).path
    answer = fetch_now(site, "GET", f"{path}?q=1")
    assert answer.status == 307
    assert urljoin(path, answer.headers["location"]) == f"{site.base}/w/lobby/index.html?q=1"
    assert fetch_now(site, "GET", f"{path}/more").status == 404


def test_row_2_the_page_itself(site: Site) -> None:
    answer = fetch_now(site, "GET", "w/lobby/main/index.html?q")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.body == (narvi_services.PAGES / "index.html").read_bytes()
    head = fetch_now(site, "HEAD", "w/lobby/main/index.html")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


def test_row_13_a_refused_id_gets_no_websocket(site: Site) -> None:
    async def scenario() -> None:
        for path in ("w/room/unknown", "w/room/boom", "w/lobby/other", "w/nobody/x", "v/room/known"):
            with pytest.raises(InvalidStatus) as refused:
                async with page(site, f"{path}/connect"):
                    pass
            assert refused.value.response.status_code == 404, path
        async with page(site, "w/room/known1/connect"):
            pass

    run(scenario)
    services = site.call("get_service_statuses", "w")
    assert list(services["free"]["instances"]) == ["known1"]


def test_row_14_the_list_of_apps(site: Site) -> None:
    listed = sorted((workspace, name) for workspace, name, _ in site.call("list_app_urls"))
    assert listed == [("w", "lobby"), ("w", "lobby"), ("w", "room")]
    for _, _, url in site.call("list_app_urls"):
        parts = urlsplit(url)
        assert parts.netloc == site.host
        assert fetch_now(site, "GET", parts.path).status in {200, 307}


def test_row_14_the_overview_is_listed(host: HostOfTests) -> None:
    with host.running(narvi_services.probe, admin_path="/admin/here") as site:
        entry = site.call("list_app_urls")[-1]
        assert entry[:2] in [("", "admin"), ["", "admin"]]
        parts = urlsplit(entry[2])
        assert fetch_now(site, "GET", f"{parts.path}?{parts.query}").status == 200


# -- files


@pytest.fixture
def shelf(host: HostOfTests, tmp_path: Path) -> Iterator[Site]:
    for name in (
        "app/index.html",
        "app/icon.png",
        "app/deep/a.png",
        "app/notes.txt",
        "secret.txt",
        "app/page.html",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "app/link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "app/linked").symlink_to(tmp_path)
    with host.running(narvi_services.files, {"folder": str(tmp_path)}) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("index.html", "app/index.html", "text/html"),
        ("images/icon.png", "app/icon.png", "image/png"),
        ("images/deep/a.png", "app/deep/a.png", "image/png"),
        ("notes.txt", "app/notes.txt", "text/plain"),
        ("all/notes.txt?x=1", "app/notes.txt", "text/plain"),
    ],
)
def test_row_11_files(shelf: Site, path: str, name: str, kind: str) -> None:
    answer = fetch_now(shelf, "GET", f"w/files/x/{path}")
    assert (answer.status, answer.text) == (200, name)
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = fetch_now(shelf, "GET", f"w/files/x/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304
    part = fetch_now(shelf, "GET", f"w/files/x/{path}", headers={"Range": "bytes=0-2"})
    assert (part.status, part.text) == (206, "app")


@pytest.mark.parametrize(
    "path",
    [
        *("all/../secret.txt", "all/%2e%2e/secret.txt", "all/..%2fsecret.txt", "all/%2e%2e%2fsecret.txt"),
        *("all//etc/passwd", "all/%2fetc%2fpasswd", "all/link.txt", "all/linked/secret.txt", "link.txt"),
        *("all/icon.png%00", "all/deep", "all/", "all/deep/..%5c..%5csecret.txt", "narvi/../../secret.txt"),
        *("images/notes.txt", "icon.png", "images", "narvi/%2e%2e/index.html", "all/%FF"),
    ],
)
def test_row_11_no_address_leads_out(
    shelf: Site, path: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    answer = fetch_now(shelf, "GET", f"w/files/x/{path}")
    assert answer.status == 404
    assert "secret" not in answer.text
    assert str(tmp_path) not in caplog.text + answer.text


def test_row_11_other_documents_have_no_origin_of_the_app(shelf: Site) -> None:
    assert "sandbox" not in fetch_now(shelf, "GET", "w/files/x/index.html").headers["content-security-policy"]
    assert "sandbox" in fetch_now(shelf, "GET", "w/files/x/all/page.html").headers["content-security-policy"]


def test_methods_that_are_none_of_pages(shelf: Site) -> None:
    assert fetch_now(shelf, "POST", "w/files/x/notes.txt", body=b"x").status in {403, 404}
    assert fetch_now(shelf, "PATCH", "w/files/x/notes.txt").status in {403, 405}


def test_errors_are_text(site: Site) -> None:
    answer = fetch_now(site, "GET", "w/nobody/%3Cscript%3E/index.html")
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert "<script>" not in answer.text
