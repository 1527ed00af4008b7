"""A Jupyter server that does not see the kernel's sockets, played by hand, with a real kernel."""

import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jupyter_trame.transports.message_hello import PROBE, TARGET, VERSION
from tests.kernel.support import BUSY, Kernel

APP = """
server = Server({name!r})
server.start()
"""


class Server:
    """One comm of a Jupyter server."""

    def __init__(
        self, kernel: Kernel, version: object = VERSION, *, probe: bool = True, subshell: str | None = None
    ) -> None:
        self.kernel = kernel
        self.comm = uuid4().hex
        session = kernel.client.session
        data = {"jt": "link", "version": version, "probe": probe}
        content = {"comm_id": self.comm, "target_name": TARGET, "data": data}
        message = session.msg("comm_open", content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        session.send(kernel.client.shell_channel.socket, message, buffers=[PROBE])

    def send(self, data: Any, buffers: list[bytes] | None = None) -> None:
        self.kernel.send_comm(self.comm, data, buffers or [])

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Comm messages of the kernel of that kind."""
        mine = [m for m in self.kernel.comm_messages if m["content"].get("comm_id") == self.comm]
        return [m for m in mine if m["content"]["data"].get("jt") == kind]

    def wait(self, kind: str, count: int = 1) -> dict[str, Any]:
        self.kernel.until(lambda: len(self.said(kind)) >= count)
        data: dict[str, Any] = self.said(kind)[count - 1]["content"]["data"]
        return data


@pytest.fixture
def app(kernel: Kernel) -> str:
    kernel.run(APP.format(name="linked"))
    return "linked"


def test_the_kernel_says_what_runs_there_and_whether_buffers_came(kernel: Kernel, app: str) -> None:
    server = Server(kernel)
    hello = server.wait("hello")
    assert hello["buffers"] is True
    assert [bytes(b) for b in server.said("probe")[0]["buffers"]] == [PROBE]
    assert app in [entry["name"] for entry in hello["record"]["servers"]]
    kernel.run(APP.format(name="another"))
    names = lambda m: {entry["name"] for entry in m["content"]["data"]["record"]["servers"]}  # noqa: E731
    kernel.until(
        lambda: {app, "another"} <= names(server.said("record")[-1]) if server.said("record") else False
    )


def test_who_must_not_get_buffers_gets_none(kernel: Kernel, app: str) -> None:
    server = Server(kernel, probe=False)
    server.wait("hello")
    assert not server.said("probe")
    server.send({"jt": "ready", "buffers": False})
    join = b"not a handshake" * 10
    text = base64.b64encode(join).decode()
    parts = [[0, "open", 0], [0, "data", len(join)]]
    server.send({"jt": "streams", "n": 0, "came": 0, "parts": parts, "text": text})
    server.wait("streams")
    kernel.until(
        lambda: [0, "end", 0] in [p for m in server.said("streams") for p in m["content"]["data"]["parts"]]
    )
    assert not any(message["buffers"] for message in server.said("streams"))


def test_another_version_is_refused_with_a_reason(kernel: Kernel, app: str) -> None:
    server = Server(kernel, version=99)
    assert server.wait("refused")["reason"].endswith("speaks version 1 of links over messages, not 99")


@pytest.mark.parametrize(
    "data",
    [
        {"jt": "streams", "n": 0, "came": 0, "parts": []},
        {"jt": "shout"},
        {},
    ],
)
def test_what_is_not_expected_ends_the_comm_with_a_reason(kernel: Kernel, app: str, data: Any) -> None:
    server = Server(kernel)
    server.wait("hello")
    server.send(data)
    assert "is not expected" in server.wait("closed")["reason"]
    assert Server(kernel).wait("hello")["record"]


def test_lost_messages_come_again(kernel: Kernel, app: str) -> None:
    server = Server(kernel)
    server.wait("hello")
    server.send({"jt": "ready", "buffers": True})
    server.send({"jt": "streams", "n": 1, "came": 0, "parts": []})
    assert server.wait("again")["n"] == 0
    server.send({"jt": "streams", "n": 0, "came": 0, "parts": [[0, "open", 0], [0, "end", 0]]})
    server.send({"jt": "resume", "n": 0})
    assert server.wait("again", 2)["n"] == 1


def test_a_jupyter_server_too_many_takes_the_place_of_the_first(kernel: Kernel, app: str) -> None:
    servers = [Server(kernel) for _ in range(17)]
    servers[-1].wait("hello")
    assert servers[0].wait("closed")["reason"] == "other Jupyter servers connect"
    assert not servers[1].said("closed")


def test_it_answers_while_a_cell_runs(kernel: Kernel, app: str, tmp_path: Path) -> None:
    kernel.subshell = kernel.create_subshell()
    if kernel.subshell is None:
        pytest.skip("this ipykernel has no subshells")
    server = Server(kernel)
    server.wait("hello")
    cell = kernel.start(BUSY.format(folder=str(tmp_path)))
    kernel.until((tmp_path / "started").exists)
    server.send({"jt": "ready", "buffers": True})
    server.send({"jt": "resume", "n": 0})
    assert server.wait("again")["n"] == 0
    (tmp_path / "go").touch()
    assert kernel.finish(cell).error is None


def test_a_jupyter_server_that_was_killed_leaves_no_subshell(kernel: Kernel, app: str) -> None:
    subshells = "get_ipython().kernel.shell_channel_thread.manager.list_subshell()"
    mine = kernel.subshell = kernel.create_subshell()
    if mine is None:
        pytest.skip("this ipykernel has no subshells")
    kernel.run("from jupyter_trame.kernel import message_links\nmessage_links._SILENCE = 0.2")
    try:
        server = Server(kernel, subshell=mine)
        assert server.wait("closed")["reason"] == "nothing came for 0.2 s"
        kernel.until(lambda: mine not in kernel.value(subshells))
    finally:
        kernel.subshell = None
        kernel.run("message_links._SILENCE = 90.0")


def test_who_asks_for_comms_sees_that_there_are_servers(kernel: Kernel, app: str) -> None:
    assert kernel.value(
        "[c.target_name for c in __import__('comm').get_comm_manager().comms.values()]"
    ).count(TARGET)
    request = kernel.client.comm_info(TARGET)
    while (reply := kernel.client.get_shell_msg(timeout=30))["parent_header"]["msg_id"] != request:
        pass
    assert {each["target_name"] for each in reply["content"]["comms"].values()} == {TARGET}
