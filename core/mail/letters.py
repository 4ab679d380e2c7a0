"""What the mails say, once for both parts: text and HTML are made from the same paragraphs, so their facts agree.

No name that somebody typed into a form is in them, only the company's and what the operator calls licenses and courses:
a mail of ours cannot be made to advertise.
"""

from __future__ import annotations

from datetime import datetime

from core.errors import PostError, Setback
from core.mail.parts import (
    ACCOUNT_READY,
    INVITATION,
    NOTICES,
    SEAT_GRANTED,
    TEST,
    Letter,
    Letterhead,
    Link,
    Mail,
    Paragraph,
)
from core.mail.seat_letters import notice, seat_granted, sign_in
from core.tongues import Tongue, offered, tongue_of
from core.values import Secret


def tongue_for(mail: Mail, head: Letterhead) -> Tongue:
    """Return the language of a mail: its own, else the company's, else English; whichever we speak first."""
    spoken = offered()
    return tongue_of(next((code for code in (mail.language, head.language) if code in spoken), ""))


def letter_for(tongue: Tongue, head: Letterhead, mail: Mail) -> Letter:
    """Return what `mail` says.

    Raises:
        PostError: a kind this version does not know, or one without what it is about.
    """
    if mail.kind == INVITATION and mail.link is not None and mail.expires_at is not None:
        return _invitation(tongue, head, mail.to, (mail.link, mail.expires_at))
    if mail.kind == ACCOUNT_READY:
        return _account_ready(tongue, head, mail)
    if mail.kind == SEAT_GRANTED and mail.opened:
        return seat_granted(tongue, head, mail.to, mail.opened)
    if mail.kind in NOTICES and mail.warned is not None:
        return notice(tongue, head, mail.kind, mail.warned)
    if mail.kind == TEST:
        return _test(tongue, head, mail)
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
            Link(say("Create your account"), say("Your personal link:"), link.reveal()),
            Paragraph(say("The link is valid until {moment}. It works exactly once.", moment=expires_at)),
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
        moment=mail.created_at,
    )
    how = say("Sign in with this address and the password that you chose.")
    if head.helpdesk:
        stranger = say("That was not you? Then write to {helpdesk} at once.", helpdesk=head.helpdesk)
    else:
        stranger = say("That was not you? Then tell an administrator of {company} at once.", company=company)
    return Letter(
        say("Your account on the learning platform of {company} is ready", company=company),
        (
            Paragraph(say("Hello,")),
            Paragraph(created),
            Paragraph(how),
            *sign_in(tongue, head),
            Paragraph(stranger),
        ),
    )


def _test(tongue: Tongue, head: Letterhead, mail: Mail) -> Letter:
    say = tongue.say
    return Letter(
        say("Test mail of the learning platform of {company}", company=head.company),
        (
            Paragraph(say("Hello,")),
            Paragraph(
                say(
                    "You get this mail because an administrator of {company} sent a test to {address} on {moment}.",
                    company=head.company,
                    address=mail.to,
                    moment=mail.created_at,
                )
            ),
            Paragraph(say("It arrived, so mails are delivered. There is nothing to do.")),
        ),
    )
