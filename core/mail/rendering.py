"""From sentences to a message: headers, a text part and an HTML part of the same facts.

Building a message costs some milliseconds, three times the sending. So a `Writer` builds one of each shape and run and
then fills in the person's parts (`core.mail.stencil`): a twentieth of a millisecond, the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from core.errors import InvalidAddress, Misconfigured, PostError, Setback
from core.mail.blocks import Draft, encoded_html_of, encoded_text_of, html_of, text_of
from core.mail.colors import in_house_color
from core.mail.hosts import a_label, mail_host
from core.mail.letters import letter_for, tongue_for
from core.mail.parts import INVITATION, Letter, Letterhead, Mail
from core.mail.plain import ENCODED_WORD, in_header, one_line, without_isolates
from core.mail.stencil import (
    BOUNDARY,
    DATE,
    HTML,
    KIND,
    MESSAGE_ID,
    TEXT,
    TO,
    Facts,
    Stencil,
    Written,
    cut,
    encoded,
    is_plain,
)
from core.settings import Settings
from core.tongues import Tongue
from core.values import Address, Secret

KIND_HEADER = "X-Academy-Mail"
_BLOCKS = "$blocks"
_LONGEST_HEADER_LINE = 76
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]+')
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SENDER = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[a-z0-9.:]+\])")


def letterhead_of(
    settings: Settings, *, company: str, helpdesk: str, color: str, language: str = ""
) -> Letterhead:
    """Return the letterhead of a company on this host.

    Args:
        settings: of the host.
        company: its name.
        helpdesk: its own address; one that cannot be written to is left out.
        color: the house color, or empty.
        language: of mails to whoever has not chosen one.

    Raises:
        Misconfigured: ACADEMY_MAIL_FROM cannot stand in a mail.
    """
    return Letterhead(
        company=in_header(company),
        sender=_sender(settings.mail_from),
        helpdesk=_helpdesk(helpdesk),
        color=color,
        host=mail_host(settings.public_url),
        sign_in_url=settings.sign_in_url,
        language=language,
    )


def _sender(mail_from: str) -> str:
    local, _, domain = mail_from.rpartition("@")
    try:
        sender = f"{local}@{a_label(domain)}"
    except InvalidAddress:
        sender = ""
    if not _SENDER.fullmatch(sender):
        raise Misconfigured(
            "ACADEMY_MAIL_FROM",
            f"“{mail_from}” cannot be the sender of a mail. Set an address such as academy@example.com.",
        )
    return sender


def _helpdesk(text: str) -> str:
    try:
        return Address.parse(text).ascii if text else ""
    except InvalidAddress:  # a company can exist without it; the mails then name people instead
        return ""


class Writer:
    """Writes the mails of one run."""

    def __init__(self, head: Letterhead, *, speak: Callable[[Mail, Letterhead], Tongue] = tongue_for) -> None:
        """Work out what is the same for everybody; `speak` says which language a mail is in."""
        self._head = head
        self._speak = speak
        self._from = _from(head)
        self._layout = Template(_layout().safe_substitute(_colors(head.color)))
        self._stencils: dict[tuple[str, str, str, int], Stencil | None] = {}
        self._frame = lru_cache(maxsize=16)(self._encoded_frame)
        self._draft = lru_cache(maxsize=16)(self._new_draft)
        self._expiry: datetime | None = None

    def write(self, mail: Mail, *, now: datetime) -> EmailMessage:
        """Return the message; written again it differs in its date alone, so that a duplicate is seen to be one.

        Raises:
            PostError: it cannot be written; sending it later would not help.
        """
        to = _recipient(mail.to)
        if not is_plain(to):
            return self.build(mail, now=now)
        tongue = self._speak(mail, self._head)
        message_id = self._message_id(mail)
        subject, text, html = self._said(tongue, mail)
        before, after = self._frame(tongue, subject)
        facts: Facts = {
            TO: to.encode(),
            DATE: _date(now.replace(microsecond=0)),
            MESSAGE_ID: message_id.encode(),
            KIND: _kind(mail).encode(),
            BOUNDARY: _boundary(message_id).encode(),
            TEXT: text,
            HTML: before + html + after,
        }
        # Whether a header is folded depends on its length; nothing else of a plain mail's headers varies in length.
        shape = (mail.kind, tongue.code, subject, len(message_id))
        if shape not in self._stencils:
            self._stencils[shape] = cut(self.build(mail, now=now).as_bytes(policy=SMTP), facts)
        stencil = self._stencils[shape]
        if stencil is None:
            return self.build(mail, now=now)
        return Written(stencil.filled(facts), (self._head.sender, to))

    def _said(self, tongue: Tongue, mail: Mail) -> tuple[str, bytes, bytes]:
        """Return the subject and what both parts say; a draft is worth its making where the next mails fit it, too."""
        if mail.kind == INVITATION and mail.link and mail.expires_at:
            to, url, was_so, self._expiry = mail.to, mail.link.reveal(), self._expiry, mail.expires_at
            if mail.expires_at == was_so and Draft.takes(to, url):
                draft = self._draft(tongue, mail.expires_at)
                return draft.subject, *draft.filled(to, url)
        letter = letter_for(tongue, self._head, mail)
        return letter.subject, encoded_text_of(letter), encoded_html_of(letter)

    def _new_draft(self, tongue: Tongue, expires_at: datetime) -> Draft:
        def write(to: str, url: str) -> Letter:
            mail = Mail(0, INVITATION, to, "", expires_at, Secret(url), expires_at)
            return letter_for(tongue, self._head, mail)

        return Draft(write)

    def build(self, mail: Mail, *, now: datetime) -> EmailMessage:
        """Return the same message from the hands of the standard library.

        Raises:
            PostError: as `write`.
        """
        tongue = self._speak(mail, self._head)
        letter = letter_for(tongue, self._head, mail)
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = _header(_recipient(mail.to))
        if self._head.helpdesk:
            message["Reply-To"] = _header(self._head.helpdesk)
        _add_subject(message, without_isolates(letter.subject))
        message["Date"] = format_datetime(now)
        message["Message-ID"] = self._message_id(mail)
        message["Auto-Submitted"] = "auto-generated"
        message[KIND_HEADER] = _kind(mail)
        # quoted-printable: short texts would be sent as 8bit, which not every server takes.
        message.set_content(text_of(letter), charset="utf-8", cte="quoted-printable")
        message.add_alternative(
            self._html(tongue, letter), subtype="html", charset="utf-8", cte="quoted-printable"
        )
        message["Content-Language"] = tongue.code  # last: a part that is added takes such headers along
        message.set_boundary(_boundary(self._message_id(mail)))
        return message

    def _message_id(self, mail: Mail) -> str:
        return f"<{mail.kind}.{mail.id}.{_digits(mail.created_at)}@{self._head.host}>"

    def _html(self, tongue: Tongue, letter: Letter) -> str:
        before, after = self._page(tongue, letter.subject)
        return before + html_of(letter) + after

    def _page(self, tongue: Tongue, subject: str) -> tuple[str, str]:
        """Return the page before and after its blocks."""
        page = self._layout.safe_substitute(
            lang=tongue.code,
            dir=tongue.direction,
            title=escape(without_isolates(subject)),
            subject=escape(subject),
            company=escape(self._head.company),
        )
        before, _, after = page.rpartition(_BLOCKS)
        return before, after

    def _encoded_frame(self, tongue: Tongue, subject: str) -> tuple[bytes, bytes]:
        before, after = self._page(tongue, subject)
        return encoded(before), encoded(after.removeprefix("\n").rstrip("\n") + "\n")


def _layout() -> Template:
    return Template((files("core.mail") / "layout.html").read_text("utf-8"))


def _colors(house: str) -> dict[str, str]:
    by_day, by_night = in_house_color(house)
    return asdict(by_day) | {f"dark_{name}": color for name, color in asdict(by_night).items()}


def _header(addr_spec: str, name: str = "") -> HeaderAddress:
    """Return an address for a header; the standard library's parser, which fails in many ways, is left out."""
    local, _, domain = addr_spec.rpartition("@")
    return HeaderAddress(name, local, domain)


