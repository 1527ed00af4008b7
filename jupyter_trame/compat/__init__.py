"""Stands in for trame's server: programs and packages written for trame run on this package, unchanged."""

from jupyter_trame.compat.dropin import install, installed, uninstall

__all__ = ["install", "installed", "uninstall"]
