"""What the mails say, once for both parts: text and HTML are made from the same paragraphs, so their facts agree.

Sentences are whole, so that a catalog can translate each: a language brings `translate` and its way to write a moment.
No name that somebody typed into a form is in them, only the company's: a mail of ours cannot be made to advertise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.errors import PostError, Setback
from core.values import Secret

INVITATION, ACCOUNT_READY, TEST = "invitation", "account_ready", "test"

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _english_moment(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{_WEEKDAYS[at.weekday()]}, {at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language that mails are written in.

    Attributes:
        code: for Content-Language and `lang`.
        direction: `ltr` or `rtl`.
        translate: the English sentence, placeholders in braces, to the one of this language.
        moment: writes weekday, date, time and zone.
    """

    code: str
    direction: str
    translate: Callable[[str], str]
    moment: Callable[[datetime], str]

    def say(self, sentence: str, /, **facts: str) -> str:
        """Return `sentence` in this language, filled in."""
        return self.translate(sentence).format(**facts)


ENGLISH = Tongue("en", "ltr", str, _english_moment)
TONGUES: Mapping[str, Tongue] = {ENGLISH.code: ENGLISH}


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
    """

    company: str
    sender: str
    helpdesk: str
    color: str
    host: str
    sign_in_url: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to write.

    Attributes:
        id: of its row in the outbox; with `created_at` it makes the Message-ID.
        to: the address as typed.
        link, expires_at: of the invitation, for that kind alone.
    """

    id: int
    kind: str
    to: str
    language: str
    created_at: datetime
    link: Secret | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; `faint` ones are smaller print."""

    text: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link with the words that say where it leads; in the text part alone on its line."""

    label: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as sentences."""

    subject: str
    blocks: tuple[Paragraph | Link, ...]


def letter_for(mail: Mail, head: Letterhead) -> tuple[Tongue, Letter]:
    """Return what `mail` says and in which language: its own where we speak it, else English.

    Raises:
        PostError: a kind this version does not know, or an invitation without its link.
    """
    tongue = TONGUES.get(mail.language, ENGLISH)
    if mail.kind == INVITATION and mail.link is not None and mail.expires_at is not None:
        return tongue, _invitation(tongue, head, mail.to, (mail.link, mail.expires_at))
    if mail.kind == ACCOUNT_READY:
        return tongue, _account_ready(tongue, head, mail)
    if mail.kind == TEST:
        return tongue, _test(tongue, head, mail)
    raise PostError(
        Setback.REFUSED, f"This program cannot write a mail of the kind “{mail.kind}”. Install the newer one."
    )


def _invitation(tongue: Tongue, head: Letterhead, to: str, offer: tuple[Secret, datetime]) -> Letter:
    say, company = tongue.say, head.company
    link, expires_at = offer
    return Letter(
        say("{company} invites you to its learning platform", company=company),
        (
            Paragraph(say("Hello,")),
            Paragraph(
                say(
                    "You get this mail because an administrator of {company} has invited {address} to its learning platform."
                    " Open the link, enter your name and choose a password: your account is then ready at once.",
                    company=company,
                    address=to,
                )
            ),
            Link(say("Create your account"), link.reveal()),
            Paragraph(
                say(
                    "The link is valid until {moment}. It works exactly once.",
                    moment=tongue.moment(expires_at),
                )
            ),
            Paragraph(
                say(
                    "It is meant for you alone: do not forward this mail, since whoever has the link can use it."
                )
            ),
            Paragraph(_new_link(tongue, head)),
            Paragraph(
                say("You did not expect this mail? Then ignore it: without you no account is created."),
                faint=True,
            ),
        ),
    )


def _new_link(tongue: Tongue, head: Letterhead) -> str:
    if head.helpdesk:
        return tongue.say(
            "The link has expired or does not work? Ask the person who invited you, or write to {helpdesk}, for a new one.",
            helpdesk=head.helpdesk,
        )
    return tongue.say(
        "The link has expired or does not work? Ask the person who invited you, or another administrator of {company},"
        " for a new one.",
        company=head.company,
    )


def _account_ready(tongue: Tongue, head: Letterhead, mail: Mail) -> Letter:
    say, company = tongue.say, head.company
    created = say(
        "You get this mail because an account for {address} was created on the learning platform of {company} on {moment}.",
        address=mail.to,
        company=company,
        moment=tongue.moment(mail.created_at),
    )
    how = say("Sign in with this address and the password that you chose.")
    where = (Link(say("Sign in"), head.sign_in_url),) if head.sign_in_url else ()
    if head.helpdesk:
        stranger = say("That was not you? Then write to {helpdesk} at once.", helpdesk=head.helpdesk)
    else:
        stranger = say("That was not you? Then tell an administrator of {company} at once.", company=company)
    return Letter(
        say("Your account on the learning platform of {company} is ready", company=company),
        (Paragraph(say("Hello,")), Paragraph(created), Paragraph(how), *where, Paragraph(stranger)),
    )


def _test(tongue: Tongue, head: Letterhead, mail: Mail) -> Letter:
    say = tongue.say
    return Letter(
        say("Test mail of the learning platform of {company}", company=head.company),
        (
            Paragraph(
                say(
                    "You get this mail because an administrator of {company} sent a test to {address} on {moment}.",
                    company=head.company,
                    address=mail.to,
                    moment=tongue.moment(mail.created_at),
                )
            ),
            Paragraph(say("It arrived, so mails are delivered. There is nothing to do.")),
        ),
    )
