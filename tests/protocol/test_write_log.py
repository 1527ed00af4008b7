"""Writes that are not settled."""

from jupyter_trame.protocol.write_log import ClientWrite, WriteLog


def write(number: int, *, sent: bool = True, **changes: int) -> ClientWrite:
    return ClientWrite(number, changes, [], number, sent)


def test_a_key_is_pending_until_its_newest_write_is_settled() -> None:
    log = WriteLog()
    log.add(write(1, x=1, y=1))
    log.add(write(2, x=2))
    assert log.pending == {"x": 2, "y": 1}
    assert log.settle(1)
    assert log.pending == {"x": 2}
    assert log.settle(2)
    assert log.pending == {}
    assert not log.settle(2), "nothing was unsettled"


def test_what_the_other_side_has_not_received() -> None:
    log = WriteLog()
    for number in (1, 2, 3):
        log.add(write(number, x=number))
    assert [found.number for found in log.after(1)] == [2, 3]


def test_only_the_newest_write_waits_and_only_until_it_leaves() -> None:
    log = WriteLog()
    assert log.waiting is None
    first, second = write(1, sent=False, x=1), write(2, sent=False, x=2)
    log.add(first)
    log.add(second)
    assert log.waiting is second
    second.sent = True
    assert log.waiting is None


def test_numbers_start_again_with_the_session() -> None:
    log = WriteLog()
    log.add(write(1, x=1))
    log.add(write(2, y=1))
    assert [found.number for found in log.restart()] == [1, 2]
    assert (log.number, log.pending, log.after(0)) == (0, {}, [])
