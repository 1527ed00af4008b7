from typing import Any

from jupyter_trame.extension.viewers import Viewers


def test_who_is_let_in_joins_once_and_leaves_once() -> None:
    told: list[Any] = []
    viewers = Viewers(lambda change, viewer: told.append((change, viewer.id, viewer.user)))
    stranger: Any = Socket()
    socket: Any = Socket()
    viewers.opened(stranger, "eve")
    viewers.opened(socket, "ann")
    viewers.look()
    assert (len(viewers), viewers.connected, told) == (0, 2, [])
    socket.client_id = "c1"
    viewers.look()
    viewers.look()
    assert (len(viewers), viewers.connected) == (1, 2)
    (viewer,) = viewers.all
    assert (viewer.id, viewer.user) == ("c1", "ann")
    assert viewer.since > 0
    viewers.closed(stranger)
    viewers.closed(socket)
    viewers.closed(socket)
    assert told == [("joined", "c1", "ann"), ("left", "c1", "ann")]
    assert (len(viewers), viewers.connected, viewers.all) == (0, 0, [])


class Socket:
    client_id: str | None = None
