"""Certificates of servers that listen with ``--ssl``."""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.system.private_files import write_private

__all__ = ["make_certificate", "make_context", "save_private"]

_DAYS = 30


def make_context(spec: str, host: str) -> ssl.SSLContext:
    """The context of ``cert,key`` (paths of PEM files), or for ``adhoc`` one of a new certificate for `host`.

    Raises `ServerError` for files that cannot be used, and for ``adhoc`` without the package `cryptography`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if spec == "adhoc":
        path = save_private(make_certificate(host))
        try:
            context.load_cert_chain(path)
        finally:
            path.unlink()
        return context
    certificate, comma, key = (part.strip() for part in spec.partition(","))
    if not (certificate and comma and key):
        raise ServerError(f"--ssl is adhoc or certificate,key, not {spec!r}")
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise ServerError(f"--ssl {spec}: the certificate cannot be used: {error}") from error
    return context


def make_certificate(host: str) -> bytes:
    """Key and self-signed certificate in one PEM text."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID
    except ImportError:
        raise ServerError(
            "--ssl adhoc makes a certificate, which needs cryptography: pip install cryptography"
        ) from None
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host or "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(x509, host)), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def save_private(content: bytes) -> Path:
    """A new file of `content` that this user alone can read; it is the caller's to remove. Raises `OSError`."""
    descriptor, name = tempfile.mkstemp(prefix="jupyter-trame-", suffix=".pem")
    path = Path(name)
    try:
        write_private(descriptor, path, content)
    except BaseException:
        path.unlink()
        raise
    return path


def _names(x509: Any, host: str) -> list[Any]:
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    try:
        address = ip_address(host)
    except ValueError:
        return [*names, x509.DNSName(host)] if host not in {"", "localhost"} else names
    return names if address.is_loopback else [*names, x509.IPAddress(address)]
