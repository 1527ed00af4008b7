"""A Kernel Gateway: kernels of another home and another runtime folder, for Jupyter servers that see neither."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

__all__ = ["kernel_gateway"]


@contextmanager
def kernel_gateway(home: Path, *, port: int | None = None) -> Iterator[str]:
    """The address of a gateway with folders of its own below `home`, until the end of the block."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port() if port is None else port
    url = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "kernel_gateway"),
        f"--KernelGatewayApp.port={port}",
        "--KernelGatewayApp.port_retries=0",
        "--JupyterWebsocketPersonality.list_kernels=True",  # a Jupyter server asks for it all the time
    ]
    with running(command, f"{url}/api", home / "gateway.log", isolated_environment(home), home / "root"):
        yield url
