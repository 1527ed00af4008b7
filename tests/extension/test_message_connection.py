"""Connections to kernels whose answers the test makes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension import message_connection
from jupyter_trame.extension.kernel_channels import KernelChannel, KernelGoneError
from jupyter_trame.extension.message_connection import MessageConnection, NoServersError
from jupyter_trame.transports.message_hello import TARGET
from tests.extension.support import until

APPS = {"comms": {"x": {"target_name": TARGET}}}
"""What a kernel with servers says of its comms."""


class Deaf:
    """A channel to a kernel whose answers a test makes."""

    may_receive_buffers = True
    too_large = False

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Mapping[str, Any], Sequence[bytes]]] = []
        self.on_message: Callable[[str, Mapping[str, Any]], Any] = lambda *_: None
        self.on_closed: Callable[[str], Any] = lambda _: None
        self.answers: dict[str, Mapping[str, Any]] = {"kernel_info_request": {}}
        self.closed = False

    async def open(self, on_message: Any, on_closed: Any) -> KernelChannel:
        self.on_message, self.on_closed = on_message, on_closed
        return self

    def send(
        self,
        channel: str,
        kind: str,
        content: Mapping[str, Any],
        *,
        buffers: Sequence[bytes] = (),
        subshell: str | None = None,
    ) -> str:
        number = str(len(self.sent))
        self.sent.append((channel, kind, content, buffers))
        if kind in self.answers:
            reply = {"parent_header": {"msg_id": number}, "content": self.answers[kind]}
            asyncio.get_running_loop().call_soon(self.on_message, channel, reply)
        return number

    def close(self) -> None:
        self.closed = True

    def says(self, data: Mapping[str, Any], kind: str = "comm_msg", buffers: Sequence[bytes] = ()) -> None:
        comm = next(content["comm_id"] for _, kind, content, _ in self.sent if kind == "comm_open")
        content = {"comm_id": comm, "data": data}
        self.on_message("iopub", {"msg_type": kind, "content": content, "buffers": buffers})

    async def opened(self) -> None:
        await until(lambda: any(kind == "comm_open" for _, kind, _, _ in self.sent))


def connection_to(deaf: Deaf, reasons: list[str], timeout: float = 0.2) -> MessageConnection:
    return MessageConnection(deaf.open, on_record=lambda _: None, on_closed=reasons.append, timeout=timeout)


async def test_a_kernel_that_says_nothing() -> None:
    deaf, reasons = Deaf(), list[str]()
    deaf.answers.clear()
    connection = connection_to(deaf, reasons)
    await connection.open()
    with pytest.raises(LinkError, match="the kernel does not answer"):
        await connection.begin()
    assert reasons == ["the kernel does not answer"]
    assert deaf.closed
    with pytest.raises(LinkError, match="the kernel does not answer"):
        await connection.execute("1")


async def test_what_can_be_asked_together_is() -> None:
    deaf = Deaf()
    deaf.answers.clear()
    connection = connection_to(deaf, [], timeout=5)
    await connection.open()
    beginning = asyncio.ensure_future(connection.begin())
    kinds: list[str] = []
    for round_trip in (
        {"kernel_info_request": {"supported_features": ["kernel subshells"]}, "comm_info_request": APPS},
        {"create_subshell_request": {"subshell_id": "s"}},
    ):
        await until(lambda: len(deaf.sent) == len(kinds) + len(round_trip))  # noqa: B023 - waited for in this round
        asked = deaf.sent[len(kinds) :]
        kinds += [kind for _, kind, _, _ in asked]
        assert {kind for _, kind, _, _ in asked} == set(round_trip)
        assert {channel for channel, _, _, _ in asked} == {"control"}
        for number, (channel, kind, _, _) in enumerate(deaf.sent):
            if kind in round_trip:
                reply = {"parent_header": {"msg_id": str(number)}, "content": round_trip[kind]}
                deaf.on_message(channel, reply)
    await deaf.opened()
    deaf.says({"jt": "hello", "buffers": True, "record": None})
    await beginning
    connection.close()


async def test_a_kernel_without_apps_gets_no_subshell() -> None:
    deaf = Deaf()
    deaf.answers["kernel_info_request"] = {"supported_features": ["kernel subshells"]}
    deaf.answers["comm_info_request"] = {"comms": {}}
    connection = connection_to(deaf, [])
    await connection.open()
    with pytest.raises(NoServersError):
        await connection.begin()
    assert {kind for _, kind, _, _ in deaf.sent} == {"kernel_info_request", "comm_info_request"}
    connection.close()
    assert connection.farewell is None


async def test_a_gateway_that_takes_the_connection_and_is_silent() -> None:
    async def never(*_: Any) -> KernelChannel:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    connection = MessageConnection(never, on_record=lambda _: None, on_closed=lambda _: None, timeout=0.01)
    with pytest.raises(LinkError, match="the kernel cannot be reached"):
        await connection.open()


@pytest.mark.parametrize("features", [7, "kernel subshells", {"kernel subshells": 1}, None])
async def test_features_that_are_no_list_are_none(features: object) -> None:
    deaf = Deaf()
    deaf.answers["kernel_info_request"] = {"supported_features": features}
    deaf.answers["comm_info_request"] = APPS
    connection = connection_to(deaf, [])
    await connection.open()
    beginning = asyncio.ensure_future(connection.begin())
    await deaf.opened()
    assert not any(kind == "create_subshell_request" for _, kind, _, _ in deaf.sent)
    deaf.says({"jt": "hello", "buffers": True, "record": None})
    await beginning
    connection.close()


async def test_a_comm_that_is_not_answered_is_taken_back() -> None:
    deaf = Deaf()
    deaf.answers["comm_info_request"] = APPS
    connection = connection_to(deaf, [], timeout=0.05)
    await connection.open()
    with pytest.raises(LinkError, match="is at work"):
        await connection.begin()
    opened, closed = (
        content["comm_id"]
        for _, kind, content, _ in deaf.sent
        if kind.startswith("comm_") and "comm_id" in content
    )
    assert opened == closed
    connection.close()


async def test_an_end_right_behind_the_hello_is_the_end() -> None:
    deaf, reasons = Deaf(), list[str]()
    deaf.answers["comm_info_request"] = APPS
    connection = connection_to(deaf, reasons)
    await connection.open()
    beginning = asyncio.ensure_future(connection.begin())
    await deaf.opened()
    deaf.says({"jt": "hello", "buffers": True, "record": None})
    deaf.on_closed("the connection to the gateway ended")
    with pytest.raises(LinkError, match="does not answer"):
        await beginning
    assert not connection.begun
    assert reasons == ["the connection to the gateway ended"]


async def test_a_kernel_at_work_that_has_no_subshells() -> None:
    deaf, reasons = Deaf(), list[str]()
    deaf.answers["comm_info_request"] = {"comms": {}}
    connection = connection_to(deaf, reasons)
    await connection.open()
    with pytest.raises(NoServersError):
        await connection.begin()
    assert not any(kind == "comm_open" for _, kind, _, _ in deaf.sent), "every page would hear of it"
    deaf.answers["comm_info_request"] = APPS
    with pytest.raises(LinkError, match="is at work, and cannot be asked meanwhile"):
        await connection.begin()
    connection.close()
    assert reasons == ["it is needed no more"]


async def begun(deaf: Deaf, reasons: list[str], *, buffers: bool, patience: float = 0.2) -> MessageConnection:
    deaf.answers["comm_info_request"] = APPS
    connection = connection_to(deaf, reasons, patience)
    await connection.open()
    beginning = asyncio.ensure_future(connection.begin())
    await deaf.opened()
    deaf.says({"jt": "hello", "buffers": buffers, "record": None})
    await beginning
    return connection


@pytest.mark.parametrize("buffers", [True, False])
async def test_buffers_are_sent_where_they_arrive(buffers: bool) -> None:
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=buffers)
    assert connection.as_text is not buffers
    ready = next(content["data"] for _, kind, content, _ in deaf.sent if kind == "comm_msg")
    assert ready == {"jt": "ready", "buffers": False}, "no probe came from the kernel"
    with connection.connect() as sock:
        sock.send(b"x" * 100)
        await until(lambda: any(part[1] == "data" for part in parts(deaf)))
        texts = [content["data"].get("text") for _, kind, content, _ in deaf.sent if kind == "comm_msg"]
        assert any(texts) is not buffers
    connection.close()
    assert deaf.closed


def parts(deaf: Deaf) -> list[list[Any]]:
    data = [content["data"] for _, kind, content, _ in deaf.sent if kind == "comm_msg"]
    return [part for each in data for part in each.get("parts", [])]


async def test_a_refusal_says_why() -> None:
    deaf, reasons = Deaf(), list[str]()
    deaf.answers["comm_info_request"] = APPS
    connection = connection_to(deaf, reasons)
    await connection.open()
    beginning = asyncio.ensure_future(connection.begin())
    await deaf.opened()
    deaf.says({"jt": "refused", "reason": "the kernel's jupyter_trame speaks version 9"}, "comm_close")
    with pytest.raises(LinkError, match="speaks version 9"):
        await beginning
    connection.close()


async def test_nonsense_ends_the_links() -> None:
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True)
    deaf.on_message("iopub", {"msg_type": "comm_msg", "content": 7})
    deaf.says({"jt": "what"})
    assert not connection.closed
    deaf.says({"jt": "streams"})
    assert connection.closed
    assert reasons == ["a message of streams has a number, how many came, and parts"]


@pytest.mark.parametrize("state", ["restarting", "starting", "autorestarting", "dead"])
async def test_another_process_has_none_of_the_links(state: str) -> None:
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True)
    deaf.on_message("iopub", {"msg_type": "status", "content": {"execution_state": "busy"}})
    assert not connection.closed
    deaf.on_message("iopub", {"msg_type": "status", "content": {"execution_state": state}})
    assert reasons == ["the kernel was started again"]
    assert not any(kind == "comm_close" for _, kind, _, _ in deaf.sent), (
        "the next process knows nothing of it"
    )


async def test_a_way_that_is_cut_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_connection, "_FIRST_DELAY", 0.001)
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True, patience=5)
    sock = connection.connect()
    fails = 3
    opened = deaf.open

    async def open_later(on_message: Any, on_closed: Any) -> KernelChannel:
        nonlocal fails
        fails -= 1
        if fails:
            raise LinkError("the gateway of this kernel does not answer")
        return await opened(on_message, on_closed)

    connection._open_channel = open_later
    deaf.on_closed("the connection to the gateway ended")
    sock.send(b"meanwhile")
    kinds = lambda: [content["data"]["jt"] for _, kind, content, _ in deaf.sent if kind == "comm_msg"]  # noqa: E731
    await until(lambda: "resume" in kinds())
    deaf.says({"jt": "again", "n": 0})
    await until(lambda: [0, "data", 9] in parts(deaf))
    assert not connection.closed
    sock.close()
    connection.close()


async def test_a_gateway_that_stays_away_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True)

    async def refuse(on_message: Any, on_closed: Any) -> KernelChannel:
        raise LinkError("the gateway of this kernel does not answer")

    connection._open_channel = refuse
    deaf.on_closed("the connection to the gateway ended")
    await until(lambda: connection.closed)
    assert reasons == ["the gateway of this kernel does not answer"]


async def test_a_gateway_that_has_the_kernel_no_more_is_not_asked_again() -> None:
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True, patience=60)

    async def refuse(on_message: Any, on_closed: Any) -> KernelChannel:
        raise KernelGoneError("the gateway has this kernel no more")

    connection._open_channel = refuse
    deaf.on_closed("the connection to the gateway ended")
    await until(lambda: connection.closed)
    assert reasons == ["the gateway has this kernel no more"]


def data_sizes(deaf: Deaf) -> list[int]:
    return [size for _, kind, size in parts(deaf) if kind == "data"]


async def break_connection(deaf: Deaf, number: int) -> None:
    """End the channel, and answer over the next one that nothing of the streams has come."""
    resumed = [each for each in said(deaf) if each["jt"] == "resume"]
    deaf.on_closed("the connection to the gateway ended")
    await until(lambda: len([each for each in said(deaf) if each["jt"] == "resume"]) > len(resumed))
    assert said(deaf)[-1].get("halvings", 0) == number
    deaf.sent[:] = [each for each in deaf.sent if each[1] == "comm_open"]
    deaf.says({"jt": "again", "n": 0, "halvings": number})


def said(deaf: Deaf) -> list[Mapping[str, Any]]:
    return [content["data"] for _, kind, content, _ in deaf.sent if kind == "comm_msg"]


@pytest.mark.parametrize("told", [True, False])
async def test_a_gateway_that_takes_smaller_messages_only_gets_such(
    monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    monkeypatch.setattr(message_connection, "_FIRST_DELAY", 0.001)
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True, patience=5)
    deaf.too_large = told
    with connection.connect() as sock:
        await until(lambda: parts(deaf))
        sock.send(bytes(100_000))
        await until(lambda: sum(data_sizes(deaf)) == 100_000)
        largest = max(data_sizes(deaf))
        if not told:
            await break_connection(deaf, 0)
        for number in (1, 2):
            await break_connection(deaf, number)
            await until(lambda: sum(data_sizes(deaf)) == 100_000)
            assert max(data_sizes(deaf)) == largest // 2**number
        deaf.says({"jt": "again", "n": 0, "halvings": 1})
        assert reasons == []
        connection.close()


async def test_a_gateway_that_takes_none_is_said_to_be() -> None:
    deaf, reasons = Deaf(), list[str]()
    connection = await begun(deaf, reasons, buffers=True)
    deaf.too_large = True
    with connection.connect() as sock:
        sock.send(bytes(4096))
        await until(lambda: data_sizes(deaf) == [4096])
        deaf.on_closed("the connection to the gateway ended")
    assert reasons == [
        "the gateway of this kernel takes no messages, not even of 4096 bytes: its limit is too low"
    ]
    assert connection.closed
