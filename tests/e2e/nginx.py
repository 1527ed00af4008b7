"""nginx with the configuration of docs/deploy.md, on a free port of this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_trame.program.certificates import make_certificate
from tests.docs.pages import ROOT, blocks
from tests.e2e.servers import running
from tests.support.ports import free_port

NGINX = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
PREFIX = "/outside/"
"""The path of the configuration."""

_AROUND = """\
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; scgi_temp_path {folder}/scgi; uwsgi_temp_path {folder}/uwsgi;
    ssl_certificate {folder}/both.pem; ssl_certificate_key {folder}/both.pem;
    {written}
}}
"""


@contextmanager
def nginx(folder: Path, target: str, idle: str | None = None) -> Iterator[str]:
    """The address of `target`, a Jupyter server below `PREFIX`, behind nginx with TLS.

    `idle` takes the place of the time after which it cuts a silent connection; request bodies have nginx's own limit of
    1 MB.
    """
    assert NGINX is not None, "nginx is not installed"
    port = free_port()
    (block,) = blocks(ROOT / "docs" / "deploy.md", "nginx")
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "http://127.0.0.1:8888;": f"{target.removesuffix(PREFIX)};",
    }
    if idle is not None:
        changes["proxy_read_timeout 120s;"] = f"proxy_read_timeout {idle};"
    written = block.text
    for old, new in changes.items():
        assert old in written, f"docs/deploy.md has no {old}"
        written = written.replace(old, new)
    folder.mkdir()
    (folder / "both.pem").write_bytes(make_certificate("127.0.0.1"))
    config = folder / "nginx.conf"
    config.write_text(_AROUND.format(folder=folder, written=written))
    command = [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(config)]
    # Over plain HTTP the port says that it wants TLS, which is an answer.
    with running(command, f"http://127.0.0.1:{port}/", folder / "log", dict(os.environ), folder):
        yield f"https://127.0.0.1:{port}{PREFIX}"
