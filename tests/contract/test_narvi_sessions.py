"""Narvi's rows about sessions and lives (contract c.5, rows 1, 3 to 8 and 10), on each host."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contract import narvi_services
from tests.contract.narvi_hosts import HostOfTests, Page, Site, fetch, page, run, until


async def status(site: Site, path: str = "w/probe/x") -> Any:
    answer = await fetch(site, "GET", f"{path}/status")
    return answer.json if answer.status == 200 else answer.status


def journal(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


async def ended(page: Page) -> int:
    """The close code of a websocket that is to end."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await page.connection.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_row_1_the_guide_s_echo(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site, "w/echo/x/connect", hello=False) as one:
            await one.connection.send("hello")
            assert await one.connection.recv() == "hello"
            await one.connection.send(b"\0\1")
            assert await one.connection.recv() == b"\0\1"

    with host.running(narvi_services.echo) as site:
        run(scenario)


def test_row_3_the_first_frames(host: HostOfTests) -> None:
    async def scenario() -> None:
        headers = {"Cookie": "secret=1", "X-Own": "2"}
        async with page(site, "w/probe/x/connect?a=1&a=2&b=c=d", hello=False, headers=headers) as one:
            assert one.greeting == {
                "session_id": one.session_id,
                "action": "session_connected",
                "app_parameters": {"greeting": "hello"},
            }
            hello = await one.next()
            assert (hello["hello"], hello["query"]) == ("probe", {"a": "2", "b": "c=d"})
            assert hello["headers"]["x-own"] == "2"
            assert not {"cookie", "authorization", "x-xsrftoken"} & hello["headers"].keys()
            found = await one.do("who")
            assert found["is"] == ["w", "probe_service", "x"]
            assert found["session"] == one.session_id
            assert found["parameters"] == {"given": 7}

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_3_heartbeats_reach_nobody_and_large_messages_pass(host: HostOfTests, tmp_path: Path) -> None:
    file = tmp_path / "journal"

    async def scenario() -> None:
        async with page(site) as one:
            await one.connection.send("")
            data = bytes(range(256)) * 4096
            await one.connection.send(data)
            assert await one.next() == data
            await one.connection.send("")
            assert await one.do("echo", value="ä" * 100_000) == "ä" * 100_000
        messages = [entry for entry in journal(file) if entry[0] == "message"]
        assert len(messages) == 1

    with host.running(narvi_services.probe, {"journal": str(file)}) as site:
        run(scenario)


