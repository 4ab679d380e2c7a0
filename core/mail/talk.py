"""One mail in the words of SMTP: sender, recipient, text (RFC 5321), and what the server says to each.

A server that offers it hears the first three commands in one go (RFC 2920): two waits for an answer instead of four,
which halves the time of a mail to a distant server. One that offers delivery reports (RFC 3461) is asked to report
failures only, with the headers alone and the number of our row, so that no report carries a link about.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Sequence
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum

from core.mail.rendering import KIND_HEADER
from core.mail.stencil import Written

CLOSING = 421
_TAKEN = range(200, 300)
_GO_AHEAD = 354
_END = b".\r\n"
_LEADING_DOT = re.compile(rb"(?m)^\.")
_ROW = re.compile(rb"^%b: (\d+)" % KIND_HEADER.encode(), re.MULTILINE)


class Step(Enum):
    """What the server is asked, in order."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    TEXT = "the text"


_INTRODUCTION = (Step.SENDER, Step.RECIPIENT, Step.DATA)


class NotTaken(Exception):  # noqa: N818 - what happened, not a mistake
    """The server did not take the mail, or nobody knows whether it did.

    Attributes:
        step: which step it answered so. code: its number, 0 where it broke off. said: its words, or the reason.
        is_over: nothing more can be said on this connection.
    """

    def __init__(self, step: Step, code: int, said: bytes | str) -> None:
        """Note the answer."""
        super().__init__(step, code, said)
        self.step, self.code, self.said = step, code, said
        self.is_over = code == CLOSING or code < min(_TAKEN)  # smtplib writes -1 for an answer it cannot read


def hand_over(
    server: smtplib.SMTP, message: EmailMessage, *, sender: str | None, meanwhile: Callable[[], None]
) -> None:
    """Hand over one mail.

    Args:
        server: connected and greeted.
        message: with one sender and one recipient.
        sender: where failures are to be reported, None for who the mail is from.
        meanwhile: done while the server reads the text.

    Raises:
        NotTaken: at any step; after one that is not over, RSET makes the connection ready for the next mail.
    """
    content = message.as_bytes(policy=SMTP)
    own_sender, to = _envelope_of(message)
    commands = _commands(server, sender or own_sender, to, content)
    if server.has_extn("pipelining"):
        _ask_at_once(server, commands)
    else:
        for step, command in zip(_INTRODUCTION, commands, strict=True):
            _say(server, step, command)
            _expect_yes(server, step)
    if b"\n." in content:
        content = _LEADING_DOT.sub(b"..", content)
    _say(server, Step.TEXT, content + _END)
    meanwhile()
    _expect_yes(server, Step.TEXT)


def _commands(server: smtplib.SMTP, sender: str, to: str, content: bytes) -> tuple[bytes, ...]:
    about_sender, about_recipient = list[str](), list[str]()
    if server.has_extn("size"):
        about_sender.append(f" SIZE={len(content)}")
    if server.has_extn("dsn"):
        about_sender.append(" RET=HDRS")
        about_recipient.append(" NOTIFY=FAILURE")
        if row := _ROW.search(content):
            about_sender.append(f" ENVID={row[1].decode()}")
    lines = (
        f"MAIL FROM:<{sender}>{''.join(about_sender)}",
        f"RCPT TO:<{to}>{''.join(about_recipient)}",
        Step.DATA.value,
    )
    if any(not line.isprintable() for line in lines):
        raise ValueError("an address holds a line break")
    return tuple(f"{line}\r\n".encode("ascii") for line in lines)


def _ask_at_once(server: smtplib.SMTP, commands: Sequence[bytes]) -> None:
    """Say all commands, then read all answers; the first that is not yes counts."""
    _say(server, Step.SENDER, b"".join(commands))
    refused: NotTaken | None = None
    for step in _INTRODUCTION:
        try:
            _expect_yes(server, step)
        except NotTaken as answer:
            refused = refused or answer
            if answer.is_over:
                refused.is_over = True
                break
        else:
            # A server that waits for a text of nobody's: only hanging up says for sure that none comes.
            if refused is not None and step is Step.DATA:
                refused.is_over = True
    if refused is not None:
        raise refused


def _say(server: smtplib.SMTP, step: Step, words: bytes) -> None:
    try:
        server.send(words)
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(step, 0, str(error)) from None


def _expect_yes(server: smtplib.SMTP, step: Step) -> None:
    try:
        code, said = server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(step, 0, str(error)) from None
    if code != _GO_AHEAD if step is Step.DATA else code not in _TAKEN:
        raise NotTaken(step, code, said)


def _envelope_of(message: EmailMessage) -> tuple[str, str]:
    """Return sender and recipient as the server is told."""
    if isinstance(message, Written):
        return message.envelope
    return _only_address(message, "From"), _only_address(message, "To")


def _only_address(message: EmailMessage, header: str) -> str:
    """Return the one address in a header."""
    found = message[header]
    if not isinstance(found, AddressHeader) or len(found.addresses) != 1:
        raise ValueError(f"a mail needs exactly one address in {header}")
    return str(found.addresses[0].addr_spec)
