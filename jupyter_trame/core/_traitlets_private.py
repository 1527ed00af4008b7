"""What is used of traitlets without a promise of its documentation, and what stands in for it where it is not there."""

import logging
from typing import Any

import traitlets
from traitlets import HasTraits, TraitType

__all__ = ["add_trait"]

_logger = logging.getLogger(__name__)


def add_trait(owner: HasTraits, name: str, trait: TraitType[Any, Any]) -> None:
    """Give `owner` one trait more. Its class is its own, and grows."""
    cls: Any = type(owner)
    setattr(cls, name, trait)
    trait.class_init(cls, name)
    trait.subclass_init(cls)
    cls._all_trait_default_generators[name] = trait.default
    cls._traits[name] = trait


def _add_trait(owner: HasTraits, name: str, trait: TraitType[Any, Any]) -> None:
    """In the way that is documented, which makes a class for each trait."""
    owner.add_traits(**{name: trait})


def _works() -> bool:
    """Whether a trait that is added behaves like one that was there from the start."""

    class Probe(HasTraits):
        pass

    probe, seen = Probe(), []
    try:
        add_trait(probe, "added", traitlets.Int(1))
        probe.observe(lambda change: seen.append((change.old, change.new)), "added")
        default: Any = probe.trait_defaults("added")
        probe.set_trait("added", 2)
    except (AttributeError, TypeError, ValueError, traitlets.TraitError):
        return False
    return default == 1 and seen == [(1, 2)] and list(probe.traits()) == ["added"] and type(probe) is Probe


if not _works():
    add_trait = _add_trait
    _logger.warning("traitlets %s adds traits otherwise: it takes longer", traitlets.__version__)
