"""``server.open``: what the lab is asked, and what happens without one."""

import pytest

from tests.kernel.support import Kernel


def opened(kernel: Kernel, mode: str | None) -> dict[str, object]:
    kernel.run(f'server = Server("opened")\nserver.open({mode!r})')
    return next(
        message["content"]
        for message in reversed(kernel.comm_messages)
        if message["msg_type"] == "comm_open" and message["content"]["target_name"] == "jupyter_trame.open"
    )


def close(kernel: Kernel, comm_id: object, data: dict[str, object]) -> None:
    session = kernel.client.session
    content = {"comm_id": comm_id, "data": data}
    session.send(kernel.client.shell_channel.socket, session.msg("comm_close", content))


@pytest.mark.parametrize("mode", ["tab", "right", "split", "window", None])
def test_the_lab_is_asked(kernel: Kernel, mode: str | None) -> None:
    request = opened(kernel, mode)
    assert request["data"] == {
        "kernel_id": kernel.record_path.stem.removeprefix("jupyter-trame-"),
        "slug": "opened",
        "title": "opened",
        "mode": mode,
    }
    assert kernel.value("server.running")
    close(kernel, request["comm_id"], {"handled": True})
    last = list(kernel.cells.values())[-2]
    assert kernel.value("1") == 1
    assert last.stream == ""


def test_without_a_lab_one_line_says_what_to_do(kernel: Kernel) -> None:
    request = opened(kernel, "tab")
    cell = list(kernel.cells.values())[-1]
    close(kernel, request["comm_id"], {})
    kernel.until(lambda: cell.stream)
    assert "opens no tabs" in cell.stream
    assert "/opened/" in cell.stream
    assert cell.stream.count("\n") == 1
