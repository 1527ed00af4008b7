"""The defaults that other documents promise."""

import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from jupyter_trame.protocol.limits import Limits


def test_limits_of_the_stock_wire() -> None:
    limits = Limits()
    assert limits.hello == 512
    assert limits.frame == 4_194_304


def test_the_browser_side_keeps_as_many_incomplete_messages() -> None:
    source = Path(__file__).parents[2] / "js" / "src" / "protocol" / "chunking.ts"
    found = re.search(r"const MAX_PARTIAL = (\d+);", source.read_text("utf-8"))
    assert found is not None
    assert Limits().partial_messages == int(found[1]) == 1024


def test_limits_are_values() -> None:
    limits = Limits()
    with pytest.raises(FrozenInstanceError):
        limits.frame = 1
    assert replace(limits, grace=1.0) != limits == Limits()


def test_what_waits_for_a_server_is_a_part_of_what_a_process_may_grow_by() -> None:
    limits = Limits()
    assert limits.window < limits.client_waiting < limits.waiting <= 16 << 20
