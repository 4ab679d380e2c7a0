"""nginx with the configuration of the guide, on free ports of this machine and as the user who runs the tests."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import needs
from tests.house.sources import ROOT

GUIDE = ROOT / "web" / "nginx.conf"
_TRIES = 3
_PATIENCE = 10.0
_AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/start.log;
{user}
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/academy.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx.

    Attributes:
        http, https: its ports on 127.0.0.1. trust: believes in its certificate.
    """

    folder: Path
    http: int
    https: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        """The address that people are invited to."""
        return f"https://localhost:{self.https}"

    @property
    def certificate(self) -> Path:
        """The file with its certificate, which has signed itself."""
        return self.folder / "certificate.pem"

    def logs(self) -> str:
        """Return everything that it has written down."""
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on at the moment."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def guide_with(changes: dict[str, str]) -> str:
    """Return the guide's configuration with other places in it; each of them must be there."""
    text = GUIDE.read_text("utf-8")
    for old, new in changes.items():
        assert old in text, f"{GUIDE.name} says nothing of {old}"
        text = text.replace(old, new)
    return text


@contextmanager
def running(folder: Path, app_port: int) -> Iterator[Proxy]:
    """Run nginx in front of a port as long as the block lasts."""
    program = needs.program("nginx")
    folder.mkdir()
    _make_certificate(folder)
    process, proxy = _started(program, folder, app_port)
    try:
        yield proxy
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _make_certificate(folder: Path) -> None:
    """Write a certificate for localhost, signed by itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)


def _started(program: Path, folder: Path, app_port: int) -> tuple[subprocess.Popen[bytes], Proxy]:
    """Start it on free ports; tries others where somebody was quicker to take one."""
    command = [str(program), "-e", f"{folder}/start.log", "-c", f"{folder}/nginx.conf"]
    trust = ssl.create_default_context(cafile=folder / "certificate.pem")
    for _ in range(_TRIES):
        http, https = free_ports(2)
        _configure(folder, http, https, app_port)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if _answers(process, https):
            return process, Proxy(folder, http, https, trust)
    raise AssertionError((folder / "start.log").read_text("utf-8"))


def _configure(folder: Path, http: int, https: int, app_port: int) -> None:
    changes = {
        "listen [::]:": "# the other way to the same: ",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl;": f"listen 127.0.0.1:{https} ssl;",
        "https://join.example.com$": f"https://localhost:{https}$",
        "/etc/letsencrypt/live/join.example.com/fullchain.pem": f"{folder}/certificate.pem",
        "/etc/letsencrypt/live/join.example.com/privkey.pem": f"{folder}/key.pem",
        "server_name join.example.com;": "server_name localhost;",
        "http://127.0.0.1:8000": f"http://127.0.0.1:{app_port}",
        "/var/log/nginx/": f"{folder}/",
    }
    (folder / "academy.conf").write_text(guide_with(changes), "utf-8")
    user = "user root root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user), "utf-8")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until it listens; False where it has ended instead."""
    end = monotonic() + _PATIENCE
    while monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    return False
