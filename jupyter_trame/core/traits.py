"""The state as an object with traits, for ``traitlets.link`` and everything else that observes traits."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Self

from traitlets import All, Bunch, HasTraits, MetaHasTraits, TraitError, TraitType
from traitlets.utils.sentinel import Sentinel

from jupyter_trame.core import _traitlets_private
from jupyter_trame.core.state import State, store_of
from jupyter_trame.core.values import same_value

__all__ = ["AnyTrait", "StateTrait", "StateTraits"]


class StateTrait(TraitType[Any, Any]):
    """One key of the state. Holds no value: the state does."""

    def get(self, obj: HasTraits, cls: type[Any] | None = None) -> Any:  # noqa: ARG002 - as in TraitType
        """The newest value in the state."""
        assert isinstance(obj, StateTraits)
        assert self.name is not None
        return obj._state[self.name]

    def set(self, obj: HasTraits, value: Any) -> None:
        """Write to the state, tell the observers and flush."""
        assert isinstance(obj, StateTraits)
        assert self.name is not None
        obj._write(self.name, value)


class AnyTrait(dict[str, TraitType[Any, Any]]):
    """The traits so far. Each that there can be is in it, as ``traitlets.link`` wants, and is made when it is got."""

    def __init__(self, owner: "StateTraits", traits: Mapping[str, TraitType[Any, Any]]) -> None:
        super().__init__(traits)
        self._owner = owner

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and _can_be_trait(name))

    def __missing__(self, name: str) -> TraitType[Any, Any]:
        if not self._owner.has_trait(name):
            raise KeyError(name)
        trait: TraitType[Any, Any] = self._owner._traits[name]
        self[name] = trait
        return trait


class StateTraits(HasTraits):
    """Has a trait for each key of `state`, made when first asked for, also for keys that do not exist yet.

    A trait reads and writes the state itself. Setting one tells its observers at once and flushes; changes
    that come from elsewhere are told in the flush, on the owner thread, before the listeners of the state. An
    observer may set traits: no change is told twice. Keys that begin with an underscore, or are called like a
    method of HasTraits, have no trait.
    """

    _state: State
    _observed = False
    """Whether somebody asked to be told of every key."""

    def __new__(cls, state: State) -> Self:
        # Traits live on classes: with one of its own, an instance grows them without a new class each time.
        own: Any = MetaHasTraits(cls.__name__, (cls,), {"__module__": cls.__module__, "__doc__": cls.__doc__})
        instance: Self = super().__new__(own, state)
        return instance

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._hooks = store_of(state).hooks
        self._names: dict[str, str] = {}
        """Root-level key -> name of its trait."""
        self._told: dict[str, Any] = {}
        """What the observers of a trait know."""
        self._ahead: set[str] = set()
        """Traits whose observers may know the value before the state is flushed."""
        self._writing: set[str] = set()
        store_of(state).watch(self._on_flush)

    # HasTraits, for names it has not seen

    def __getattr__(self, name: str) -> Any:
        if not self.has_trait(name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._state[name]

    def __setattr__(self, name: str, value: Any) -> None:
        # traitlets replaces notify_change while it holds notifications.
        if name[:1] != "_" and name != "notify_change" and not self.has_trait(name):
            raise TraitError(f"the state key {name!r} has no trait: {type(self).__name__} uses the name")
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *filter(_can_be_trait, dir(self._state))})

    def has_trait(self, name: str) -> bool:
        """Can `name` be observed? True for all but a few keys, see above."""
        if super().has_trait(name):
            return True
        if not _can_be_trait(name):
            return False
        self._grow(name)
        return True

    def trait_has_value(self, name: str) -> bool:
        """Is there such a key in the state?"""
        return self._state.has(name)

    def traits(self, **metadata: Any) -> dict[str, TraitType[Any, Any]]:
        """The traits made so far; any other is made by ``traits()[name]``."""
        return AnyTrait(self, super().traits(**metadata))

    def observe(
        self,
        handler: Any,
        names: Sentinel | str | Collection[Sentinel | str] = All,
        type: Sentinel | str = "change",  # noqa: A002 - as in HasTraits
    ) -> None:
        """As in HasTraits, for keys that do not exist yet too; `All` means every key. Raises TraitError."""
        for name in [names] if isinstance(names, str | Sentinel) else names:
            if isinstance(name, str) and not self.has_trait(name):
                raise TraitError(f"the state key {name!r} has no trait")
            if name is All:
                self._observed = True
                # A key gets its trait when it changes, and its observers are told what it was before.
                store = store_of(self._state)
                with store.lock:
                    told = self._state.translator.reverse_translate_dict(store.pushed)
                    self._told = told | self._told
        super().observe(handler, names, type)

    def _grow(self, name: str) -> None:
        with store_of(self._state).lock:
            if super().has_trait(name):
                return
            self._told[name] = self._state[name]
            if self._state.is_dirty(name):
                self._ahead.add(name)
            _traitlets_private.add_trait(self, name, StateTrait())
            self._names[self._state.translator.translate_key(name)] = name

    # Both directions

    def _write(self, name: str, value: Any) -> None:
        state, hooks = self._state, self._hooks
        state[name] = value
        if not hooks.owns_thread():
            if state.flush() is None:
                hooks.defer(partial(self._tell, name))
            return
        outermost = name not in self._writing
        self._writing.add(name)
        self._ahead.add(name)
        try:
            self._tell(name)
        finally:
            try:
                state.flush()
            finally:
                if outermost:
                    self._writing.discard(name)
                if not state.is_dirty(name):
                    self._ahead.discard(name)
        if outermost and self._is_news(name):
            # A listener changed it again. A link that is setting this trait right now would not listen.
            hooks.defer(partial(self._tell, name))

    def _on_flush(self, changes: Mapping[str, Any]) -> None:
        if not changes:
            # The flush is over. What was written during it may have been taken back without a round of its
            # own.
            for name in [name for name in self._ahead if name not in self._writing]:
                self._ahead.discard(name)
                self._tell_guarded(name)
            return
        if self._observed:
            self._grow_all(changes)
        for key in changes:
            name = self._names.get(key, "")
            if name and name not in self._writing:
                # Not compared unless the observers may know it: a value that was changed in place is news.
                self._tell_guarded(name, always=name not in self._ahead)

    def _grow_all(self, changes: Mapping[str, Any]) -> None:
        translator = self._state.translator
        for key in changes:
            name = translator.reverse_translate_key(key)
            if key not in self._names and translator.translate_key(name) == key and _can_be_trait(name):
                old = self._told.get(name)
                self._grow(name)
                self._told[name] = old

    def _is_news(self, name: str) -> bool:
        return not same_value(self._told.get(name), self._state[name])

    def _tell_guarded(self, name: str, always: bool = False) -> None:
        self._hooks.call(f"observer of the trait {name}", self._tell, name, always)

    def _tell(self, name: str, always: bool = False) -> None:
        if always or self._is_news(name):
            old, new = self._told.get(name), self._state[name]
            self._told[name] = new
            self.notify_change(Bunch(name=name, old=old, new=new, owner=self, type="change"))


def _can_be_trait(name: str) -> bool:
    return name[:1] != "_" and not hasattr(StateTraits, name)
