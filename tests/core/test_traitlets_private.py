import importlib.util
import logging
from types import ModuleType

import pytest
import traitlets

from jupyter_trame.core import _traitlets_private


def loaded() -> ModuleType:
    """The module as a process that begins now has it."""
    assert _traitlets_private.__file__ is not None
    spec = importlib.util.spec_from_file_location("private", _traitlets_private.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_these_traitlets_have_all_that_is_used(caplog: pytest.LogCaptureFixture) -> None:
    module = loaded()
    assert module.add_trait is not module._add_trait
    assert not caplog.records


@pytest.mark.parametrize("name", ["_traits", "_all_trait_default_generators"])
def test_what_is_missing_is_said_and_stood_in_for(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = traitlets.MetaHasTraits.setup_class

    def without(cls: traitlets.MetaHasTraits, attributes: dict[str, object]) -> None:
        setup(cls, attributes)
        delattr(cls, name)

    monkeypatch.setattr(traitlets.MetaHasTraits, "setup_class", without)
    monkeypatch.delattr(traitlets.HasTraits, name)
    with caplog.at_level(logging.WARNING):
        module = loaded()
    assert module.add_trait is module._add_trait
    (line,) = caplog.messages
    assert line.startswith(f"traitlets {traitlets.__version__} adds traits otherwise")
