"""Mails to read before anybody gets one: written as the sender writes them, about made-up people and licenses.

Letterhead, language, color and the way a link looks are this company's and this host's; the link opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy import select

from core.errors import Invalid
from core.mail.parts import (
    ACCOUNT_READY,
    CAP_NEAR,
    INVITATION,
    LICENSE_EXPIRING,
    SEAT_GRANTED,
    SEATS_USED,
    TEST,
    Mail,
    Opened,
    Warned,
)
from core.mail.rendering import Writer, letterhead_of
from core.models import Company
from core.registration import language_named
from core.roles import Permission
from core.settings import Settings
from core.values import Secret
from core.work import Look

KINDS = (INVITATION, ACCOUNT_READY, SEAT_GRANTED, LICENSE_EXPIRING, SEATS_USED, CAP_NEAR, TEST)
READER = "someone@example.com"
NO_TOKEN = "THIS-LINK-IS-AN-EXAMPLE-AND-IT-OPENS-NOTHING"  # noqa: S105 - as long as a token, and none
_LICENSE, _OTHER_LICENSE = "Premium Sales", "Basics"
_DAYS_LEFT, _PERCENT = 7, 90
_USED, _SEATS = 46, 50
_PLACES = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as its reader gets it.

    Attributes:
        language: the one that it is written in.
        sender, to, reply_to: headers; `reply_to` is empty where the company has no address of its own.
        text, html: the two parts.
        raw: every byte of it.
    """

    kind: str
    language: str
    sender: str
    to: str
    reply_to: str
    subject: str
    text: str
    html: str
    raw: bytes

    def headers(self) -> tuple[str, ...]:
        """Return what a mail program shows above the text, a line each; only what there is."""
        told = (
            ("Subject", self.subject),
            ("From", self.sender),
            ("To", self.to),
            ("Reply-To", self.reply_to),
        )
        return tuple(f"{name}: {value}" for name, value in told if value)

    def to_json(self) -> dict[str, str]:
        """Return it for scripts."""
        return {
            "kind": self.kind,
            "language": self.language,
            "from": self.sender,
            "to": self.to,
            "reply_to": self.reply_to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
        }


def preview(look: Look, settings: Settings, kind: str, *, language: str = "") -> Preview:
    """Return the mail of a kind as it would leave now.

    Args:
        look: the open transaction.
        settings: of this host.
        kind: one of `KINDS`.
        language: a code of `LANGUAGES`; empty for the company's.

    Raises:
        Invalid: `kind` or `language`. Misconfigured: the sender address.
    """
    look.require(Permission.MANAGE_MAIL)
    if kind not in KINDS:
        raise Invalid({"kind": f"There is no mail called {kind}. There is: {', '.join(KINDS)}."})
    columns = (Company.name, Company.email, Company.color, Company.language)
    company = look.db.execute(select(*columns, Company.link_days, Company.user_cap)).one()
    head = letterhead_of(
        settings,
        company=company.name,
        helpdesk=company.email,
        color=company.color,
        language=company.language,
    )
    mail = example(kind, look.now, public_url=settings.public_url, days=company.link_days)
    if mail.warned is not None and kind == CAP_NEAR and company.user_cap:
        used = -(-company.user_cap * _PERCENT // 100)
        mail = replace(mail, warned=replace(mail.warned, used=used, total=company.user_cap))
    return read(kind, Writer(head).write(replace(mail, language=language_named(language)), now=look.now))


def example(kind: str, now: datetime, *, public_url: str, days: int = 7) -> Mail:
    """Return a mail about made-up facts; `days` is how long its link would live."""
    mail = Mail(1, kind, READER, "", now)
    today = now.date()
    ends = today + timedelta(days=_DAYS_LEFT)
    if kind == INVITATION:
        link = Secret(f"{public_url}/i/{NO_TOKEN}")
        return replace(mail, link=link, expires_at=now + timedelta(days=days))
    if kind == SEAT_GRANTED:
        courses = ("First meeting", "Closing a deal")
        bought = Opened(_LICENSE, today + timedelta(days=365), courses, ("From lead to deal",))
        return replace(mail, opened=(bought, Opened(_OTHER_LICENSE)))
    if kind == LICENSE_EXPIRING:
        return replace(mail, warned=Warned(_LICENSE, _DAYS_LEFT, _USED, _SEATS, ends))
    if kind == SEATS_USED:
        return replace(mail, warned=Warned(_LICENSE, _PERCENT, _USED, _SEATS))
    if kind == CAP_NEAR:
        return replace(mail, warned=Warned("", _PERCENT, _PLACES * _PERCENT // 100, _PLACES))
    return mail


def read(kind: str, message: EmailMessage) -> Preview:
    """Return what a written mail holds, as a mail program reads it."""
    return Preview(
        kind=kind,
        language=str(message["Content-Language"]),
        sender=str(message["From"]),
        to=str(message["To"]),
        reply_to=str(message["Reply-To"] or ""),
        subject=str(message["Subject"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        raw=message.as_bytes(policy=SMTP),
    )


def _part(message: EmailMessage, which: str) -> str:
    part = message.get_body((which,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
