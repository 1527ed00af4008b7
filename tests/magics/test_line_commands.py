"""What each command does in a kernel that no Jupyter server has started."""

import re

from tests.kernel.support import Kernel


def test_the_apps_of_the_kernel_are_listed(kernel: Kernel) -> None:
    kernel.run("one = Server('one')\none.state.trame__title = 'First one'\none.start()")
    lines = kernel.run("%trame list").stream.splitlines()
    assert lines[0].split() == ["NAME", "TITLE", "RUNS", "IN", "VIEWERS", "SINCE", "KERNEL", "REFERENCE"]
    assert any(re.fullmatch(r"one +First one +0 +0123-tes/one", line) for line in lines), lines
    assert lines[-1] == (
        "no Jupyter server of this machine has started this kernel, so only its own apps are known here"
    )


def test_an_app_is_stopped_and_started_again(kernel: Kernel) -> None:
    kernel.run("two = Server('two')\ntwo.state.n = 7\ntwo.start()")
    assert kernel.run("%trame stop two").stream == "0123-tes/two has ended\n"
    assert kernel.value("two.running") is False
    assert "no app is called 'two'" in kernel.run("%trame restart two").stream
    kernel.run("two.start()")
    assert kernel.run("%trame restart 0123-tes/two").stream == "0123-tes/two runs again\n"
    assert kernel.value("(two.running, two.state.n)") == (True, 7)


def test_an_app_is_opened_where_it_is_asked_for(kernel: Kernel) -> None:
    kernel.run("three = Server('three')\nthree.start()")
    kernel.comm_messages.clear()
    kernel.run("%trame open three right")
    (opened,) = (
        message["content"]["data"] for message in kernel.comm_messages if message["msg_type"] == "comm_open"
    )
    assert (opened["slug"], opened["mode"]) == ("three", "right")


def test_the_status_tells_of_the_kernel_and_of_errors(kernel: Kernel) -> None:
    kernel.run(
        "four = Server('four')\nfour.start()\nfour._runtime.user_code.report('a listener', ValueError('no'))"
    )
    shown = kernel.run("%trame status").stream
    assert re.match(r"jupyter_trame \S+ in kernel 0123-test\nno Jupyter server of this machine", shown)
    assert "four: 1 errors" not in shown
    assert "four: 1 error, the latest in a listener: ValueError: no" in shown


def test_the_doctor_looks_at_an_app(kernel: Kernel) -> None:
    kernel.run("five = Server('five')\nfive.start()")
    (data,) = kernel.run("%trame doctor five").data
    assert "jt-doctor" in data["text/html"]
    assert "five" in data["text/html"]
    alone = kernel.run("%trame doctor").stream
    assert alone.startswith("UsageError: no Jupyter server of this machine has started this kernel")


def test_a_registered_app_needs_the_jupyter_server(kernel: Kernel) -> None:
    shown = kernel.run("%trame open demo").stream
    assert shown.startswith("UsageError: no app is called 'demo'; there: ")
    assert shown.endswith("only its own apps are known here\n")
