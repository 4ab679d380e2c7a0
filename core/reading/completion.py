"""How a filter can go on: keys, and the values that exist, for whoever is typing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from core.filter_keys import (
    AUDIT_KEYS,
    INVITATION_KEYS,
    INVITATION_STATES,
    LICENSE_KEYS,
    LICENSE_STATES,
    MAIL_KEYS,
    MAIL_STATES,
    OUTBOX_STATES,
    USER_KEYS,
)
from core.models import (
    AuditEvent,
    Batch,
    Course,
    Department,
    Group,
    GroupMember,
    Invitation,
    License,
    OutboxMail,
    Seat,
    SeatWaiter,
    User,
)
from core.models.people import ACTIVE, ARCHIVED
from core.reading.facets import word_of
from core.registration import LANGUAGES
from core.roles import Permission, Role
from core.values import name_key
from core.work import Look

MOST_OFFERED, _MOST_COUNTED, _NEWEST = 20, 1000, 5000
_KEYS: Mapping[str, Mapping[str, str]] = {
    "users": USER_KEYS,
    "invitations": INVITATION_KEYS,
    "audit": AUDIT_KEYS,
    "mail": MAIL_KEYS,
    "licenses": LICENSE_KEYS,
}
_MEANINGS = {
    "role": "a role; also role<admin",
    "dept": "a department, or none",
    "group": "a learning group, or none",
    "seat": "a license, or none",
    "waits": "a license whose waiting list they are on, or none",
    "unused": "holds a seat and was silent for: 90d",
    "status": "active, archived or any",
    "seen": "last sign-in: never, a date, or >90d",
    "joined": "a date, or <30d",
    "leaves": "any, none, a date, or <30d",
    "lang": "a language, or none",
    "title": "a job title, or none",
    "state": "what became of it",
    "mail": "state of its mail",
    "by": "who did it",
    "created": "a date, or <7d",
    "expires": "a date",
    "batch": "name of a bulk run",
    "action": "what was done",
    "subject": "to whom or what",
    "at": "a date, or <2d",
    "kind": "which mail",
    "to": "to whom",
    "is": "full, free, expired and the like",
    "course": "a course or learning path it opens, or none",
    "until": "none, a date, or <30d",
}
_AGES = {"1d": "a day", "7d": "a week", "30d": "a month", "90d": "three months", "1y": "a year"}

Offers = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on.

    Attributes:
        word: what to put in place of the last word.
        note: what it means, or how many it finds.
    """

    word: str
    note: str


def complete(look: Look, kind: str, text: str) -> list[Completion]:
    """Return how the last word of a filter can go on: with a key, or behind one with a value that exists.

    Args:
        look: the open transaction.
        kind: which list: `users`, `invitations`, `licenses`, `audit` or `mail`.
        text: the filter as far as it is typed.
    """
    look.require(Permission.SEE_PEOPLE)
    keys = _KEYS[kind]
    typed = last_word(text)
    sign, bare = ("-", typed[1:]) if typed.startswith("-") else ("", typed)
    key, operator, value = _parted(bare)
    if not operator:
        begun = (name for name in keys if name.startswith(bare.lower()))
        return [Completion(f"{sign}{name}{keys[name][0]}", _MEANINGS[name]) for name in begun]
    if key not in keys or operator[0] not in keys[key]:
        return []
    offers = _VALUES.get((kind, key)) or _VALUES.get(("", key)) or _nothing
    wanted = name_key(value.strip('"'))
    offered = [each for each in offers(look, operator) if wanted in name_key(each[0])]
    offered.sort(key=lambda each: not name_key(each[0]).startswith(wanted))
    return [
        Completion(sign + word_of(key, each).replace(":", operator, 1), note)
        for each, note in offered[:MOST_OFFERED]
    ]


def last_word(text: str) -> str:
    """Return the word being typed, which may hold blanks behind an open quote; empty behind a blank."""
    start, quoted = 0, False
    for place, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char.isspace() and not quoted:
            start = place + 1
    return text[start:]


def _parted(word: str) -> tuple[str, str, str]:
    """Return key, operator and value; the first two are empty where no key stands in front."""
    for place, char in enumerate(word):
        if char in ":<>":
            end = place + 1 + (char != ":" and word[place + 1 : place + 2] == "=")
            return word[:place].lower(), word[place:end], word[end:]
        if not char.isalpha():
            break
    return "", "", word


# --- values --------------------------------------------------------------------------------------------------------


def _nothing(_look: Look, _operator: str) -> Offers:
    yield from ()


def _fixed(*values: str) -> Callable[[Look, str], Offers]:
    return lambda _look, _operator: ((value, "") for value in values)


def _roles(look: Look, operator: str) -> Offers:
    for role in Role:
        counted = select(User.id).where(User.role == role, User.status == ACTIVE)
        people = f", {_people(look, counted)}" if operator == ":" else ""
        yield role.slug, role.label + people


def _departments(look: Look, _operator: str) -> Offers:
    for place, name in look.db.execute(select(Department.id, Department.name).order_by(Department.name_key)):
        yield name, _people(look, select(User.id).where(User.department_id == place, User.status == ACTIVE))
    yield "none", "in no department"


def _groups(look: Look, _operator: str) -> Offers:
    for group, name in look.db.execute(select(Group.id, Group.name).order_by(Group.name_key)):
        yield name, _people(look, select(GroupMember.user_id).where(GroupMember.group_id == group))
    yield "none", "in no group"


