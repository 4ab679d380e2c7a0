"""What mails about licenses say: to whoever was granted access, and to Company Admins who have to act."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from core.mail.parts import (
    CAP_NEAR,
    LICENSE_EXPIRING,
    Letter,
    Letterhead,
    Link,
    Opened,
    Paragraph,
    Warned,
)
from core.mail.plain import in_header
from core.tongues import Tongue

ALL = 100
"""Percent used."""
_MOST_IN_SUBJECT = 2
_MOST_NAMED = 30


def seat_granted(tongue: Tongue, head: Letterhead, to: str, opened: tuple[Opened, ...]) -> Letter:
    """Return the letter to somebody who was given seats: which, what they open, until when, where to sign in."""
    say, company = tongue.say, head.company
    subject, told = _granted(tongue, opened)
    why = say(
        "You get this mail because {company} has granted {address} access to courses on its learning platform."
        " It counts at once.",
        company=company,
        address=to,
    )
    how = say("To begin, sign in with this address and your password.")
    where = (Link(say("Sign in"), head.sign_in_url),) if head.sign_in_url else ()
    if head.helpdesk:
        ask = say("Something does not open? Write to {helpdesk}.", helpdesk=head.helpdesk)
    else:
        ask = say("Something does not open? Ask an administrator of {company}.", company=company)
    return Letter(
        subject,
        (
            Paragraph(say("Hello,")),
            Paragraph(why),
            *told,
            Paragraph(how),
            *where,
            Paragraph(ask, faint=True),
        ),
    )


@lru_cache(maxsize=64)  # the same for everybody in a run
def _granted(tongue: Tongue, opened: tuple[Opened, ...]) -> tuple[str, tuple[Paragraph, ...]]:
    """Return the subject, and a paragraph for each license."""
    names = _listed(tongue, [each.license for each in opened], _MOST_IN_SUBJECT)
    subject = tongue.say("You've been granted access to {licenses}", licenses=names)
    return subject, tuple(Paragraph(_opened(tongue, each)) for each in opened)


def _opened(tongue: Tongue, one: Opened) -> str:
    say, name = tongue.say, in_header(one.license)
    if one.until is None:
        told = [say("{license}: access without an end date.", license=name)]
    else:
        told = [say("{license}: access until {day}.", license=name, day=tongue.day(one.until))]
    if one.courses:
        told.append(say("Courses included: {names}.", names=_listed(tongue, one.courses)))
    if one.paths:
        told.append(say("Learning paths included: {names}.", names=_listed(tongue, one.paths)))
    return " ".join(told)


def _listed(tongue: Tongue, names: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Return names on one line, as many as are of use, fit for a header."""
    listed = ", ".join(map(in_header, names[:most]))
    more = len(names) - most
    return tongue.say("{names} and {number} more", names=listed, number=f"{more:,}") if more > 0 else listed


def notice(tongue: Tongue, head: Letterhead, kind: str, warned: Warned) -> Letter:
    """Return the letter that warns a Company Admin."""
    say = tongue.say
    subject, told = _warning(tongue, head, kind, warned)
    return Letter(
        subject,
        (
            Paragraph(say("Hello,")),
            Paragraph(
                say(
                    "You get this mail because you are a Company Admin of {company} on its learning platform.",
                    company=head.company,
                )
            ),
            *map(Paragraph, told),
            Paragraph(
                say("This is mailed once; the console shows it for as long as it is so."),
                faint=True,
            ),
        ),
    )


def _warning(tongue: Tongue, head: Letterhead, kind: str, warned: Warned) -> tuple[str, tuple[str, ...]]:
    if kind == CAP_NEAR:
        return _cap(tongue, head, warned)
    return _expiring(tongue, warned) if kind == LICENSE_EXPIRING else _seats(tongue, warned)


def _expiring(tongue: Tongue, warned: Warned) -> tuple[str, tuple[str, ...]]:
    say, name = tongue.say, in_header(warned.license)
    day = tongue.day(warned.until) if warned.until else ""
    seats = say("Seats in use: {used} of {total}.", used=f"{warned.used:,}", total=f"{warned.total:,}")
    if not warned.threshold:
        return say("{license} has expired", license=name), (
            say("The license {license} gave access until {day}.", license=name, day=day),
            seats,
            say(
                "Nobody can start a new lesson with it. What was learned is kept, and the seats stay listed."
                " Ask whoever runs the platform to extend it, or revoke the seats."
            ),
        )
    return say("{license} expires on {day}", license=name, day=day), (
        say("The license {license} gives access until {day}.", license=name, day=day),
        seats,
        say(
            "After that day nobody can start a new lesson with it. What was learned is kept, and the seats stay listed."
            " Ask whoever runs the platform to extend it."
        ),
    )


def _seats(tongue: Tongue, warned: Warned) -> tuple[str, tuple[str, ...]]:
    say, name = tongue.say, in_header(warned.license)
    seats = say(
        "Seats of {license} in use: {used} of {total}.",
        license=name,
        used=f"{warned.used:,}",
        total=f"{warned.total:,}",
    )
    if warned.threshold >= ALL:
        return say("All seats of {license} are in use", license=name), (
            seats,
            say(
                "Nobody else can be given access with it. Revoke seats that are not used,"
                " or ask whoever runs the platform for more."
            ),
        )
    return say("Few seats of {license} are left", license=name), (
        seats,
        say(
            "Once all are in use, nobody else can be given access with it. Revoke seats that are not used,"
            " or ask whoever runs the platform for more."
        ),
    )


def _cap(tongue: Tongue, head: Letterhead, warned: Warned) -> tuple[str, tuple[str, ...]]:
    say, company = tongue.say, head.company
    places = say(
        "Users and open invitations of {company}: {used} of {total}.",
        company=company,
        used=f"{warned.used:,}",
        total=f"{warned.total:,}",
    )
    if warned.threshold >= ALL:
        return say("All places for users of {company} are taken", company=company), (
            places,
            say(
                "Nobody new can be invited. Archive people who have left,"
                " or ask whoever runs the platform to raise the maximum."
            ),
        )
    return say("Few places for users of {company} are left", company=company), (
        places,
        say(
            "Once all are taken, nobody new can be invited. Archive people who have left,"
            " or ask whoever runs the platform to raise the maximum."
        ),
    )
