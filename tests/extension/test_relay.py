"""What a client sees when the kernel's side comes, goes and comes back."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.relay import Relay, RelayOptions
from jupyter_trame.protocol import Limits
from jupyter_trame.protocol.client_events import Published, Ready
from tests.extension.support import KernelProcess, until


@pytest.fixture
def options() -> dict[str, Any]:
    return {"grace": 30.0}


async def test_one_relay_and_one_link_serve_all_clients(
    kernel: KernelProcess, browse: Any, relays: Any
) -> None:
    kernel.run(x=1)
    browsers = [await browse() for _ in range(5)]
    await until(lambda: all(browser.state == {"x": 1} for browser in browsers))
    assert kernel.links == 1
    assert len(relays) == 1
    assert relays.clients == 5


async def test_two_servers_of_a_kernel_do_not_meet(kernel: KernelProcess, browse: Any) -> None:
    kernel.run("One", x=1)
    kernel.run("Two", x=2)
    one, two = await browse("one"), await browse("two")
    await until(lambda: one.state == {"x": 1} and two.state == {"x": 2})
    assert kernel.joins == ["one", "two"]


async def test_broken_link_is_made_again_and_nothing_is_lost(kernel: KernelProcess, browse: Any) -> None:
    primary = kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.cut()
    browser.write(y=1)
    primary.commit({"x": 2})
    await until(lambda: browser.state == {"x": 2} and not browser.session.pending)
    assert [write.values for write in kernel.writes] == [{"y": 1}]
    assert browser.statuses[-2:] == ["lost", "live"]


async def test_restarted_kernel_tells_what_to_do(kernel: KernelProcess, browse: Any, relays: Any) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.restart()
    await until(
        lambda: browser.last_status == ("lost", "the app does not run in the kernel; run its cell again")
    )
    assert not browser.closed, "the last picture stays"
    kernel.run(x=5)
    await until(lambda: browser.state == {"x": 5} and browser.statuses[-1] in {"restarted", "live"})


async def test_kernel_at_work_may_be_starting_the_app(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.description.execution_state = "busy"
    kernel.restart()
    told = ("lost", "the app is not there yet; the kernel is at work and may be starting it")
    await until(lambda: browser.last_status == told)
    kernel.description.execution_state = "idle"
    await until(lambda: browser.last_status[1].endswith("run its cell again"))


async def test_killed_kernel_tells_that_nobody_answers(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.kill()
    await until(lambda: browser.last_status == ("lost", "the kernel's process does not answer"))
    kernel.run(x=7)
    await until(lambda: browser.state == {"x": 7})


async def test_cell_run_again_keeps_the_connection(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.stop("demo")
    kernel.run(x=2, y=3)
    await until(lambda: browser.state == {"x": 2, "y": 3})
    assert not browser.closed
    browser.write(x=4)
    await until(lambda: not browser.session.pending)


async def test_stopped_server_says_so_and_is_not_joined_again(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.stop("demo")
    await until(lambda: browser.last_status == ("stopped", "Server shutdown"))
    await until(lambda: kernel.links == 0)
    assert len(kernel.joins) == 1


async def test_record_of_the_life_that_stopped_is_passed_over(kernel: KernelProcess, browse: Any) -> None:
    """Between the farewell and the new record a reader sees the old one."""
    primary = kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    primary.stop()
    await until(lambda: browser.last_status[0] == "stopped")
    assert kernel.record_path.exists()
    kernel.run(x=2)
    await until(lambda: browser.state == {"x": 2})
    assert len(kernel.joins) == 2


async def test_kernel_that_is_shut_down_ends_the_relay(
    kernel: KernelProcess, browse: Any, relays: Any, jp_ws_fetch: Any
) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    kernel.shut_down()
    relays.kernel_changed(kernel.id)
    await until(lambda: browser.last_status == ("stopped", "the kernel was shut down"))
    await until(lambda: not kernel.record_path.exists())
    assert not browser.closed
    await browser.leave()
    await until(lambda: len(relays) == 0)


async def test_a_listener_that_does_not_know_the_secret_is_as_none(
    kernel: KernelProcess, browse: Any, relays: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kernel.run(x=1)
    kernel.write_record(secret="another")
    for _ in range(3):
        with pytest.raises(HTTPClientError) as refused:
            await browse()
        assert refused.value.code == 404
        assert await relays.kernels.running() == []
    assert kernel.joins == []
    assert caplog.text.count("does not know the secret of the record") == 1
    kernel.write_record()
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})


async def test_a_record_that_others_may_write_is_as_none(
    kernel: KernelProcess, browse: Any, relays: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kernel.run(x=1)
    kernel.record_path.chmod(0o666)
    for _ in range(3):
        with pytest.raises(HTTPClientError):
            await browse()
        assert await relays.kernels.running() == []
    assert caplog.text.count("others may write it") == 1
    kernel.write_record()
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})


async def test_a_fifo_in_place_of_the_record_does_not_hang_the_server(
    kernel: KernelProcess, browse: Any, relays: Any, caplog: pytest.LogCaptureFixture
) -> None:
    os.mkfifo(kernel.record_path)
    with pytest.raises(HTTPClientError):
        await browse()
    assert await relays.kernels.running() == []
    relays.kernels.forget(kernel.record_path, kernel.pid)
    assert kernel.record_path.is_fifo()
    assert caplog.text.count("it is no regular file") == 1
    kernel.record_path.unlink()


async def test_publication_reaches_all_but_one(kernel: KernelProcess, browse: Any) -> None:
    primary = kernel.run()
    one, two = await browse(), await browse()
    await until(lambda: all(any(isinstance(e, Ready) for e in b.events) for b in (one, two)))
    primary.messages.publish("news", {"n": 1}, skip=one.session.client_id)
    primary.messages.publish("last", None)
    await until(lambda: Published("last", None) in one.events and Published("last", None) in two.events)
    assert Published("news", {"n": 1}) in two.events
    assert Published("news", {"n": 1}) not in one.events


async def test_page_reloads_while_the_kernel_is_lost(kernel: KernelProcess, browse: Any) -> None:
    kernel.run(x=1)
    first = await browse()
    await until(lambda: first.state == {"x": 1})
    kernel.restart()
    await until(lambda: first.statuses[-1:] == ["lost"])
    second = await browse()
    await until(lambda: second.state == {"x": 1} and second.statuses[-1:] == ["lost"])


# -- without jupyter-server


class Manager:
    """What `Kernels` uses of jupyter-server's manager."""

    def __init__(self) -> None:
        self._kernels: dict[str, Any] = {}
        self._kernel_connections: dict[str, int] = {}

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id in self._kernels

    def get_kernel(self, kernel_id: str) -> Any:
        return self._kernels[kernel_id]


