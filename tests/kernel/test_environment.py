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


def test_a_connection_file_may_be_gone_or_have_any_name(kernel: Kernel) -> None:
    """Who started the kernel chose the name; one among the temporary files is of no Jupyter server."""
    kernel.run(
        "import os, tempfile\n"
        "from jupyter_trame.kernel.environment import detect_kernel\n"
        "from ipykernel.kernelapp import IPKernelApp\n"
        "app = IPKernelApp.instance()\n"
        "given = app.connection_file\n"
        "def seen(path):\n"
        "    app.connection_file = path\n"
        "    found = detect_kernel()\n"
        "    app.connection_file = given\n"
        "    return str(found.connection_file), found.kernel_id"
    )
    assert kernel.value("seen('/gone/kernel-7.json')") == ("/gone/kernel-7.json", "7")
    assert kernel.value("seen('/gone/mine.json')") == ("/gone/mine.json", "mine")
    assert kernel.value("seen(os.path.join(tempfile.gettempdir(), 'tmpabc.json'))") == ("None", "")
    assert kernel.value("seen(os.path.join(tempfile.gettempdir(), 'kernel-8.json'))[1]") == "8"