def test_row_4_to_whom_it_sends(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one, page(site) as two, page(site) as three:
            await one.tell("send", msg='"all"')
            await one.tell("send", msg='"one"', for_session_id=two.session_id)
            await one.tell("send", msg='"but"', except_session_id=two.session_id)
            both = {"for_session_id": three.session_id, "except_session_id": three.session_id}
            await one.tell("send", msg='"both"', **both)
            await one.tell("send", msg='"nobody"', for_session_id="stranger")
            await one.tell("send", msg='"end"')
            seen: dict[str, list[Any]] = {"one": [], "two": [], "three": []}
            for name, who in (("one", one), ("two", two), ("three", three)):
                while (message := await who.next()) != "end":
                    seen[name].append(message)
            assert seen == {"one": ["all", "but"], "two": ["all", "one"], "three": ["all", "but", "both"]}

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_4_order(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await one.tell("count", to=1000)
            assert [await one.next() for _ in range(1000)] == list(range(1000))
            for number in range(1000):
                await one.tell("echo", value=number)
            assert [await one.next() for _ in range(1000)] == list(range(1000))

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_5_shared_by_apps_and_pages(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with (
            page(site) as one,
            page(site) as two,
            page(site, "w/second/x/connect") as three,
            page(site, "w/probe_service/x/connect") as four,
            page(site, "w/probe/y/connect") as other,
        ):
            found = [await one_page.do("who") for one_page in (one, two, three, four, other)]
            assert len({who["instance"] for who in found[:4]}) == 1
            assert len({who["thread"] for who in found[:4]}) == 1
            assert found[4]["instance"] != found[0]["instance"]

    with host.running(narvi_services.two_apps) as site:
        run(scenario)


def test_row_5_not_shared(host: HostOfTests, tmp_path: Path) -> None:
    file = tmp_path / "journal"

    async def scenario() -> None:
        async with page(site) as two:
            async with page(site) as one:
                tokens = [(await who.do("who"))["instance"] for who in (one, two)]
                assert len(set(tokens)) == 2
                assert (await status(site))["session_count"] == 2
            await until(lambda: ["end", tokens[0]] in journal(file))
            assert (await two.do("who"))["instance"] == tokens[1]
            assert ["end", tokens[1]] not in journal(file)
        await until(lambda: ["end", tokens[1]] in journal(file))

    with host.running(narvi_services.probe, {"journal": str(file), "shared_service": False}) as site:
        run(scenario)


def test_row_6_idle_time(host: HostOfTests, tmp_path: Path) -> None:
    file = tmp_path / "journal"

    async def scenario() -> None:
        async with page(site) as one:
            first = (await one.do("who"))["instance"]
        async with page(site) as one:
            assert (await one.do("who"))["instance"] == first  # who comes back keeps it
            await asyncio.sleep(1.2)
            assert ["end", first] not in journal(file)
        await until(lambda: ["end", first] in journal(file))
        await until(lambda: _is_gone(site))
        async with page(site) as one:
            assert (await one.do("who"))["instance"] != first

    with host.running(narvi_services.probe, {"journal": str(file), "idle_timeout": 1}) as site:
        run(scenario)


async def _is_gone(site: Site) -> bool:
    return bool(await status(site) == 404)


def test_row_6_no_idle_time_ends_at_once(host: HostOfTests, tmp_path: Path) -> None:
    file = tmp_path / "journal"

    async def scenario() -> None:
        async with page(site) as one:
            token = (await one.do("who"))["instance"]
        await until(lambda: ["end", token] in journal(file))

    with host.running(narvi_services.probe, {"journal": str(file), "idle_timeout": 0}) as site:
        run(scenario)


def test_row_6_what_was_started_by_hand_stays(host: HostOfTests) -> None:
    async def scenario() -> None:
        await asyncio.to_thread(site.call, "start_service", "w", "probe_service", "x")
        async with page(site) as one:
            token = (await one.do("who"))["instance"]
        async with page(site, "w/probe/y/connect"):
            pass
        await until(lambda: _is_gone_y(site))
        async with page(site) as one:
            assert (await one.do("who"))["instance"] == token

    with host.running(narvi_services.probe, {"idle_timeout": 0}) as site:
        run(scenario)


async def _is_gone_y(site: Site) -> bool:
    return bool(await status(site, "w/probe/y") == 404)


def test_row_6_fixed_ids_run_from_the_start_and_stay(host: HostOfTests) -> None:
    async def scenario() -> None:
        assert (await status(site, "w/probe/main"))["session_count"] == 0
        async with page(site, "w/probe/main/connect") as one:
            token = (await one.do("who"))["instance"]
        async with page(site, "w/probe/main/connect") as one:
            assert (await one.do("who"))["instance"] == token

    with host.running(narvi_services.probe, {"fixed_service_id": "main", "idle_timeout": 0}) as site:
        run(scenario)


def test_row_7_status_and_the_end_of_sessions(host: HostOfTests, tmp_path: Path) -> None:
    file = tmp_path / "journal"

    async def count(expected: int) -> bool:
        found = await status(site)
        return bool(found["session_count"] == expected)

    async def scenario() -> None:
        assert await status(site) == 404
        await asyncio.to_thread(site.call, "start_service", "w", "probe_service", "x")
        assert await status(site) == {"uptime": 0, "session_count": 0}
        async with page(site) as one:
            await until(lambda: count(1))
            async with page(site) as two:
                await until(lambda: count(2))
                second = two.session_id
            await until(lambda: count(1))
            await until(lambda: ["close", second] in journal(file))
            # The network drops: no goodbye.
            one.connection.transport.abort()
            await until(lambda: ["close", one.session_id] in journal(file))
        await until(lambda: count(0))
        async with page(site) as three:
            await asyncio.to_thread(site.call, "stop_service", "w", "probe_service", "x")
            assert await ended(three) == 1000  # a page that came back would start it again
        entries = journal(file)
        assert entries.index(["close", three.session_id]) < len(entries) - 1
        assert entries[-1][0] == "end"
        opened, closed = ([entry[1] for entry in entries if entry[0] == what] for what in ("open", "close"))
        assert sorted(opened) == sorted(closed)

    with host.running(narvi_services.probe, {"journal": str(file)}) as site:
        run(scenario)


def test_row_8_restart_and_stop(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            first = (await one.do("who"))["instance"]
            await asyncio.sleep(1.1)
            assert (await status(site))["uptime"] >= 1
            await asyncio.to_thread(site.call, "restart_service", "w", "probe_service", "x")
            assert await ended(one) == 1012
        assert await status(site) == {"uptime": 0, "session_count": 0}
        async with page(site) as one:
            assert (await one.do("who"))["instance"] != first
        for _ in range(2):  # twice is harmless
            await asyncio.to_thread(site.call, "stop_service", "w", "probe_service", "x")
        assert await status(site) == 404
        await asyncio.to_thread(site.call, "restart_service", "w", "probe_service", "unknown")
        assert await status(site, "w/probe/unknown") == 404
        for method in ("start_service", "restart_service", "stop_service"):
            with pytest.raises(ValueError, match="there is no service 'nothing' in the workspace 'w'"):
                await asyncio.to_thread(site.call, method, "w", "nothing", "x")

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_8_ten_that_come_at_once(host: HostOfTests, tmp_path: Path) -> None:
    file = tmp_path / "journal"

    async def one(together: asyncio.Barrier) -> str:
        async with page(site) as found:
            await together.wait()
            return str((await found.do("who"))["instance"])

    async def scenario() -> None:
        together = asyncio.Barrier(10)
        assert len(set(await asyncio.gather(*(one(together) for _ in range(10))))) == 1
        assert sum(entry[0] == "start" for entry in journal(file)) == 1

    with host.running(narvi_services.probe, {"journal": str(file)}) as site:
        run(scenario)


def test_row_10_app_to_app(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with (
            page(site) as receiver,
            page(site, "w/second/y/connect") as sender,
            page(site, "v/other/z/connect") as stranger,
            page(site, "w/own/x/connect"),
        ):
            to = ["w", "probe", "x"]
            assert await sender.do("tell", to=to, data=1) == {"found": False}  # it has not agreed
            assert await receiver.do("listen") == "listening"
            assert await sender.do("tell", to=to, data={"a": [1]}) == {"found": True}
            assert await receiver.next() == {"heard": ["w", "probe_service", "y", {"a": [1]}]}
            assert await stranger.do("tell", to=to, data=1) == {"found": False}  # of another workspace
            assert await receiver.do("listen", from_workspaces=["v"]) == "listening"
            assert await stranger.do("tell", to=to, data=2) == {"found": True}
            assert await receiver.next() == {"heard": ["v", "other_service", "z", 2]}
            for nobody in (["w", "probe", "nobody"], ["w", "nobody", "x"], ["w", "own", "x"]):
                assert await sender.do("tell", to=nobody, data=1) == {"found": False}

    with host.running(narvi_services.two_apps) as site:
        run(scenario)


# -- what goes wrong


@pytest.mark.parametrize("how", ["raise", "exit"])
def test_a_listener_that_raises_ends_nothing(host: HostOfTests, how: str) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            token = (await one.do("who"))["instance"]
            await one.tell("fail", how=how)
            await one.connection.send("no JSON")
            assert (await one.do("who"))["instance"] == token

    with host.running(narvi_services.probe) as site:
        run(scenario)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises", "the constructor of the service failed: RuntimeError: the database is not there"),
        ("nowhere", "the class tests.contract.no_such_module.Service cannot be loaded: ModuleNotFoundError"),
        ("classless", "has no class NoSuchClass"),
    ],
)
def test_a_service_that_cannot_start_says_why_and_others_go_on(
    host: HostOfTests, name: str, reason: str
) -> None:
    async def scenario() -> None:
        assert (await fetch(site, "GET", f"w/{name}/x/index.html")).status == 200
        with pytest.raises(InvalidStatus) as refused:
            async with page(site, f"w/{name}/x/connect"):
                pass
        assert refused.value.response.status_code == 502
        answer = await fetch(site, "GET", f"w/{name}/x/status")
        assert answer.status == 502
        assert reason in answer.text
        async with page(site) as one:
            assert await one.do("echo", value=1) == 1

    with host.running(narvi_services.broken) as site:
        run(scenario)


def test_a_message_above_the_limit_ends_its_session_alone(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one, page(site) as two:
            await one.connection.send(bytes(100_001))
            assert await ended(one) == 1009
            assert await two.do("echo", value="x" * 90_000) == "x" * 90_000

    with host.running(narvi_services.probe, max_message_size=100_000) as site:
        run(scenario)


def test_a_thousand_sessions_of_one_instance(host: HostOfTests) -> None:
    async def scenario() -> None:
        entered = asyncio.Semaphore(50)
        leave = asyncio.Event()
        there: list[Page] = []

        async def come() -> None:
            async with entered:
                context = page(site)
                there.append(await context.__aenter__())
            await leave.wait()
            await context.__aexit__(None, None, None)

        async with asyncio.TaskGroup() as group:
            for _ in range(1000):
                group.create_task(come())
            await until(lambda: len(there) == 1000)
            assert (await status(site))["session_count"] == 1000
            await there[0].tell("send", msg='"to all"')
            assert {await one.next() for one in there} == {"to all"}
            leave.set()

        async def empty() -> bool:
            return bool((await status(site))["session_count"] == 0)

        await until(empty)

    began = time.monotonic()
    with host.running(narvi_services.probe) as site:
        run(scenario, 60)
    assert time.monotonic() - began < 90


def test_a_page_that_does_not_read_is_cut_off_and_others_go_on(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            async with page(site, max_queue=1) as deaf:
                deaf.connection.transport.pause_reading()

                async def drain() -> int:
                    return [await one.next() for _ in range(60)].count(bytes(1 << 20))

                draining = asyncio.create_task(drain())
                await one.tell("flood", size=1 << 20, times=60)
                assert await draining == 60

                async def alone() -> bool:
                    return bool((await status(site))["session_count"] == 1)

                await until(alone)
                deaf.connection.transport.abort()
            assert await one.do("echo", value=1) == 1

    with host.running(narvi_services.probe) as site:
        run(scenario, 40)


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}


def test_pages_of_others_get_no_websocket(host: HostOfTests) -> None:
    async def scenario() -> None:
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
            answer = await fetch(site, "GET", "w/probe/x/connect", headers={**UPGRADE, **headers})
            assert answer.status == 403
        assert await status(site) == 404
        async with page(site, origin=f"http://{site.host}"):
            pass

    with host.running(narvi_services.probe) as site:
        run(scenario)
