"""Files and processes of another user, as the tests of links have them."""

from tests.transports.conftest import as_other, other_process

__all__ = ["as_other", "other_process"]
