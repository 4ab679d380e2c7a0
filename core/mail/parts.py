"""What mails are made of: a letterhead, and a letter as sentences and links.

Sentences are whole, so that a catalog can translate each (`core.tongues`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from core.values import Secret

INVITATION, ACCOUNT_READY, TEST = "invitation", "account_ready", "test"
SEAT_GRANTED = "seat_granted"
LICENSE_EXPIRING, SEATS_USED, CAP_NEAR = "license_expiring", "seats_used", "cap_near"
NOTICES = (LICENSE_EXPIRING, SEATS_USED, CAP_NEAR)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of a company share.

    Attributes:
        company: its name, on one line.
        sender: the From address, in ASCII.
        helpdesk: the company's own address, in ASCII; empty where none is set.
        color: the house color `#rrggbb`, or empty.
        host: right-hand side of Message-IDs.
        sign_in_url: where people sign in, or None.
        language: of mails to whoever has not chosen one; empty for English.
    """

    company: str
    sender: str
    helpdesk: str
    color: str
    host: str
    sign_in_url: str | None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A license that somebody holds a seat of.

    Attributes:
        until: the last day on which it gives access; None without an end.
        courses, paths: the names of what it includes.
    """

    license: str
    until: date | None = None
    courses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """What Company Admins are warned of.

    Attributes:
        license: its name; empty where it is about the company.
        threshold: days left, 0 where it has expired; or percent used.
        used, total: seats, or places for users.
        until: the last day on which the license gives access.
    """

    license: str
    threshold: int
    used: int
    total: int
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to write.

    Attributes:
        id: of its row in the outbox; with `created_at` it makes the Message-ID.
        to: the address as typed.
        language: that of its reader; empty for the company's.
        link, expires_at: of the invitation, for that kind alone.
        opened: what somebody was granted, likewise.
        warned: what a notice is about, likewise.
    """

    id: int
    kind: str
    to: str
    language: str
    created_at: datetime
    link: Secret | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    opened: tuple[Opened, ...] = ()
    warned: Warned | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; `faint` ones are smaller print."""

    text: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link; in the text part alone on its line.

    Attributes:
        label: the words that say where it leads.
        told: what stands before the address itself.
    """

    label: str
    told: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as sentences."""

    subject: str
    blocks: tuple[Paragraph | Link, ...]
