"""Narvi's rows about request services and monitoring (contract c.5, rows 9 and 12), on each host."""

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed

from tests.contract import narvi_services
from tests.contract.conftest import BODY_LIMIT
from tests.contract.narvi_hosts import HostOfTests, Page, Site, fetch, fetch_now, page, run, until
from tests.contract.narvi_jupyter import JupyterHostOfTests
from tests.e2e.servers import JupyterServer

# Three samples; the overview of an instance that was stopped is to be seen while it is there.
MONITORED = {"monitoring_interval_s": 0.6, "monitoring_retention_s": 1.8, "admin_path": "/admin"}


async def serve(one: Page, pattern: str, **options: Any) -> tuple[str, str]:
    handler_id, url = await one.do("serve", pattern=pattern, **options)
    return handler_id, url


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_row_9_requests(host: HostOfTests, method: str) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            _, url = await serve(one, "items/$id/of/$$rest", request_method=method)
            assert url == "items/$id/of/$$rest"
            body = None if method in {"GET", "DELETE"} else "körper".encode()
            answer = await fetch(
                site,
                method,
                "w/probe/x/items/a%20b%2Fc/of/d/e?q=1&q=2&r=a%26b+c=d",
                body=body,
                headers={
                    "X-Own": "7",
                    "Cookie": "secret=1",
                    "X-Xsrftoken": site.headers.get("X-XSRFToken", "t"),
                },
            )
            assert answer.status == 201
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-made"] == "by hand"
            assert "a=b" not in answer.headers.get("set-cookie", "")
            found = answer.json
            assert found["path"] == {"id": "a b/c", "rest": "d/e"}
            assert found["query"] == {"q": "2", "r": "a&b c=d"}
            assert found["body"] == ("" if body is None else "körper")
            headers = {name.lower(): value for name, value in found["headers"].items()}
            assert headers["x-own"] == "7"
            assert not {"cookie", "authorization", "x-xsrftoken"} & headers.keys()
            assert found["instance"] == (await one.do("who"))["instance"]
            other = "GET" if method != "GET" else "POST"
            assert (await fetch(site, other, "w/probe/x/items/1/of/2")).status in {403, 404}
            assert (await fetch(site, method, "w/probe/y/items/1/of/2")).status == 404
            assert (await fetch(site, method, "w/second/x/items/1/of/2")).status == 404

    with host.running(narvi_services.two_apps) as site:
        run(scenario)


