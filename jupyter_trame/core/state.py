"""The shared state: what user code reads, writes and listens to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from jupyter_trame.core.hints import Hints
from jupyter_trame.core.listeners import Callback, InlineHooks, Listener, ListenerHooks, Reloader
from jupyter_trame.core.store import CommitFunction, Store
from jupyter_trame.core.translator import Translator
from jupyter_trame.core.utils import check_name, is_dunder
from jupyter_trame.core.values import Equality, same_value
from jupyter_trame.names import CLIENT_ONLY_KEY

__all__ = ["State", "reloader_of", "store_of"]

F = TypeVar("F", bound=Callback)


class State:
    """Named values that the clients share with the server.

    ``state.x = 1`` makes a value pending; `flush` (or leaving ``with state:``) pushes all pending values to
    the clients and runs the listeners of those that changed. A name nobody has set reads as None. Attributes
    that begin with an underscore are plain Python attributes, ``state["_x"]`` is state.

    Values may be written and flushed on any thread; listeners run on the owner's. A value may be changed in
    place too (``state.items.append(1)``): the flush notices it, if the value was read from the state, set, or
    given to a listener by name since the last flush; else `dirty` says so. Of figures and tables it does not
    notice that; they are set again.

    Figures, tables, ``date``, ``time``, ``timedelta``, ``Decimal`` and ``Path`` may be values: reading gives the
    object back, and clients get what is shown of it (`jupyter_trame.showing`).
    """

    _translator: Translator
    _store: Store

    def __init__(
        self,
        translator: Translator | None = None,
        internal: "State | None" = None,
        commit_fn: CommitFunction | None = None,
        hot_reload: bool | Reloader = False,
        ready: bool = False,
        *,
        equal: Equality = same_value,
        hooks: ListenerHooks | None = None,
        in_place: bool = True,
        hints: bool = False,
    ) -> None:
        """Create a state of its own, or a view of `internal` with other names.

        Args:
            translator: translates names of this state to those of the root.
            internal: the state to share everything with but translator, `commit_fn` and `hot_reload`; decides
                on all that comes after `hot_reload` too.
            commit_fn: sends the changes of one flush round, with the names of the root; called before the
                listeners of that round, on the thread that flushes. It must neither keep nor change the dict.
            hot_reload: a function that gives the newest version of a listener, asked before each call of one
                that is no coroutine function. True alone has no effect.
            ready: False: nothing is flushed before `ready()`.
            equal: decides whether a write is a change.
            hooks: the process around; default: everything runs in the calling thread, errors are logged.
            in_place: notice values that are changed in place, see `jupyter_trame.core.in_place`; False: only
                `dirty` tells of them.
            hints: tell of what looks like a mistake: names that are read or listened to, do not exist, and look
                like a slip; names that mean something else; values that nobody flushes.
        """
        self._translator = translator or Translator()
        self._store = (
            internal._store
            if internal is not None
            else _make_store(hooks or InlineHooks(), hints, equal=equal, ready=ready, in_place=in_place)
        )
        self._commit = commit_fn
        self._reload = hot_reload if callable(hot_reload) else None

    # Reading and writing

    def __getitem__(self, key: str) -> Any:
        return self._store.get(self._translator.translate_key(key))

    def __setitem__(self, key: str, value: Any) -> None:
        self._store.put(self._translator.translate_key(key), value)

    def __getattr__(self, name: str) -> Any:
        # Reached only by names that are no attributes.
        if name[:1] == "_":
            if is_dunder(name):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return None
        translator = self._translator
        return self._store.get(translator.translate_key(name) if translator.active else name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] == "_":
            object.__setattr__(self, name, value)
        else:
            translator = self._translator
            self._store.put(translator.translate_key(name) if translator.active else name, value)

    __iter__ = None  # by numbers it would never end

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.has(key)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._translator.reverse_translate_dict(self._store.snapshot())]

    def has(self, key: str) -> bool:
        """Was `key` ever set?"""
        name = self._translator.translate_key(key)
        return name in self._store.pending or name in self._store.pushed

    def setdefault(self, key: str, value: Any) -> Any:
        """The value of `key`; if it has none, `value`, which it then has."""
        translator = self._translator
        return self._store.set_default(translator.translate_key(key) if translator.active else key, value)

    def update(self, values: Mapping[str, Any] | None = None, /, **kwargs: Any) -> None:
        """Set many values, as if by one assignment after the other; keyword arguments win."""
        if not (values is None or isinstance(values, Mapping)):
            raise TypeError(f"update takes a dict of names and values, not {values!r}")
        changes = {**(values or {}), **kwargs} if kwargs else values or {}
        translator = self._translator
        self._store.put_all((translator.translate_dict(changes) if translator.active else changes).items())

    def to_dict(self) -> dict[str, Any]:
        """Flush, and return all values under the names of the root: the dict itself, not to be changed."""
        self.flush()
        return self._store.pushed

    @property
    def initial(self) -> dict[str, Any]:
        """All values as a client that comes now should see them, under the names of the root; not to be
        changed.

        Values that are pending are among them, and are still pushed by the next flush.
        """
        return self._store.snapshot()

    # What is pending

    def dirty(self, *keys: str) -> None:
        """Push `keys` in the next flush although they are not new: they were changed in place."""
        for key in self._translator.translate_list(keys):
            self._store.touch(key)

    def clean(self, *keys: str) -> None:
        """Take pending values of `keys` for pushed; no client and no listener is told."""
        for key in self._translator.translate_list(keys):
            self._store.clean(key)

    def is_dirty(self, *keys: str) -> bool:
        """Is any of `keys` pending?"""
        return any(key in self._store.pending for key in self._translator.translate_list(keys))

    def is_dirty_all(self, *keys: str) -> bool:
        """Are all of `keys` pending?"""
        return all(key in self._store.pending for key in self._translator.translate_list(keys))

    def client_only(self, *keys: str) -> None:
        """Have clients keep `keys` to themselves from now on; flushes if any of them is new."""
        store = self._store
        with store.lock:
            known = store.get(CLIENT_ONLY_KEY) or []
            names = dict.fromkeys(self._translator.translate_list(keys))
            missing = [name for name in names if name not in known]
            if missing:
                store.put(CLIENT_ONLY_KEY, [*known, *missing])
        if missing:
            self.flush()

    # Flush

    def flush(self) -> set[str] | None:
        """Push what is pending and run its listeners, round after round until nothing is pending.

        Each round is one call of the commit function. What listeners change belongs to the next round, so a
        listener never sees its own change in the round it made it in. On a thread that is not the owner's the
        values leave at once and the listeners run on the owner's later.

        Figures and tables are drawn first, while others may write and flush; what another thread is drawing it sends
        itself.

        Returns the keys that were pushed, under the names of the root; None if the state is not ready, or a
        flush is running on this thread, which will push them.

        Raises what the commit function raises; the values are pending again then.
        """
        return self._store.flush(self._commit, self._reload)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()

    def ready(self) -> None:
        """Let flushes happen from now on, and flush. Only the first call does anything."""
        if not self._store.ready:
            self._store.ready = True
            self.flush()
            self._store.hint_at_listeners()

    @property
    def is_ready(self) -> bool:
        """Can anything be flushed yet?"""
        return self._store.ready

    @property
    def modified_keys(self) -> set[str]:
        """The keys of the round whose listeners run, or of the last one, under the names of the root."""
        return self._store.modified

    # Listeners

    def change(self, *keys: str, concurrent: bool = False, latest: bool = False) -> Callable[[F], F]:
        """Decorate a function to be called when any of `keys` changed, once a flush round, in order of
        registration. Raises `TypeError` for what is no name, no function, or takes no values by name.

        It gets the values that it names, ``def f(x)``, under this state's names, and the whole state if it
        takes all, ``def f(**values)``. An awaitable result is run on the owner loop. An exception is reported,
        and the next listener runs.

        `concurrent` runs it off the owner thread, while a cell runs too; the next listener does not wait for
        it, and what it changes is pushed when it flushes (``with state:``). Coroutine functions run on the
        owner loop all the same.

        `latest` has one run of it at a time: all that changes until it has ended leads to one more, with the
        newest values. One that is not concurrent begins when what has come by now was applied, so a flush
        does not wait for it either.
        """

        for key in keys:
            check_name(key, '@state.change("x")')

        def register(fn: F) -> F:
            if not callable(fn):
                raise TypeError(f"a change listener is a function, not {fn!r}")
            store = self._store
            listener = Listener(fn, self._translator, concurrent=concurrent, latest=latest)
            listener.inspect()
            with store.lock:
                for key in keys:
                    store.registry.add(self._translator.translate_key(key), listener)
            return fn

        return register

    @contextmanager
    def suppress_change_listeners(self, *keys: str) -> Iterator[None]:
        """Within the block, changes that this thread makes to `keys` (none: to any) are pushed, but no
        listener is told. Keys that were changed before are not affected.
        """
        suppression = self._store.suppress(self._translator.translate_list(keys))
        try:
            yield
        finally:
            self._store.end_suppression(suppression)

    @property
    def translator(self) -> Translator:
        """Of this state's names to those of the root."""
        return self._translator

    @property
    def _change_callbacks(self) -> dict[str, list[tuple[Callback, Translator]]]:
        # Packages for trame look for listeners here, and take them out.
        return self._store.registry.callbacks


_ATTRIBUTES = frozenset(name for name in dir(State) if name[:1] != "_")


def _make_store(hooks: ListenerHooks, hints: bool, **options: Any) -> Store:
    return Store(hooks=hooks, hints=Hints(hooks.advise, _ATTRIBUTES) if hints else None, **options)


def store_of(state: State) -> Store:
    """What holds the values of `state` and of those that share them; an attribute of that name would be a key."""
    return state._store


def reloader_of(state: State) -> Reloader | None:
    """How the listeners of `state` are read anew; None where they are not."""
    return state._reload
