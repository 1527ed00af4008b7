"""Where a trio program runs."""

import sys

__all__ = ["in_kernel"]


def in_kernel() -> bool:
    """Whether this process is a Jupyter kernel."""
    if "ipykernel" not in sys.modules:
        return False  # without loading what a program does not need
    from jupyter_trame.kernel.environment import detect_kernel

    return detect_kernel() is not None
