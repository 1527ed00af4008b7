import asyncio
from typing import Any

from jupyter_trame.extension.relay import Relay
from tests.extension.support import KernelProcess, until


async def test_two_who_come_at_once_share_a_relay(kernel: KernelProcess, relays: Any) -> None:
    kernel.run()
    one, two = await asyncio.gather(relays.find(kernel.id, "demo"), relays.find(kernel.id, "demo"))
    assert one is two is not None
    await until(lambda: kernel.links == 1)
    assert len(relays) == 1


async def test_server_that_is_not_there_costs_nothing(kernel: KernelProcess, relays: Any) -> None:
    kernel.run()
    found = await asyncio.gather(*(relays.find(kernel.id, f"x{n}") for n in range(20)))
    assert found == [None] * 20
    assert await relays.find("00000000-0000-0000-0000-000000000000", "demo") is None
    assert len(relays) == 0


async def test_server_is_found_once_it_runs(kernel: KernelProcess, relays: Any) -> None:
    assert await relays.find(kernel.id, "demo") is None
    kernel.run()
    assert await relays.find(kernel.id, "demo") is not None


async def test_close_ends_all_connections(kernel: KernelProcess, relays: Any, browse: Any) -> None:
    kernel.run("One")
    kernel.run("Two")
    one, two = await browse("one"), await browse("two")
    await until(lambda: kernel.links == 2)
    await relays.close()
    await until(lambda: one.closed and two.closed and kernel.links == 0)
    assert one.close == two.close == (1001, "Server shutdown")
    assert len(relays) == 0


async def test_kernel_action_makes_its_relays_look(
    kernel: KernelProcess, relays: Any, browse: Any, jp_serverapp: Any, monkeypatch: Any
) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    looks: list[str] = []
    monkeypatch.setattr(Relay, "look", lambda relay: looks.append(relay.kernel_id))
    for action in ("interrupt", "restart"):
        jp_serverapp.event_logger.emit(
            schema_id="https://events.jupyter.org/jupyter_server/kernel_actions/v1",
            data={"action": action, "kernel_id": kernel.id, "status": "success", "msg": action},
        )
    await until(lambda: looks == [kernel.id])
