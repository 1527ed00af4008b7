"""How many examples a property test tries."""

from hypothesis import settings

__all__ = ["examples"]


def examples(share: float) -> settings:
    """A share of what the profile asks for, for cases that are slow: a deep run is longer for them as well."""
    return settings(max_examples=round(share * settings().max_examples))
