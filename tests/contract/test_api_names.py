"""Translated names, child servers, templates by name and HTTP headers."""

from typing import Any

import pytest

from tests.contract.facts import fact
from tests.contract.peers import OURS, TRAME, Peer, both

RESERVED = [
    "trame__title",
    "trame__anything",
    "on_server_start",
    "on_server_bind",
    "on_server_ready",
    "on_client_connected",
    "on_client_exited",
    "on_server_exited",
    "on_server_reload",
]


@fact("api 6", "`translate_key`, `translate_list`, `translate_dict` and the call put the prefix before names")
@both
def test_prefix(peer: Peer) -> None:
    translator = peer.translator("p_")
    assert translator.translate_key("a") == translator("a") == "p_a"
    assert list(translator.translate_list(["a", "b"])) == ["p_a", "p_b"]
    assert translator.translate_dict({"a": 1}) == {"p_a": 1}
    translator.set_prefix("q_")
    assert translator.translate_key("a") == "q_a"
    assert peer.translator().translate_key("a") == "a"


@pytest.mark.parametrize("name", RESERVED)
@fact("api 6", "`trame__...` and the life-cycle names are reserved: they are never translated")
@both
def test_reserved(peer: Peer, name: str) -> None:
    translator = peer.translator("p_")
    translator.add_translation(name, "other")
    assert translator.translate_key(name) == name
    assert translator.reverse_translate_key(name) == name


@pytest.mark.parametrize("name", ["on_error", "on_exception", "on_client_unmounted"])
@fact(
    "api 6",
    "`on_error`, `on_exception` and `on_client_unmounted` are reserved too",
    trame="are translated, so a prefixed child's `ctrl.on_error` is never called",
)
def test_more_reserved(name: str) -> None:
    assert OURS.translator("p_").translate_key(name) == name


@fact("api 6", "an explicit translation beats the prefix")
@fact("api 6", "back: the explicit name, else without the prefix, else the name itself")
@both
def test_explicit_translation(peer: Peer) -> None:
    translator = peer.translator("p_")
    translator.add_translation("a", "z")
    assert [translator(name) for name in ("a", "b")] == ["z", "p_b"]
    assert [translator.reverse_translate_key(name) for name in ("z", "p_b", "c")] == ["a", "b", "c"]
    assert list(translator.reverse_translate_list(["z", "p_b"])) == ["a", "b"]


@fact(
    "api 6",
    "`reverse_translate_dict` keeps the child's own and reserved keys; those of the parent are invisible",
)
@both
def test_reverse_dict(peer: Peer) -> None:
    translator = peer.translator("p_")
    translator.add_translation("b", "z")
    values = {"p_a": 1, "z": 2, "parent": 3, "trame__title": 4}
    assert translator.reverse_translate_dict(values) == {"a": 1, "b": 2, "trame__title": 4}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", "c_a"),
        ("a + other", "c_a + other"),
        ("f(a)", "f(c_a)"),
        ("[a,a]", "[c_a,c_a]"),
        ("{x: a}", "{x: c_a}"),
        ("!a&&a|a?a:a;a", "!c_a&&c_a|c_a?c_a:c_a;c_a"),
        ("a*a/a-a+a`a\na", "c_a*c_a/c_a-c_a+c_a`c_a\nc_a"),
        ("obj.a", "obj.c_a"),
        ("'a' + \"a\"", "'c_a' + \"c_a\""),
        ("a=1", "a=1"),
        ("a<b>a", "a<b>a"),
        ("a%a^a@a~a$a", "a%a^a@a~a$a"),
        ("a\ta", "a\ta"),
        ("a = 1", "c_a = 1"),
        ("aa + a", "aa + c_a"),
    ],
)
@fact(
    "api 6",
    "in a JS expression each token between delimiters that is a key is replaced, in strings and after dots too",
)
@fact("api 6", "`= < > % ^ @ ~ $` and the tab are no delimiters: `a=1` is left alone, `a = 1` is not")
@both
def test_js_expressions(peer: Peer, expression: str, expected: str) -> None:
    root = peer.state()
    child = peer.state(peer.translator("c_"), root)
    child.a = 0
    assert child.translator.translate_js_expression(child, expression) == expected


@fact("api 6", "a name that is not in the state yet is left alone")
@both
def test_unknown_names(peer: Peer) -> None:
    root = peer.state()
    child = peer.state(peer.translator("c_"), root)
    assert child.translator.translate_js_expression(child, "a + b") == "a + b"
    child.setdefault("b", 0)
    assert child.translator.translate_js_expression(child, "a + b") == "a + c_b"


