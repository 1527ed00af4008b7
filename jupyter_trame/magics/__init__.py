"""``%trame`` and ``%%trame``: apps by their names, and pages written in cells."""

from jupyter_trame.magics.registration import register, unregister

__all__ = ["register", "unregister"]
