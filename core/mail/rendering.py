"""From sentences to a message: headers, a text part and an HTML part of the same facts.

Building a message costs some milliseconds, more than sending it; everything that does not depend on the person is
worked out once per run (`Writer`), which is where a faster way would go.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import asdict
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template

from core.errors import InvalidAddress, Misconfigured, PostError, Setback
from core.mail.colors import DARK, in_house_color
from core.mail.hosts import a_label, mail_host
from core.mail.letters import Letter, Letterhead, Link, Mail, Paragraph, Tongue, letter_for
from core.mail.plain import one_line
from core.settings import Settings
from core.values import Address

KIND_HEADER = "X-Academy-Mail"
_LINE = 72
_LONGEST_HEADER_LINE = 76
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]+')
_ENCODED_WORD = "=?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SENDER = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[a-z0-9.:]+\])")


def letterhead_of(settings: Settings, *, company: str, helpdesk: str, color: str) -> Letterhead:
    """Return the letterhead of a company on this host.

    Raises:
        Misconfigured: ACADEMY_MAIL_FROM cannot stand in a mail.
    """
    return Letterhead(
        # An encoded word in the name would be decoded by readers into whatever it hides.
        company=one_line(company).replace(_ENCODED_WORD, "= ?"),
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

    def write(self, mail: Mail, *, now: datetime) -> EmailMessage:
        """Return the message; written again it differs in its date alone, so that a duplicate is seen to be one.

        Raises:
            PostError: it cannot be written; sending it later would not help.
        """
        tongue, letter = letter_for(mail, self._head)
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = _to(mail.to)
        if self._head.helpdesk:
            message["Reply-To"] = _header(self._head.helpdesk)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail.kind}.{mail.id}.{mail.created_at:%Y%m%d%H%M%S%f}@{self._head.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message[KIND_HEADER] = f"{mail.id} {mail.kind}"
        # quoted-printable: short texts would be sent as 8bit, which not every server takes.
        message.set_content(_text(letter), charset="utf-8", cte="quoted-printable")
        message.add_alternative(
            self._html(tongue, letter), subtype="html", charset="utf-8", cte="quoted-printable"
        )
        message["Content-Language"] = tongue.code  # last: a part that is added takes such headers along
        message.set_boundary(sha256(message["Message-ID"].encode()).hexdigest()[:32])
        return message

    def _html(self, tongue: Tongue, letter: Letter) -> str:
        return self._layout.substitute(
            lang=tongue.code,
            dir=tongue.direction,
            subject=escape(letter.subject),
            blocks="\n".join(_html_block(block) for block in letter.blocks),
        )


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


def _to(typed: str) -> HeaderAddress:
    try:
        return _header(Address.parse(typed).ascii)
    except InvalidAddress:
        raise PostError(Setback.REFUSED, f"No mail can be written to “{one_line(typed)}”.") from None


def _text(letter: Letter) -> str:
    return "\n\n".join(_text_block(block) for block in letter.blocks) + "\n"


def _text_block(block: Paragraph | Link) -> str:
    if isinstance(block, Link):
        return f"{block.label}:\n{block.url}"
    return textwrap.fill(block.text, _LINE, break_long_words=False, break_on_hyphens=False)


def _html_block(block: Paragraph | Link) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="faint">{escape(block.text)}</p>' if block.faint else f"<p>{escape(block.text)}</p>"
    url = escape(block.url)
    return (
        f'<p><a class="button" href="{url}">{escape(block.label)}</a></p>\n'
        f'<p class="faint">{escape(block.label)}: <a href="{url}">{url}</a></p>'
    )
