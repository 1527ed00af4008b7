"""Which requests open a websocket."""

import pytest
from tornado.httputil import HTTPHeaders

from jupyter_trame.web.upgrade import upgrade_objection

GOOD = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    "changes",
    [{}, {"Upgrade": "WebSocket"}, {"Connection": "keep-alive, Upgrade"}, {"Connection": "upgrade"}],
)
def test_what_browsers_and_proxies_send_opens_one(changes: dict[str, str]) -> None:
    assert upgrade_objection(HTTPHeaders({**GOOD, **changes})) is None


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"Upgrade": None}, 426, "for websockets"),
        ({"Upgrade": "h2c"}, 426, "for websockets"),
        ({"Connection": None}, 400, "Connection: Upgrade"),
        ({"Connection": "close"}, 400, "Connection: Upgrade"),
        ({"Connection": "upgraded"}, 400, "Connection: Upgrade"),
        ({"Sec-WebSocket-Version": None}, 426, "version 13"),
        ({"Sec-WebSocket-Version": "8"}, 426, "version 13"),
        ({"Sec-WebSocket-Key": None}, 400, "Sec-WebSocket-Key"),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j"}, 400, "Sec-WebSocket-Key"),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"}, 400, "Sec-WebSocket-Key"),
        ({"Sec-WebSocket-Key": "\xe9"}, 400, "Sec-WebSocket-Key"),
    ],
)
def test_what_opens_none_is_told_why(changes: dict[str, str | None], status: int, said: str) -> None:
    headers = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    objection = upgrade_objection(HTTPHeaders(headers))
    assert objection is not None
    code, text, answer = objection
    assert code == status
    assert text.startswith(f"{status}: ")
    assert said in text
    assert ("Upgrade" in answer) == (status == 426)
    assert answer.get("Sec-WebSocket-Version") == ("13" if "version" in said else None)
