"""Mails through a mail server: encrypted, logged in, many over one connection.

What a refusal means follows from when it comes. Of the recipient or the text: it concerns this mail. Of us (greeting,
TLS, login, sender): it concerns every mail, so the queue waits for a person. A number from 400 to 499: not now.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from core.errors import Misconfigured, PostError, Setback
from core.mail.hosts import is_loopback
from core.mail.plain import answer_of
from core.mail.talk import CLOSING, NotTaken, Step, hand_over
from core.values import Secret

_SETTING = "ACADEMY_SMTP_URL"
_SUBMISSION, _SUBMISSIONS = 587, 465
_LEAST_CODE = 200
_NOT_NOW = range(400, 500)
_LOGIN_WANTED = (530, 534, 535, 538)  # said to the sender or the recipient by servers that check late

SECONDS_PER_STEP = 20.0
MAILS_PER_CONNECTION = 100  # providers cut connections after some hundreds at most


class SmtpPost:
    """A mail server.

    `smtp://` takes STARTTLS, without which nothing is sent, except to this very machine; `smtps://` is encrypted from
    the first byte. Certificates are verified; only those of this machine's own server are taken as they are, since the
    kernel vouches for it and such certificates are seldom signed.
    """

    is_real = True

    def __init__(
        self,
        url: Secret,
        *,
        context: ssl.SSLContext | None = None,
        own_name: str | None = None,
        bounces: str | None = None,
        timeout: float = SECONDS_PER_STEP,
    ) -> None:
        """Read the server's URL; nothing is connected yet.

        Args:
            url: `smtp://user:password@host:port` or `smtps://…`, percent-encoded.
            context: how to judge certificates, None for the host's way.
            own_name: what to call ourselves in EHLO.
            bounces: where failures are to be reported, None for who each mail is from.
            timeout: seconds for each step of the talk.

        Raises:
            Misconfigured: a user or password that the protocol cannot carry.
        """
        parts = urlsplit(url.reveal())
        self.host = parts.hostname or ""
        self.is_tls = parts.scheme == "smtps"
        self.port = parts.port or (_SUBMISSIONS if self.is_tls else _SUBMISSION)
        self.user = unquote(parts.username or "")
        self.password = Secret(unquote(parts.password or ""))
        self.own_name = own_name
        self.bounces = bounces
        self.timeout = timeout
        self._context = context
        for text in (self.user, self.password.reveal()):
            if not text.isascii() or (text and not text.isprintable()):
                raise Misconfigured(_SETTING, "user and password may hold printable ASCII characters only.")

    def __repr__(self) -> str:
        return f"SmtpPost({self.host}:{self.port})"

    def describe(self) -> str:
        """Return where mails go, for a person."""
        return f"sent through {self.host}:{self.port}"

    @property
    def must_encrypt(self) -> bool:
        """Whether the connection must be encrypted before anything is said."""
        return not is_loopback(self.host)

    def context(self) -> ssl.SSLContext:
        """Return how to judge the server's certificate."""
        if self._context is None:
            self._context = ssl.create_default_context()
            if not self.must_encrypt and not self.is_tls:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        return self._context

    @contextmanager
    def connect(self) -> Iterator[SmtpConnection]:
        """Open a connection for one or many messages.

        Raises:
            PostError: AWAY or PAUSE; says why.
        """
        connection = SmtpConnection(self)
        connection.open()
        try:
            yield connection
        finally:
            connection.close()


