"""Classes whose instances ours are as well."""

from jupyter_trame.compat.stand_in import StandIn


class Ours: ...


class Theirs(Ours, metaclass=StandIn):
    _stands_in = True


class Apps(Theirs): ...


def test_everything_of_the_base_counts() -> None:
    assert isinstance(Ours(), Theirs)
    assert isinstance(Theirs(), Theirs)
    assert issubclass(Ours, Theirs)
    assert not isinstance("ours", Theirs)


def test_a_subclass_is_an_ordinary_class() -> None:
    assert isinstance(Apps(), Apps)
    assert isinstance(Apps(), Theirs)
    assert not isinstance(Ours(), Apps)
    assert not isinstance(Theirs(), Apps)
    assert not issubclass(Ours, Apps)
