"""Who may send messages to a service: it has to have said so."""

from jupyter_trame.narvi.callbacks import Callbacks


def test_consent() -> None:
    callbacks = Callbacks()
    assert not callbacks.admits("w", "w")
    callbacks.app2app = lambda *_: None
    assert callbacks.admits("w", "w")
    assert not callbacks.admits("w", "v")
    callbacks.app2app_from = frozenset({"v"})
    assert callbacks.admits("w", "v")
    assert not callbacks.admits("w", "u")
    callbacks.app2app_from = frozenset({"*"})
    assert callbacks.admits("w", "u")