class SmtpConnection:
    """A talk with the server; begun anew after `MAILS_PER_CONNECTION` mails and after it broke off."""

    def __init__(self, post: SmtpPost) -> None:
        """Begin nothing yet."""
        self._post = post
        self._server: smtplib.SMTP | None = None
        self._carried = 0

    def open(self) -> smtplib.SMTP:
        """Connect, encrypt, log in.

        Raises:
            PostError: AWAY or PAUSE.
        """
        try:
            self._server = server = self._dial()
            self._send_at_once(server)
            self._encrypt(server)
            self._log_in(server)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._drop()
            raise self._why_not_open(error) from None
        self._carried = 0
        return server

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._server.quit()
        self._drop()

    def send(self, message: EmailMessage, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Hand over one message, and do something else while the server reads it.

        Raises:
            PostError: what the server said, and what that means.
        """
        if self._carried >= MAILS_PER_CONNECTION:
            self.close()
        is_used = self._server is not None and self._carried > 0
        answer = self._hand_over(message, meanwhile)
        # Some servers hang up after a few mails: one they have heard nothing of goes over a new connection at once.
        if is_used and answer is not None and answer.step is Step.SENDER and answer.is_over:
            self._drop()
            answer = self._hand_over(message, meanwhile)
        if answer is not None:
            raise self._refusal(answer)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _dial(self) -> smtplib.SMTP:
        post = self._post
        if post.is_tls:
            return smtplib.SMTP_SSL(
                post.host, post.port, post.own_name, timeout=post.timeout, context=post.context()
            )
        return smtplib.SMTP(post.host, post.port, post.own_name, timeout=post.timeout)

    @staticmethod
    def _send_at_once(server: smtplib.SMTP) -> None:
        """Keep the system from holding the end of a mail back until the server has confirmed its beginning."""
        if server.sock is not None:
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _encrypt(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._post.is_tls:
            return
        if server.has_extn("starttls"):
            server.starttls(context=self._post.context())
            server.ehlo_or_helo_if_needed()
        elif self._post.must_encrypt:
            raise smtplib.SMTPNotSupportedError("it does not offer STARTTLS, and nothing is sent unencrypted")

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._post.user:
            server.login(self._post.user, self._post.password.reveal())

    def _hand_over(self, message: EmailMessage, meanwhile: Callable[[], None]) -> NotTaken | None:
        """Return why the server did not take the message; None where it did."""
        server = self._server or self.open()
        self._carried += 1
        try:
            hand_over(server, message, sender=self._post.bounces, meanwhile=meanwhile)
        except NotTaken as answer:
            return answer
        return None

    @staticmethod
    def _setback(answer: NotTaken) -> Setback:
        if answer.code == CLOSING or answer.code < _LEAST_CODE:
            return Setback.RECONNECT
        if answer.code in _NOT_NOW:
            return Setback.RETRY
        if answer.step is Step.SENDER or answer.code in _LOGIN_WANTED:
            return Setback.PAUSE
        return Setback.REFUSED

    def _refusal(self, answer: NotTaken) -> PostError:
        """Leave the talk ready for the next mail, and return what the refusal means."""
        if answer.is_over:
            self._drop()
        else:
            self._begin_anew()
        said = self._shown(answer.said)
        if not answer.code:
            said = f"The mail server broke off: {said}"
        return PostError(self._setback(answer), said, max(answer.code, 0))

    def _begin_anew(self) -> None:
        if self._server is None:
            return
        try:
            self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _why_not_open(self, error: Exception) -> PostError:
        where = f"{self._post.host}:{self._post.port}"
        if isinstance(error, smtplib.SMTPResponseException):
            setback = Setback.AWAY if error.smtp_code in _NOT_NOW else Setback.PAUSE
            return PostError(setback, self._shown(error.smtp_error), max(error.smtp_code, 0))
        if isinstance(error, smtplib.SMTPServerDisconnected | ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return PostError(Setback.AWAY, f"The mail server {where} broke off: {self._shown(str(error))}")
        if isinstance(error, ssl.SSLError | smtplib.SMTPException | UnicodeError):
            reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
            return PostError(
                Setback.PAUSE, f"The mail server {where} cannot be used ({_SETTING}): {self._shown(reason)}."
            )
        reason = getattr(error, "strerror", None) or "no answer"
        return PostError(Setback.AWAY, f"The mail server {where} cannot be reached: {self._shown(reason)}.")

    def _shown(self, said: bytes | str) -> str:
        return answer_of(said, hide=self._post.password.reveal())
