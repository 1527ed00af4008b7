import json
from typing import Any

from jupyter_trame.doctor.report_reading import read_report
from tests.extension.support import KernelProcess


async def test_the_report_of_the_server(jp_fetch: Any, kernel: KernelProcess) -> None:
    kernel.run("Demo")
    report = read_report(json.loads((await jp_fetch("trame", "api", "v1", "doctor")).body))
    assert report.subject == "Jupyter server, 1 app in 1 kernel"


async def test_the_report_of_an_app(jp_fetch: Any, kernel: KernelProcess) -> None:
    kernel.run("Demo")
    address = ("trame", "api", "v1", "servers", kernel.id)
    report = read_report(json.loads((await jp_fetch(*address, "demo", "doctor")).body))
    assert report.subject == f"app demo in kernel {kernel.id}"
    absent = read_report(json.loads((await jp_fetch(*address, "gone", "doctor")).body))
    assert "not to be reached" in absent.findings[0].what


async def test_a_kernel_that_is_not_there(jp_fetch: Any, extension: Any) -> None:
    response = await jp_fetch("trame", "api", "v1", "servers", "none", "x", "doctor", raise_error=False)
    assert (response.code, json.loads(response.body)) == (
        404,
        {"message": "the app 'x' is not running any more"},
    )
