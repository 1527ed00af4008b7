"""Where a trio program runs; tests/trio/test_background.py asks in a kernel."""

from jupyter_trame.trio.kernel_or_program import in_kernel


def test_a_program_is_no_kernel() -> None:
    assert not in_kernel()
