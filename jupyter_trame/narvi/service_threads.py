"""Which threads run the code of services: for whose end nobody may wait on them."""

import threading

__all__ = ["enter_service_thread", "in_service_thread"]

_here = threading.local()


def enter_service_thread() -> None:
    """This thread runs the code of a service from now on."""
    _here.in_service = True


def in_service_thread() -> bool:
    """Whether the caller runs on the thread of an instance."""
    return bool(getattr(_here, "in_service", False))
