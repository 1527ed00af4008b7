"""What a kernel's reply means; real kernels run code in `test_launcher`."""

from collections.abc import Mapping
from typing import Any

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.extension.executing import CodeError, run_code


async def test_code_that_ends_well() -> None:
    asked: list[str] = []

    async def execute(code: str) -> Mapping[str, Any]:
        asked.append(code)
        return {"status": "ok"}

    await run_code(execute, "1 + 1")
    assert asked == ["1 + 1"]


async def test_an_exception_is_told_without_colours() -> None:
    async def execute(code: str) -> Mapping[str, Any]:
        return {
            "status": "error",
            "ename": "ValueError",
            "evalue": code,
            "traceback": ["\x1b[31mline\x1b[0m"],
        }

    with pytest.raises(CodeError, match=r"^ValueError: bad$") as error:
        await run_code(execute, "bad")
    assert error.value.trace == "line"


async def test_a_kernel_that_cannot_be_asked() -> None:
    async def execute(code: str) -> Mapping[str, Any]:
        raise LinkError("the kernel cannot be reached")

    with pytest.raises(CodeError, match="cannot be reached"):
        await run_code(execute, "1")