def _licenses(look: Look, _operator: str) -> Offers:
    for bought, name in look.db.execute(select(License.id, License.name).order_by(License.name_key)):
        yield name, _people(look, select(Seat.user_id).where(Seat.license_id == bought))
    yield "none", "without a seat"


def _waited_for(look: Look, _operator: str) -> Offers:
    for bought, name in look.db.execute(select(License.id, License.name).order_by(License.name_key)):
        yield name, _people(look, select(SeatWaiter.user_id).where(SeatWaiter.license_id == bought))
    yield "none", "not waiting for any"


def _courses(look: Look, _operator: str) -> Offers:
    yield from ((each, "") for each in _sorted(look, select(Course.name)))
    yield "none", "opens nothing"


def _people(look: Look, found: Select[Any]) -> str:
    """Count people, no further than is quick."""
    number = look.db.scalar(select(func.count()).select_from(found.limit(_MOST_COUNTED + 1).subquery())) or 0
    if number > _MOST_COUNTED:
        return f"{_MOST_COUNTED:,}+ people"
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _languages(_look: Look, _operator: str) -> Offers:
    yield from LANGUAGES.items()
    yield "none", "the company's"


def _titles(look: Look, _operator: str) -> Offers:
    yield from ((title, "") for title in _lately(look, User.job_title, User.id) if title)
    yield "none", "no job title"


def _times(look: Look, operator: str) -> Offers:
    yield from _dates(look.now, operator)


def _seen(look: Look, operator: str) -> Offers:
    if operator == ":":
        yield "never", "has never signed in"
    yield from _dates(look.now, operator)


def _ages(_look: Look, _operator: str) -> Offers:
    yield from ((age, f"for {words}") for age, words in _AGES.items())


def _leaving(look: Look, operator: str) -> Offers:
    if operator == ":":
        yield from (("any", "leaves on a coming day"), ("none", "stays"))
    yield from _days(look, operator)


def _until(look: Look, operator: str) -> Offers:
    if operator == ":":
        yield "none", "without an end"
    yield from _days(look, operator)


def _days(look: Look, operator: str) -> Offers:
    """Offer coming days: spans ahead where a comparison makes sense of them, and today's date."""
    if operator != ":":
        side = "within" if operator.startswith("<") else "later than in"
        yield from ((age, f"{side} {words}") for age, words in _AGES.items())
    yield f"{look.now:%Y-%m-%d}", "today, in UTC"


def _dates(now: datetime, operator: str) -> Offers:
    """Offer ages where a comparison makes sense of them, and today's date."""
    if operator != ":":
        side = "within" if operator.startswith("<") else "longer ago than"
        yield from ((age, f"{side} {words}") for age, words in _AGES.items())
    yield f"{now:%Y-%m-%d}", "today, in UTC"


def _inviters(look: Look, _operator: str) -> Offers:
    inviters = select(Invitation.invited_by).distinct()
    yield from ((each, "") for each in _sorted(look, select(User.address).where(User.id.in_(inviters))))
    yield "operator", "from the command line of the host"


def _actors(look: Look, _operator: str) -> Offers:
    yield from ((each, "") for each in _lately(look, AuditEvent.actor_label, AuditEvent.id))


def _actions(look: Look, _operator: str) -> Offers:
    yield from ((each, "") for each in _lately(look, AuditEvent.action, AuditEvent.id))


def _kinds(look: Look, _operator: str) -> Offers:
    yield from ((each, "") for each in _lately(look, OutboxMail.kind, OutboxMail.id))


def _batches(look: Look, _operator: str) -> Offers:
    newest = select(Batch.name, Batch.verb, Batch.summary).order_by(Batch.begun_at.desc()).limit(MOST_OFFERED)
    for name, verb, summary in look.db.execute(newest):
        yield name, summary or verb


def _lately(look: Look, column: Any, newest_by: Any) -> Iterable[str]:
    """Return what the newest rows hold: a list of everything would be read through."""
    newest = select(column.label("value")).order_by(newest_by.desc()).limit(_NEWEST).subquery()
    return _sorted(look, select(newest.c.value).distinct())


def _sorted(look: Look, values: Select[str]) -> list[str]:
    return sorted(look.db.scalars(values.limit(_NEWEST)))


_VALUES: Mapping[tuple[str, str], Callable[[Look, str], Offers]] = {
    ("", "role"): _roles,
    ("", "dept"): _departments,
    ("", "group"): _groups,
    ("", "seat"): _licenses,
    ("", "waits"): _waited_for,
    ("", "unused"): _ages,
    ("", "leaves"): _leaving,
    ("", "course"): _courses,
    ("", "until"): _until,
    ("licenses", "is"): _fixed(*LICENSE_STATES),
    ("", "status"): _fixed(ACTIVE, ARCHIVED, "any"),
    ("", "lang"): _languages,
    ("", "title"): _titles,
    ("", "seen"): _seen,
    ("", "joined"): _times,
    ("", "created"): _times,
    ("", "expires"): _times,
    ("", "at"): _times,
    ("", "mail"): _fixed(*MAIL_STATES),
    ("", "batch"): _batches,
    ("", "action"): _actions,
    ("", "kind"): _kinds,
    ("invitations", "state"): _fixed(*INVITATION_STATES),
    ("mail", "state"): _fixed(*OUTBOX_STATES),
    ("invitations", "by"): _inviters,
    ("audit", "by"): _actors,
}
