"""From sentences to a message: headers, a text part and an HTML part of the same facts.

Building a message costs some milliseconds, three times the sending. So a `Writer` builds one of each shape and run and
then fills in the person's parts (`core.mail.stencil`): a twentieth of a millisecond, the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
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
from core.mail.colors import DARK, in_house_color
from core.mail.hosts import a_label, mail_host
from core.mail.letters import letter_for
from core.mail.parts import Letter, Letterhead, Link, Mail, Paragraph
from core.mail.plain import ENCODED_WORD, in_header, one_line
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
from core.values import Address

KIND_HEADER = "X-Academy-Mail"
_LINE = 72
_BLOCKS = "$blocks"
_LONGEST_HEADER_LINE = 76
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]+')
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SENDER = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[a-z0-9.:]+\])")


def letterhead_of(settings: Settings, *, company: str, helpdesk: str, color: str) -> Letterhead:
    """Return the letterhead of a company on this host.

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

    def __init__(self, head: Letterhead) -> None:
        """Work out what is the same for everybody."""
        self._head = head
        self._from = _from(head)
        colors = asdict(in_house_color(head.color)) | {
            f"dark_{name}": color for name, color in asdict(DARK).items()
        }
        self._layout = Template(_layout().safe_substitute(colors))
        self._stencils: dict[tuple[str, str, str, int], Stencil | None] = {}
        self._frame = lru_cache(maxsize=16)(self._encoded_frame)

    def write(self, mail: Mail, *, now: datetime) -> EmailMessage:
        """Return the message; written again it differs in its date alone, so that a duplicate is seen to be one.

        Raises:
            PostError: it cannot be written; sending it later would not help.
        """
        to = _recipient(mail.to)
        if not is_plain(to):
            return self.build(mail, now=now)
        tongue, letter = letter_for(mail, self._head)
        message_id = self._message_id(mail)
        before, after = self._frame(tongue, letter.subject)
        facts: Facts = {
            TO: to.encode(),
            DATE: format_datetime(now).encode(),
            MESSAGE_ID: message_id.encode(),
            KIND: _kind(mail).encode(),
            BOUNDARY: _boundary(message_id).encode(),
            TEXT: b"\r\n".join(map(_encoded_text, letter.blocks)),
            HTML: before + b"".join(map(_encoded_html, letter.blocks)) + after,
        }
        # Whether a header is folded depends on its length; nothing else of a plain mail's headers varies in length.
        shape = (mail.kind, tongue.code, letter.subject, len(message_id))
        if shape not in self._stencils:
            self._stencils[shape] = cut(self.build(mail, now=now).as_bytes(policy=SMTP), facts)
        stencil = self._stencils[shape]
        if stencil is None:
            return self.build(mail, now=now)
        return Written(stencil.filled(facts), (self._head.sender, to))

    def build(self, mail: Mail, *, now: datetime) -> EmailMessage:
        """Return the same message from the hands of the standard library.

        Raises:
            PostError: as `write`.
        """
        tongue, letter = letter_for(mail, self._head)
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = _header(_recipient(mail.to))
        if self._head.helpdesk:
            message["Reply-To"] = _header(self._head.helpdesk)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = self._message_id(mail)
        message["Auto-Submitted"] = "auto-generated"
        message[KIND_HEADER] = _kind(mail)
        # quoted-printable: short texts would be sent as 8bit, which not every server takes.
        message.set_content(_text(letter), charset="utf-8", cte="quoted-printable")
        message.add_alternative(
            self._html(tongue, letter), subtype="html", charset="utf-8", cte="quoted-printable"
        )
        message["Content-Language"] = tongue.code  # last: a part that is added takes such headers along
        message.set_boundary(_boundary(self._message_id(mail)))
        return message

    def _message_id(self, mail: Mail) -> str:
        return f"<{mail.kind}.{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}@{self._head.host}>"

    def _html(self, tongue: Tongue, letter: Letter) -> str:
        before, after = self._page(tongue, letter.subject)
        return before + "\n".join(map(_html_block, letter.blocks)) + after

    def _page(self, tongue: Tongue, subject: str) -> tuple[str, str]:
        """Return the page before and after its blocks."""
        page = self._layout.safe_substitute(lang=tongue.code, dir=tongue.direction, subject=escape(subject))
        before, _, after = page.rpartition(_BLOCKS)
        return before, after

    def _encoded_frame(self, tongue: Tongue, subject: str) -> tuple[bytes, bytes]:
        before, after = self._page(tongue, subject)
        return encoded(before), encoded(after.removeprefix("\n").rstrip("\n") + "\n")


def _layout() -> Template:
    return Template((files("core.mail") / "layout.html").read_text("utf-8"))


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


def _boundary(message_id: str) -> str:
    return sha256(message_id.encode()).hexdigest()[:32]


def _text(letter: Letter) -> str:
    return "\n\n".join(_text_block(block) for block in letter.blocks) + "\n"


def _text_block(block: Paragraph | Link) -> str:
    return f"{block.label}:\n{block.url}" if isinstance(block, Link) else wrapped(block.text)


def wrapped(text: str) -> str:
    """Return `text` on lines of 72 characters at most, words left whole; what `textwrap.fill` does, ten times as fast."""
    lines, line = list[str](), ""
    for word in text.split(" "):
        if not line:
            line = word
        elif len(line) + len(word) < _LINE:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = word
    return "\n".join((*lines, line))


def _encoded_text(block: Paragraph | Link) -> bytes:
    return encoded(f"{_text_block(block)}\n") if isinstance(block, Link) else _paragraph_text(block)


def _encoded_html(block: Paragraph | Link) -> bytes:
    return encoded(f"{_html_block(block)}\n") if isinstance(block, Link) else _paragraph_html(block)


# Paragraphs only: most say the same to everybody. A link is never kept.
@lru_cache(maxsize=64)
def _paragraph_text(block: Paragraph) -> bytes:
    return encoded(f"{_text_block(block)}\n")


@lru_cache(maxsize=64)
def _paragraph_html(block: Paragraph) -> bytes:
    return encoded(f"{_html_block(block)}\n")


def _html_block(block: Paragraph | Link) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="faint">{escape(block.text)}</p>' if block.faint else f"<p>{escape(block.text)}</p>"
    url = escape(block.url)
    return (
        f'<p><a class="button" href="{url}">{escape(block.label)}</a></p>\n'
        f'<p class="faint">{escape(block.label)}: <a href="{url}">{url}</a></p>'
    )