def test_row_9_of_a_session(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as two:
            async with page(site) as one:
                _, url = await serve(one, "calc", own=True)
                assert url == f"session/{one.session_id}/calc"
                assert (await fetch(site, "GET", f"w/probe/x/{url}")).status == 201
                assert (await fetch(site, "GET", f"w/probe/x/session/{two.session_id}/calc")).status == 404
                assert (await fetch(site, "GET", "w/probe/x/calc")).status == 404

            async def gone() -> bool:
                return (await fetch(site, "GET", f"w/probe/x/{url}")).status == 404

            await until(gone)

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_9_of_services_that_are_not_shared(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one, page(site) as two:
            answers = []
            for who in (one, two):
                _, url = await serve(who, "calc")
                answers.append((await fetch(site, "GET", f"w/probe/x/{url}")).json["instance"])
            assert answers == [(await who.do("who"))["instance"] for who in (one, two)]
            assert (await fetch(site, "GET", "w/probe/x/calc")).status == 404

    with host.running(narvi_services.probe, {"shared_service": False}) as site:
        run(scenario)


def test_row_9_removed(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            first, _ = await serve(one, "calc")
            assert (await fetch(site, "GET", "w/probe/x/calc")).status == 201
            assert await one.do("unserve", handler_id=first) == "removed"
            assert await one.do("unserve", handler_id=first) == "removed"
            assert (await fetch(site, "GET", "w/probe/x/calc")).status == 404

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_9_a_slow_handler_delays_nobody_else(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one, page(site, "w/probe/y/connect") as other:
            await serve(one, "slow", kind="slow")
            await serve(one, "beside", kind="slow", concurrent=True)
            await serve(other, "calc")
            slow = asyncio.create_task(fetch(site, "GET", "w/probe/x/slow?seconds=2"))
            beside = [asyncio.create_task(fetch(site, "GET", "w/probe/y/calc")) for _ in range(5)]
            began = time.monotonic()
            assert {answer.status for answer in await asyncio.gather(*beside)} == {201}
            assert (await fetch(site, "GET", "w/probe/x/index.html")).status == 200
            assert (await fetch(site, "GET", "w/probe/x/beside?seconds=0")).text == "slow"
            assert await other.do("echo", value=1) == 1
            assert time.monotonic() - began < 1.5
            assert not slow.done()
            assert (await slow).text == "slow"

    with host.running(narvi_services.probe) as site:
        run(scenario)


@pytest.mark.parametrize("kind", ["fail", "exit", "nonsense"])
def test_row_9_a_handler_that_fails(host: HostOfTests, kind: str) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await serve(one, "bad", kind=kind)
            answer = await fetch(site, "GET", "w/probe/x/bad")
            assert (answer.status, answer.text) == (500, "500: the handler of this address failed")
            assert await one.do("echo", value=1) == 1
            assert (await fetch(site, "GET", "w/probe/x/bad")).status == 500

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_row_9_a_deadline(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await serve(one, "slow", kind="slow")
            answer = await fetch(site, "GET", "w/probe/x/slow?seconds=1")
            assert (answer.status, answer.text) == (504, "504: the service did not answer within 0.3 seconds")
            assert await one.do("echo", value=1) == 1

    with host.running(narvi_services.probe, request_timeout=0.3) as site:
        run(scenario)


def test_a_service_that_stops_in_the_middle_of_a_request(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await serve(one, "slow", kind="slow")
            first = asyncio.create_task(fetch(site, "GET", "w/probe/x/slow?seconds=1"))
            waiting = asyncio.create_task(fetch(site, "GET", "w/probe/x/slow?seconds=1"))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(site.call, "stop_service", "w", "probe_service", "x")
            assert sorted([(await first).status, (await waiting).status]) in ([200, 502], [502, 502])

    with host.running(narvi_services.probe) as site:
        run(scenario)


def test_a_body_above_the_limit(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await serve(one, "calc", request_method="POST")
            answer = await fetch(site, "POST", "w/probe/x/calc", body=bytes(300_000))
            assert answer.status == 413
            assert (await fetch(site, "POST", "w/probe/x/calc", body=bytes(90_000))).status == 201

    with host.running(narvi_services.probe, max_message_size=100_000) as site:
        run(scenario)


def test_a_body_above_the_jupyter_server_s_limit(jupyter: JupyterServer) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await serve(one, "calc", request_method="POST")
            announced = {"Content-Length": str(BODY_LIMIT + 1)}
            assert (await fetch(site, "POST", "w/probe/x/calc", headers=announced, body=b"x")).status == 400
            assert (await fetch(site, "POST", "w/probe/x/calc", body=bytes(90_000))).status == 201
            assert await one.do("echo", value=1) == 1

    with JupyterHostOfTests(jupyter).running(narvi_services.probe) as site:
        run(scenario)


def test_a_page_of_others_changes_nothing(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await serve(one, "calc", request_method="POST")
            for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
                assert (await fetch(site, "POST", "w/probe/x/calc", headers=headers, body=b"")).status == 403
            assert (
                await fetch(site, "GET", "w/probe/x/status", headers={"Host": "evil.example"})
            ).status == 403
            own = {"Origin": f"http://{site.host}"}
            assert (await fetch(site, "POST", "w/probe/x/calc", headers=own, body=b"")).status == 201

    with host.running(narvi_services.probe) as site:
        run(scenario)


# -- monitoring


def infos(site: Site) -> list[Any]:
    found: list[Any] = overview(site)["w"]["probe_service"]["instances"].get("x", [])
    return found


def overview(site: Site) -> Any:
    parts = urlsplit(site.call("list_app_urls")[-1][2])
    answer = fetch_now(site, "GET", f"{parts.path}?{parts.query}")
    assert answer.status == 200
    return answer.json


def values(site: Site) -> list[Any]:
    return [metrics for info in infos(site) for _, metrics in info.get("metrics", [])]


def test_row_12_metrics(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await one.do(
                "measure", metrics={"a": 1, "b": 2.5, "c": "no number"}, metadata={"a": {"min": 0, "on": 1}}
            )

            async def three() -> bool:
                return await asyncio.to_thread(values, site) == [{"a": 1, "b": 2.5}] * 3

            await until(three)
            info = (await asyncio.to_thread(infos, site))[0]
            assert info.keys() == {"uptime", "sessions", "metrics", "metrics_metadata"}
            assert info["sessions"][one.session_id].keys() == {"app_name", "uptime"}
            assert info["metrics_metadata"] == {"a": {"min": 0}}
            times = [at for at, _ in info["metrics"]]
            assert times == sorted(times, reverse=True)
            assert abs(times[0] - time.time()) < 5
            await asyncio.to_thread(site.call, "stop_service", "w", "probe_service", "x")
        seen = set()

        async def vanished() -> bool:
            found = await asyncio.to_thread(values, site)
            seen.add(None in found)
            return found == []

        await until(vanished)
        assert True in seen

    with host.running(narvi_services.probe, **MONITORED) as site:
        run(scenario)


@pytest.mark.parametrize("metrics", ["raise", "never", "nonsense"])
def test_row_12_a_callback_that_fails_affects_itself_alone(host: HostOfTests, metrics: str) -> None:
    async def scenario() -> None:
        async with page(site) as bad, page(site, "w/probe/y/connect") as good:
            await bad.do("measure", metrics=metrics, metadata={})
            await good.do("measure", metrics={"a": 1}, metadata={})

            async def measured() -> bool:
                found = await asyncio.to_thread(overview, site)
                instances = found["w"]["probe_service"]["instances"]
                samples = instances["y"][0].get("metrics", [])
                return len(samples) == 3 and all(value == {"a": 1} for _, value in samples)

            await until(measured)
            assert set(map(str, await asyncio.to_thread(values, site))) == {"None"}
            assert await bad.do("echo", value=1) == 1

    with host.running(narvi_services.probe, **MONITORED) as site:
        run(scenario)


def test_row_12_of_sessions_of_their_own(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one, page(site) as two:
            await one.do("measure", metrics={"a": 1}, metadata={})
            await two.do("measure", metrics={"a": 2}, metadata={})

            async def both() -> bool:
                found = await asyncio.to_thread(infos, site)
                newest = [info["metrics"][0][1] for info in found if info.get("metrics")]
                return sorted(newest, key=str) == [{"a": 1}, {"a": 2}]

            await until(both)

    with host.running(narvi_services.probe, {"shared_service": False}, **MONITORED) as site:
        run(scenario)


def test_row_12_without_a_retention(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            await one.do("measure", metrics={"a": 1}, metadata={})

            async def many() -> bool:
                return len(await asyncio.to_thread(values, site)) >= 8

            await until(many)

    with host.running(narvi_services.probe, monitoring_interval_s=0.05, admin_path="/admin") as site:
        run(scenario)


def test_row_12_who_listens_is_told(host: HostOfTests) -> None:
    async def scenario() -> None:
        async with page(site) as one:
            assert await one.do("watch") == "watching"
            for _ in range(3):
                found = (await one.next())["overview"]
                assert found["w"]["probe_service"]["apps"] == [{"app_name": "probe"}]
            await one.tell(
                "administer", action="stop", workspace="w", service="probe_service", service_id="x"
            )
            with pytest.raises(ConnectionClosed):
                while True:
                    await one.next()

    with host.running(narvi_services.probe, **MONITORED) as site:
        run(scenario)


def test_row_12_the_overview_is_not_for_everybody(host: HostOfTests) -> None:
    with host.running(narvi_services.probe, **MONITORED) as site:
        path = urlsplit(site.call("list_app_urls")[-1][2]).path
        assert fetch_now(site, "GET", path, bare=True).status in {302, 403}
        assert fetch_now(site, "GET", f"{path}?token=wrong", bare=True).status in {302, 403}


def test_row_12_statuses(host: HostOfTests) -> None:
    async def scenario() -> None:
        assert await asyncio.to_thread(site.call, "get_service_statuses", "w") == {}
        async with page(site) as one:
            found = await asyncio.to_thread(site.call, "get_service_statuses", "w")
            assert found.keys() == {"probe_service"}
            assert found["probe_service"]["apps"] == []
            assert list(found["probe_service"]["instances"]["x"][0]["sessions"]) == [one.session_id]

    with host.running(narvi_services.probe) as site:
        run(scenario)
