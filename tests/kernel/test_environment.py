"""What the process knows of its kernel."""

from jupyter_trame.kernel.environment import detect_kernel
from tests.kernel.support import Kernel


def test_a_program_is_no_kernel() -> None:
    assert detect_kernel() is None


def test_a_kernel_knows_itself(kernel: Kernel) -> None:
    kernel.run("from jupyter_trame.kernel.environment import detect_kernel\nimport asyncio, threading")
    assert kernel.value("detect_kernel().kernel_id") == "0123-test"
    assert kernel.value("str(detect_kernel().connection_file)") == kernel.manager.connection_file
    assert kernel.value(
        "(detect_kernel().loop is asyncio.get_running_loop(), detect_kernel().thread == threading.get_ident())"
    ) == (True, True)
