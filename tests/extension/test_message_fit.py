"""When a message is taken for too large, what is done about it, and how long the next connection waits."""

from unittest.mock import Mock

import pytest

from jupyter_trame.extension.message_fit import MessageFit


def tunnel(confirmed: int = 0, halves: int = 2) -> Mock:
    """A tunnel whose messages can be halved `halves` times."""
    return Mock(confirmed=confirmed, largest=4096, halve=Mock(side_effect=[True] * halves + [False] * 20))


def test_a_connection_that_breaks_once_says_nothing_of_messages() -> None:
    fit, way = MessageFit(), tunnel(confirmed=1)
    assert fit.broken(way, too_large=False) is None
    way.confirmed = 2
    assert fit.broken(way, too_large=False) is None
    way.halve.assert_not_called()
    assert fit.delay == 0


def test_one_that_breaks_again_and_again_without_a_word_gets_smaller_messages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fit, way = MessageFit(), tunnel()
    for expected in (0, 1, 2):
        assert fit.broken(way, too_large=False) is None
        assert way.halve.call_count == expected
    assert "4096 bytes: it gets smaller ones" in caplog.text


def test_what_is_said_when_none_is_small_enough() -> None:
    fit, way = MessageFit(), tunnel(halves=1)
    assert fit.broken(way, too_large=True) is None
    reason = fit.broken(way, too_large=True)
    assert reason is not None
    assert "not even of 4096 bytes" in reason
    assert fit.broken(way, too_large=False) is None, "who does not say that it is the size is tried again"


def test_each_that_breaks_in_vain_waits_longer_up_to_a_bound() -> None:
    fit, way = MessageFit(), tunnel()
    delays = []
    for _ in range(12):
        fit.broken(way, too_large=False)
        delays.append(fit.delay)
    assert delays[:4] == [0, 0, 0.1, 0.2]
    assert delays[-1] == 5.0
    way.confirmed = 1
    fit.broken(way, too_large=False)
    assert fit.delay == 0
