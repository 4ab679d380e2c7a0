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
from core.sentences import Fact
from core.tongues import Tongue

ALL = 100
"""Percent used."""
_MOST_IN_SUBJECT = 2
_MOST_NAMED = 30


def sign_in(tongue: Tongue, head: Letterhead) -> tuple[Link, ...]:
    """Return the link to the sign-in page, where there is one."""
    if head.sign_in_url is None:
        return ()
    return (Link(tongue.say("Sign in"), tongue.say("Address of the sign-in page:"), head.sign_in_url),)


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
            *sign_in(tongue, head),
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
        told = [say("{license}: access until {day}.", license=name, day=one.until)]
    if one.courses:
        names, number = _listed(tongue, one.courses), len(one.courses)
        told.append(
            tongue.count("Course included: {names}.", "Courses included: {names}.", number, names=names)
        )
    if one.paths:
        names, number = _listed(tongue, one.paths), len(one.paths)
        told.append(
            tongue.count(
                "Learning path included: {names}.", "Learning paths included: {names}.", number, names=names
            )
        )
    return " ".join(told)


def _listed(tongue: Tongue, names: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Return names on one line, as many as are of use, fit for a header."""
    listed = ", ".join(tongue.name(in_header(name)) for name in names[:most])
    more = len(names) - most
    if more <= 0:
        return listed
    return tongue.count("{names} and {number} more", "{names} and {number} more", more, names=listed)


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
    day: Fact = warned.until or ""
    seats = say("Seats in use: {used} of {total}.", used=warned.used, total=warned.total)
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
        used=warned.used,
        total=warned.total,
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
        used=warned.used,
        total=warned.total,
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
