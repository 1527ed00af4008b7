"""Who is there, and who is still owed a settlement."""

from jupyter_trame.protocol.clients import ClientList, LinkEnd
from jupyter_trame.protocol.link import ClientOpened, LinkOp, Resume
from jupyter_trame.types import ClientId

A, B = ClientId("a"), ClientId("b")


class Output:
    def send(self, *ops: LinkOp) -> bool:
        return True

    def close(self, reason: str) -> None:
        pass


def link() -> LinkEnd:
    return LinkEnd(Output(), 100)


def test_a_client_comes_and_leaves_once() -> None:
    clients, first = ClientList(), link()
    assert clients.opened(ClientOpened(A, True), first)
    assert not clients.opened(ClientOpened(A, True), first)
    assert list(clients) == [A]
    assert clients.closed(A)
    assert not clients.closed(A)
    assert not clients.closed(B)
    assert list(clients) == []
    assert clients.get(A) is None


def test_a_client_that_comes_back_is_reached_over_the_new_link() -> None:
    clients, first, second = ClientList(), link(), link()
    clients.opened(ClientOpened(A, True), first)
    clients.opened(ClientOpened(A, True), second)
    known = clients.get(A)
    assert known is not None
    assert known.link is second
    assert clients.drop(first) == []
    assert clients.drop(second) == [A]


def test_one_that_left_is_kept_until_its_last_write_is_settled() -> None:
    clients, first = ClientList(), link()
    clients.opened(ClientOpened(A, True), first)
    known = clients.get(A)
    assert known is not None
    known.received = 2
    assert clients.closed(A)
    assert clients.applied(A, 1) is known
    assert clients.get(A) is known
    assert list(clients) == []
    assert clients.applied(A, 2) is known
    assert clients.get(A) is None
    assert clients.applied(A, 3) is None


def test_a_dropped_link_does_not_lose_a_client_that_had_left_twice() -> None:
    clients, first = ClientList(), link()
    for client in (A, B):
        clients.opened(ClientOpened(client, True), first)
    known = clients.get(A)
    assert known is not None
    known.received = 1
    clients.closed(A)
    assert clients.drop(first) == [B]
    assert clients.get(A) is None


def test_a_session_is_found_by_its_token_and_its_identity() -> None:
    clients, first = ClientList(), link()
    known = clients.opened(ClientOpened(A, True, b"hash", "me"), first, since=4)
    clients.opened(ClientOpened(B, False), first)
    assert known is not None
    assert known.since == 4
    assert clients.find(Resume(1, b"hash", "me", 0)) == (A, known)
    assert clients.find(Resume(1, b"hash", "you", 0)) is None
    assert clients.find(Resume(1, b"hash", None, 0)) is None
    assert clients.find(Resume(1, b"other", "me", 0)) is None
    assert clients.find(Resume(1, b"", None, 0)) is None, "a stock client has no token"
    known.received = 1
    clients.closed(A)
    assert clients.find(Resume(1, b"hash", "me", 0)) is None, "who has left has left"


def test_writes_are_open_until_they_are_settled() -> None:
    clients, first = ClientList(), link()
    known = clients.opened(ClientOpened(A, True, b"hash"), first)
    assert known is not None
    for number in (1, 2, 3):
        known.received = number
        known.open[number] = (("x",), {})
    clients.applied(A, 2)
    assert list(known.open) == [3]