def _from(head: Letterhead) -> HeaderAddress:
    """Return the sender with the company's name.

    Folding a long quoted name loses its quotes (Python 3.11), so that a comma in it would make two senders: a name
    too long for the line goes without such marks.
    """
    address = _header(head.sender, head.company)
    if len(f"From: {address}") <= _LONGEST_HEADER_LINE:
        return address
    return _header(head.sender, " ".join(_SPECIALS.sub(" ", head.company).split()))


def _add_subject(message: EmailMessage, text: str) -> None:
    """Add the subject: as it is where that fits on one line of ASCII, else all of it encoded.

    Folded by the standard library (Python 3.11) it would begin on the second line, or get a blank in its middle.
    """
    if text.isascii() and len(f"Subject: {text}") <= _LONGEST_HEADER_LINE:
        message["Subject"] = text
    else:
        message.set_raw("Subject", Header(text, "utf-8", _LONGEST_HEADER_LINE, "Subject").encode())


def _recipient(typed: str) -> str:
    """Return the address for the header; one that holds an encoded word would be read as whatever that hides."""
    try:
        address = Address.parse(typed).ascii
    except InvalidAddress:
        address = ""
    if not address or ENCODED_WORD in address:
        raise PostError(Setback.REFUSED, f"No mail can be written to “{one_line(typed)}”.")
    return address


def _kind(mail: Mail) -> str:
    return f"{mail.id} {mail.kind}"


@lru_cache(maxsize=16)
def _digits(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S%f}"


@lru_cache(maxsize=4)
def _date(second: datetime) -> bytes:
    return format_datetime(second).encode()


def _boundary(message_id: str) -> str:
    return sha256(message_id.encode()).hexdigest()[:32]
