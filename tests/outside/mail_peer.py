"""A real mail server to test against: encryption, login, and answers of its own will."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "robot@example.com", "p@ss:word/1"
LOGIN = "robot%40example.com:p%40ss%3Aword%2F1@"
# Reaches this machine without being one of its loopback names: what a distant host looks like.
OWN_BY_ANOTHER_NAME = "0.0.0.0"  # noqa: S104 - connected to, never bound


@dataclass
class Peer:
    """A mail server with a will of its own.

    Attributes:
        answers: by local part of the recipient, what to answer it: at RCPT, or where it begins with "DATA " at DATA;
        "DATA drop" closes the connection instead.
        to_sender: what to answer MAIL FROM, if not yes.
        mails: who got what. connections, encrypted: of those that said EHLO.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    to_sender: str = ""
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    encrypted: set[int] = field(default_factory=set)
    resets: int = 0

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        """Judge a login."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer the sender's address."""
        self.connections.add(id(server))
        if _transport(server).get_extra_info("ssl_object") is not None:
            self.encrypted.add(id(server))
        if not self.to_sender:
            envelope.mail_from = address
        return self.to_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer a recipient's address."""
        answer = self.answers.get(address.partition("@")[0], "DATA")
        if not answer.startswith("DATA"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Answer the mail itself."""
        [address] = envelope.rcpt_tos
        answer = self.answers.get(address.partition("@")[0], "DATA 250 OK").removeprefix("DATA ")
        if answer.startswith("250") or answer == "drop":
            assert isinstance(envelope.content, bytes)
            self.mails.append((address, envelope.content))
        if answer == "drop":
            _transport(server).abort()
        return answer

    async def handle_RSET(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - as above
        """Count."""
        self.resets += 1
        return "250 OK"


def _transport(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


@contextmanager
def serving(
    peer: Peer, *, tls: ssl.SSLContext | None = None, offer: ssl.SSLContext | None = None, login: bool
) -> Iterator[Peer]:
    """Run the peer on a port of its own: `tls` from the first byte, or STARTTLS on `offer`."""

    def protocol() -> SMTP:
        return SMTP(
            peer,
            hostname="mail.example.com",
            tls_context=offer,
            require_starttls=offer is not None,
            authenticator=peer.authenticate if login else None,
            auth_required=login,
            auth_require_tls=offer is not None,
            loop=asyncio.get_running_loop(),
        )

    started, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
        peer.port = server.sockets[0].getsockname()[1]
        loops.append(asyncio.get_running_loop())
        started.set()
        async with server:
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(10)
    try:
        yield peer
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(10)


@dataclass(frozen=True, slots=True)
class Certificates:
    """A server's certificate, and who trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    )


def make_certificates(folder: Path) -> Certificates:
    """Return the certificate of a mail server, signed by an authority that nobody knows but us."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _name("Test authority")
    ca = _certificate(
        authority, authority, authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=0)
    )
    hosts = [
        x509.DNSName("localhost"),
        *(x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", OWN_BY_ANOTHER_NAME)),
    ]
    leaf = _certificate(_name("mail"), authority, server_key.public_key(), x509.SubjectAlternativeName(hosts))
    signed = [
        each.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        for each in (ca, leaf)
    ]
    key = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(signed[1] + key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return Certificates(server, ssl.create_default_context(cadata=signed[0].decode()))
