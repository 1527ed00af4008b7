"""What a cell shows of a server."""

from jupyter_trame.narvi import NarviServer
from jupyter_trame.narvi.shown_apps import shown_apps


def test_one_app_is_open_and_more_are_folded() -> None:
    one = shown_apps([("w", "a", "/trame/narvi/w/a")])
    assert one.startswith("<details open><summary>w / a <a href=")
    assert '<iframe src="/trame/narvi/w/a" title="w / a"' in one
    two = shown_apps([("w", "a", "/a"), ("w", "b", "/b")])
    assert two.count("<details><summary>") == two.count("<iframe") == 2


def test_where_frames_are_forbidden_there_are_links() -> None:
    shown = shown_apps([("w", "a", "/a"), ("w", "b", "/b")], frames=False)
    assert "iframe" not in shown
    assert shown.count('target="_blank" rel="noopener">Open in a tab</a>') == 2
    assert "allows no frames" in shown


def test_the_overview_and_its_token_are_not_shown() -> None:
    shown = shown_apps([("", "admin", "http://localhost:1/admin?token=secret")])
    assert shown == "<p>No app of this server can be reached without a service id.</p>"


def test_names_are_text() -> None:
    shown = shown_apps([("<b>", 'a"', '/x?a="&b')])
    assert "<b>" not in shown
    assert "&lt;b&gt; / a&quot;" in shown
    assert 'src="/x?a=&quot;&amp;b"' in shown


def test_a_server_shows_its_own() -> None:
    server = NarviServer(port=0, admin_path="/admin")
    service = server.register_service("w", "s", "package.module.Class", fixed_service_id="main")
    server.register_app("app", service)
    assert "w / app" in server._repr_html_()
    assert "token" not in server._repr_html_()
