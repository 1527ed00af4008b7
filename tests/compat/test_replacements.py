"""Attributes replaced and put back."""

from types import SimpleNamespace

from jupyter_trame.compat.replacements import Replacements


def test_everything_is_put_back() -> None:
    class Base:
        inherited = "base"

    class Owner(Base):
        own = "own"

    changes = Replacements()
    changes.put(Owner, "own", 1)
    changes.put(Owner, "own", 2)
    changes.put(Owner, "inherited", 3)
    changes.put(Owner, "new", 4)
    assert (Owner.own, Owner.inherited, Owner.new) == (2, 3, 4)  # type: ignore[attr-defined]
    changes.undo()
    assert (Owner.own, Owner.inherited) == ("own", "base")
    assert not hasattr(Owner, "new")
    assert "inherited" not in vars(Owner)


def test_a_second_undo_changes_nothing() -> None:
    owner, changes = SimpleNamespace(a=1), Replacements()
    changes.put(owner, "a", 2)
    changes.undo()
    owner.a = 3
    changes.undo()
    assert owner.a == 3