@pytest.fixture
def process(tmp_path: Path) -> KernelProcess:
    return KernelProcess(tmp_path, Manager())


async def test_without_clients_the_link_ends_after_the_grace_time(
    process: KernelProcess, relay_options: RelayOptions, logger: logging.Logger
) -> None:
    process.run(x=1)
    idle = asyncio.Event()
    relay = Relay(
        process.id,
        "demo",
        Kernels(process._manager),
        options=relay_options,
        on_idle=lambda _: idle.set(),
        logger=logger,
    )
    assert await relay.found()
    await until(lambda: relay.linked)
    await idle.wait()
    await relay.close()
    await until(lambda: process.links == 0)
    process.shut_down()


async def test_without_clients_nothing_is_polled(
    process: KernelProcess, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RelayOptions(limits=Limits(grace=1000.0), first_delay=0.001, largest_delay=0.001)
    process.run(x=1)
    kernels = Kernels(process._manager)
    looks = []
    original = Kernels.look_up
    monkeypatch.setattr(Kernels, "look_up", lambda *args: (looks.append(1), original(*args))[1])
    relay = Relay(process.id, "demo", kernels, options=options, on_idle=lambda _: None, logger=logger)
    assert await relay.found()
    process.restart()
    await until(lambda: not relay.linked and len(looks) == 1)
    patience = asyncio.Event()
    asyncio.get_running_loop().call_later(20 * options.largest_delay, patience.set)
    await patience.wait()
    assert len(looks) == 1
    process.run(x=2)
    relay.look()
    await until(lambda: relay.linked)
    await relay.close()
    process.shut_down()


async def test_unknown_server_is_not_found(
    process: KernelProcess, relay_options: RelayOptions, logger: logging.Logger
) -> None:
    kernels = Kernels(process._manager)
    relay = Relay(process.id, "demo", kernels, options=relay_options, on_idle=lambda _: None, logger=logger)
    assert not await relay.found()
    await relay.close()
    await relay.close()


@pytest.mark.parametrize("address", ["unix:a\0b", "unix:" + "x" * 300, "tcp:127.0.0.1:99999", "ftp:x", ""])
async def test_senseless_address_is_no_end(
    process: KernelProcess, relay_options: RelayOptions, logger: logging.Logger, address: str
) -> None:
    process.run(x=1)
    process.write_record(address=address)
    kernels = Kernels(process._manager)
    relay = Relay(process.id, "demo", kernels, options=relay_options, on_idle=lambda _: None, logger=logger)
    assert not await relay.found()
    process.write_record()
    relay.look()
    await until(lambda: relay.linked)
    await relay.close()
    process.shut_down()


async def test_kernel_elsewhere_is_said_to_be(
    process: KernelProcess, relay_options: RelayOptions, logger: logging.Logger
) -> None:
    """Where neither a gateway nor a provisioner of ours has started it."""
    process._manager._kernels[process.id].connection_file = ""
    kernels = Kernels(process._manager)
    relay = Relay(process.id, "demo", kernels, options=relay_options, on_idle=lambda _: None, logger=logger)
    assert not await relay.found()
    assert relay.pump.replica.status == ("lost", "the kernel does not run on this machine")
    await relay.close()


async def test_the_kernel_hears_how_far_clients_are_behind(
    kernel: KernelProcess, browse: Any, relays: Any
) -> None:
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state)
    relay = await relays.find(kernel.id, "demo")
    waiting = 5
    relay._gauge._pending = lambda: waiting
    kernel.primaries["demo"].commit({"x": 2})
    await until(lambda: kernel.pressures == [5])
    waiting = 0
    relay.pump.on_idle()
    await until(lambda: kernel.pressures == [5, 0])


async def test_a_kernel_whose_links_speak_another_version_is_named(
    kernel: KernelProcess, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs up on the first word; its record says which package it has."""
    kernel.run(x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})

    async def hung_up(*_: object, **__: object) -> None:
        raise LinkError("the other side closed the link")

    monkeypatch.setattr("jupyter_trame.extension.relay.join", hung_up)
    kernel.write_record(package="99.0.0")
    kernel.cut()
    await until(lambda: "99.0.0 in the kernel" in browser.last_status[1])
    assert '-m pip install "jupyter-trame==99.0.0"' in browser.last_status[1]
    kernel.write_record()
    await until(lambda: browser.last_status == ("lost", "the kernel's process does not answer"))
