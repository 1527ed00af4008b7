"""All parts of a server meet."""

from typing import Any

import pytest

from jupyter_trame.core import Translator
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.lifecycle import LifeCycle
from jupyter_trame.runtime.runtime import OFF
from jupyter_trame.server.assembly import assemble


def assembled(server: object, name: str = "parts", **options: Any) -> LifeCycle:
    return assemble(server, name, None, options, Translator(), None)


def test_it_needs_no_object_of_ours_for_the_server(process: registry.Process) -> None:
    server = object()
    life_cycle = assembled(server)
    runtime = life_cycle.runtime
    assert process.servers == {"parts": server}
    assert runtime.slug == "parts"
    assert runtime.stage == OFF
    assert runtime.app.server is server
    runtime.app.state.x = 1
    runtime.app.state.flush()
    assert runtime.app.state.x == 1


def test_the_next_one_of_a_name_has_its_address_and_another_epoch(process: registry.Process) -> None:
    first, second = assembled("first"), assembled("second")
    assert first.runtime.slug == second.runtime.slug
    assert first.runtime.primary.epoch != second.runtime.primary.epoch
    assert process.servers == {"parts": "second"}


@pytest.mark.parametrize("quota", [-1, "1", 1.5, True])
def test_a_quota_is_a_number_of_bytes(quota: object, process: registry.Process) -> None:
    with pytest.raises(ValueError, match="upload_quota"):
        assembled("never", upload_quota=quota)
    assert not process.servers