@fact("api 6", "of a text, only what stands between `{{` and `}}` is translated")
@both
def test_templating(peer: Peer) -> None:
    root = peer.state()
    child = peer.state(peer.translator("c_"), root)
    child.a = 0
    text = child.translator.translate_vue_templating(child, "a is {{ a }} and {{a}}, a")
    assert text == "a is {{ c_a }} and {{c_a}}, a"


@fact(
    "api 6",
    "`create_child_server(prefix=...)` and `(translator=...)` translate state, context and controller",
)
@both
def test_child_server(peer: Peer) -> None:
    root = peer.server()
    translator = peer.translator("t_")
    for child, prefix in (
        (root.create_child_server(prefix="p_"), "p_"),
        (root.create_child_server(translator=translator), "t_"),
    ):
        child.state.a = child.context.a = 1
        child.controller.f = len
        assert (root.state[f"{prefix}a"], root.context[f"{prefix}a"]) == (1, 1)
        assert root.controller[f"{prefix}f"].func is len


@fact("api 6", "a child server shares name, options, client type, HTTP headers and UI manager")
@both
def test_child_shares(peer: Peer) -> None:
    root = peer.server("family", my_option=1)
    root.client_type = "vue2"
    child = root.create_child_server(prefix="p_")
    assert (child.name, child.client_type) == ("family", "vue2")
    assert child.options is root.options
    assert child.http_headers is root.http_headers
    assert child.ui is root.ui


@fact("api 6", "prefixes do not compose: a grandchild with `g_` uses `g_` alone")
@both
def test_grandchild(peer: Peer) -> None:
    root = peer.server()
    grandchild = root.create_child_server(prefix="p_").create_child_server(prefix="g_")
    grandchild.state.a = 1
    assert root.state.g_a == 1
    assert not root.state.has("p_g_a")
    assert grandchild.root_server is root


class Node:
    """What the UI manager makes."""

    def __init__(self, trame_server: Any) -> None:
        self.server = trame_server
        self.calls: list[str] = []

    def clear_layouts(self) -> None:
        self.calls.append("clear_layouts")

    def flush_content(self) -> None:
        self.calls.append("flush_content")

    def clear(self) -> None:
        self.calls.append("clear")


@fact(
    "api 7", "`server.ui.name` and `server.ui['name']` call `vn_constructor(trame_server=server)` once a name"
)
@fact("api 7", "the server of a node is the root, also where a child asked for it")
@both
def test_nodes(peer: Peer) -> None:
    root = peer.server("contract", Node)
    child = root.create_child_server(prefix="p_")
    node = child.ui.main
    assert isinstance(node, Node)
    assert node is root.ui["main"] is root.ui.main
    assert root.ui.other is not node
    assert node.server is root


@fact("api 7", "`clear_layouts()`, `flush_content()` and `clear()` reach every node")
@both
def test_forwarding(peer: Peer) -> None:
    ui = peer.server("contract", Node).ui
    nodes = [ui.main, ui.other]
    ui.clear_layouts()
    ui.flush_content()
    ui.clear()
    assert [node.calls for node in nodes] == [["clear_layouts", "flush_content", "clear"]] * 2


@fact("api 7", "`set_vn_constructor` says what makes the nodes from then on")
@both
def test_set_constructor(peer: Peer) -> None:
    ui = peer.server("contract", Node).ui
    ui.set_vn_constructor(lambda trame_server: "node")
    assert ui.main == "node"


@fact(
    "api 7",
    "without a constructor the nodes are trame-client's `VirtualNode`",
    trame="access fails; `get_server` passes `VirtualNode`",
)
def test_default_constructor() -> None:
    from trame_client.widgets.core import VirtualNode

    assert isinstance(OURS.server().ui.main, VirtualNode)
    with pytest.raises(TypeError):
        _ = TRAME.server().ui.main


@fact(
    "api 8",
    "`set_header`, `remove_header`, `get_header` (None where there is none) and the live dict `headers`",
)
@both
def test_headers(peer: Peer) -> None:
    headers = peer.server().http_headers
    assert headers.get_header("X-Test") is None
    headers.set_header("X-Test", "1")
    assert (headers.get_header("X-Test"), headers.headers["X-Test"]) == ("1", "1")
    headers.headers["X-Other"] = "2"
    assert headers.get_header("X-Other") == "2"
    headers.remove_header("X-Test")
    assert headers.get_header("X-Test") is None


@fact("api 8", "`shared_array_buffer` adds the three headers that isolate a page, or removes them")
@both
def test_shared_array_buffer(peer: Peer) -> None:
    headers = peer.server().http_headers
    assert headers.shared_array_buffer is False
    headers.shared_array_buffer = True
    assert headers.headers == {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Access-Control-Allow-Origin": "*",
    }
    assert headers.shared_array_buffer is True
    headers.shared_array_buffer = False
    assert headers.headers == {}
