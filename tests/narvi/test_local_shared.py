"""What a host shares is its own."""

from jupyter_trame.narvi.local_shared import LocalShared
from tests.narvi.support import run


def test_two_hosts_share_nothing() -> None:
    async def scenario() -> None:
        one, two = LocalShared(), LocalShared()
        assert one.mailbox is not two.mailbox
        assert one.slow is not two.slow
        assert one.lines is not two.lines

    run(scenario)
