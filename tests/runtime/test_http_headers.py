"""Headers of pages and files."""

from jupyter_trame.runtime.http_headers import ISOLATION_HEADERS, HttpHeader
from jupyter_trame.server import Server


def test_headers_are_set_and_removed() -> None:
    headers = HttpHeader({"X-A": "1"})
    headers.set_header("X-B", "2")
    assert (headers.get_header("X-A"), headers.get_header("X-C")) == ("1", None)
    headers.remove_header("X-A")
    headers.remove_header("X-A")
    assert headers.headers == {"X-B": "2"}
    headers.headers["X-D"] = "4"
    headers.apply()
    assert headers.get_header("X-D") == "4"


def test_isolation_is_three_headers() -> None:
    headers = HttpHeader()
    assert not headers.shared_array_buffer
    headers.shared_array_buffer = True
    assert headers.headers == ISOLATION_HEADERS
    assert headers.shared_array_buffer
    headers.shared_array_buffer = False
    assert headers.headers == {}


def test_children_share_them() -> None:
    server = Server("headers")
    assert server.create_child_server(prefix="c_").http_headers is server.http_headers
