"""A real mail server to test against: encryption, login, and answers of its own will."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
        answers: by local part of the recipient, what to answer it: at RCPT, or where it begins with "DATA " at DATA.
            Instead of an answer: "drop" closes the connection, "hang" says nothing any more, "die" ends the server;
            what begins with "LYING " is said at RCPT, but the mail is asked for all the same.
        greeting, to_login, to_sender: what to answer a connection, a login and MAIL FROM, if not yes; greeting may be
            "hang".
        per_connection: how many mails it takes before it says 421 to the next one, 0 for any number.
        offers: what it offers beside what it always does: "PIPELINING", "DSN".
        mails: who got what. connections, encrypted: the sender's port of those that named a sender. taken: mails of each.
        senders: envelope senders. options: what was said beside a sender or a recipient, in order.
        heard: what came in one piece; the last hundred.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    greeting: str = ""
    to_login: str = ""
    to_sender: str = ""
    per_connection: int = 0
    offers: tuple[str, ...] = ()
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    encrypted: set[int] = field(default_factory=set)
    senders: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    heard: deque[bytes] = field(default_factory=lambda: deque(maxlen=100))
    taken: Counter[int] = field(default_factory=Counter)
    resets: int = 0
    die: Callable[[], None] = lambda: None

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        """Judge a login."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right and not self.to_login, handled=False, message=self.to_login or None)

    async def handle_EHLO(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet back, with what is offered."""
        session.host_name = hostname
        return [*responses[:-1], *(f"250-{each}" for each in self.offers), responses[-1]]

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer the sender's address."""
        self.connections.add(_port(session))
        if _transport(server).get_extra_info("ssl_object") is not None:
            self.encrypted.add(_port(session))
        if self.per_connection and self.taken[_port(session)] >= self.per_connection:
            _transport(server).close()
            return "421 4.7.0 Too many mails in one go"
        if not self.to_sender:
            envelope.mail_from = address
            self.senders.append(address)
        return self.to_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer a recipient's address."""
        answer = self.answers.get(address.partition("@")[0], "DATA")
        is_lying = answer.startswith("LYING ")
        if is_lying or answer.startswith("DATA"):
            envelope.rcpt_tos.append(address)
        if answer.startswith("DATA"):
            return "250 OK"
        return await self._said(server, answer.removeprefix("LYING "))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Answer the mail itself."""
        [address] = envelope.rcpt_tos
        answer = self.answers.get(address.partition("@")[0], "DATA 250 OK").removeprefix("DATA ")
        if answer[:3] in {"250", "dro", "han"}:
            assert isinstance(envelope.content, bytes)
            self.mails.append((address, envelope.content))
            self.taken[_port(session)] += 1
        return await self._said(server, answer)

    async def handle_RSET(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - as above
        """Count."""
        self.resets += 1
        return "250 OK"

    async def _said(self, server: SMTP, answer: str) -> str:
        """Return the answer, or do what stands for it."""
        if answer == "hang":
            await asyncio.Event().wait()
        if answer == "die":
            self.die()
        if answer in {"die", "drop"}:
            _transport(server).abort()
        return answer


class _Server(SMTP):
    """aiosmtpd, with a greeting of its own and the options of delivery reports (RFC 3461), which it does not know."""

    is_greeted = False

    def __init__(self, peer: Peer, **more: Any) -> None:
        super().__init__(peer, **more)
        self._peer = peer

    async def push(self, status: Any) -> None:
        """Say something; the first word is the greeting."""
        if not self.is_greeted and self._peer.greeting:
            status = self._peer.greeting
            if status == "hang":
                await asyncio.Event().wait()
        self.is_greeted = True
        await super().push(status)

    def data_received(self, data: bytes) -> None:
        """Keep what came in one piece."""
        self._peer.heard.append(data)
        super().data_received(data)

    def hang_up(self) -> None:
        """Leave whoever is still connected."""
        for each in (self.transport, self._original_transport):
            if isinstance(each, asyncio.WriteTransport):
                with suppress(AttributeError):  # Python 3.11.2 fails so where TLS was closed from both sides
                    each.abort()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Note the options beside an address, and take those of delivery reports away where they are offered."""
        address, options = super()._getaddr(arg)
        said = (options or "").split()
        self._peer.options.extend(said)
        if "DSN" not in self._peer.offers:
            return address, options
        return address, " ".join(
            each for each in said if each.partition("=")[0] not in {"RET", "ENVID", "NOTIFY"}
        )


def _port(session: Session) -> int:
    assert session.peer is not None
    return int(session.peer[1])


def _transport(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


@contextmanager
def serving(
    peer: Peer, *, tls: ssl.SSLContext | None = None, offer: ssl.SSLContext | None = None, login: bool = False
) -> Iterator[Peer]:
    """Run the peer on a port of its own, the one it had before: `tls` from the first byte, or STARTTLS on `offer`."""
    served: list[_Server] = []

    def protocol() -> SMTP:
        made = _Server(
            peer,
            hostname="mail.example.com",
            tls_context=offer,
            require_starttls=offer is not None,
            authenticator=peer.authenticate if login else None,
            auth_required=login,
            auth_require_tls=offer is not None,
            loop=asyncio.get_running_loop(),
        )
        served.append(made)
        return made

    started, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", peer.port, ssl=tls)
        peer.port = server.sockets[0].getsockname()[1]
        peer.die = server.close
        loops.append(asyncio.get_running_loop())
        started.set()
        async with server:
            await over.wait()
        for each in served:
            each.hang_up()
        await asyncio.sleep(0.01)  # what was hung up on says so to its protocol

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
    """Certificates of a server (a good one, one of yesterday, one of another host), and who trusts them."""

    server: ssl.SSLContext
    expired: ssl.SSLContext
    stranger: ssl.SSLContext
    client: ssl.SSLContext


def make_certificates(folder: Path) -> Certificates:
    """Return certificates of mail servers, signed by an authority that nobody knows but us."""
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(
        "Test authority", key.public_key(), now, x509.BasicConstraints(ca=True, path_length=0)
    ).sign(key, hashes.SHA256())
    own = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            *(x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", OWN_BY_ANOTHER_NAME)),
        ]
    )
    others = x509.SubjectAlternativeName([x509.DNSName("mail.elsewhere.example")])
    trusted = authority.public_bytes(serialization.Encoding.PEM).decode()
    return Certificates(
        server=_context(folder / "good.pem", key, now, own),
        expired=_context(folder / "expired.pem", key, now - timedelta(days=9), own),
        stranger=_context(folder / "stranger.pem", key, now, others),
        client=ssl.create_default_context(cadata=trusted),
    )


def _context(
    path: Path, authority: ec.EllipticCurvePrivateKey, begins: datetime, names: x509.SubjectAlternativeName
) -> ssl.SSLContext:
    """Return the context of a server with a certificate for `names`, signed by the authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    signed = _certificate("mail", key.public_key(), begins, names).sign(authority, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _certificate(
    subject: str, key: ec.EllipticCurvePublicKey, begins: datetime, extension: x509.ExtensionType
) -> x509.CertificateBuilder:
    """Return a certificate for two days around `begins`, to be signed by the test authority."""
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name("Test authority"))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=1))
        .not_valid_after(begins + timedelta(days=1))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
