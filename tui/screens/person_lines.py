"""One person in lines: two columns of facts, seats, learning, sign-ins, what was changed, newest first (R48, R60)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest

from core.reading.history import HistoryRow, SignInRow
from tui.screens.person_fields import label_of, moment, text_of
from tui.screens.person_reading import Person
from tui.screens.person_records import record_lines, seats_text
from tui.text import UNICODE_GLYPHS, fit, shown, wrap

Facts = Mapping[str, str]
_LABEL, _GAP, _WHEN, _WHO = 16, 2, 18, 24
HISTORY = "History"
_TOLD_WITH = ("role", "license")
_NO_HISTORY = "Nothing was changed here so far."
_CHANGES = frozenset(
    {
        "user.edited",
        "user.role_changed",
        "user.placed",
        "user.archived",
        "user.reactivated",
        "user.undone",
        "user.leaving_set",
    }
)


def who_facts(person: Person) -> Facts:
    """Return the facts that can be edited."""
    fields = ("role", "department", "groups", "job_title", "phone", "postal_address", "born_on", "language")
    return {label_of(field): text_of(field, person.texts[field]) for field in fields}


def account_facts(person: Person) -> Facts:
    """Return the facts of the account."""
    detail, row = person.detail, person.detail.row
    since = f" since {_day(detail.archived_at)}" if detail.archived_at else ""
    facts = {
        "Status": f"{row.status}{since}",
        "Joined": _day(row.joined),
        "Last sign-in": moment(row.last_sign_in) or "never",
        "Open sign-ins": str(detail.open_sign_ins),
        "License seats": seats_text(person.seats),
        "Lessons done": str(detail.lessons),
        "Certificates": str(detail.certificates),
    }
    if row.leaves_on is not None:
        facts["Leaves on"] = f"{row.leaves_on}, by itself"
    if person.invitation is not None:
        invited = person.invitation
        facts["Open invitation"] = f"{invited.role.label}, until {_day(invited.expires)}, mail {invited.mail}"
    return facts


def facts_of(person: Person) -> Facts:
    """Return every fact, to tell what has changed."""
    return {**who_facts(person), **account_facts(person)}


def lines_of(person: Person, room: int, changed: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Return the lines with their styles.

    Args:
        person: who.
        room: cells of a line.
        changed: labels of the facts that changed a moment ago.
    """
    half = (room - _GAP) // 2
    left, right = (
        list(_column(facts, half, changed)) for facts in (who_facts(person), account_facts(person))
    )
    lines = [
        (fit(one, half + _GAP) + fit(two, half), "") for one, two in zip_longest(left, right, fillvalue="")
    ]
    lines += record_lines(person, room)
    if person.sign_ins:
        lines += [
            ("", ""),
            ("Sign-ins", "bold"),
            *((fit(_sign_in(each), room), "") for each in person.sign_ins),
        ]
    lines += [("", ""), (HISTORY, "bold")]
    lines += [(line, "") for each in _told(person.history) for line in _event(each, room)]
    if not person.history:
        lines += [(line, "dim") for line in wrap(_NO_HISTORY, room)]
    return lines


def _column(facts: Facts, room: int, changed: frozenset[str]) -> Iterator[str]:
    for label, value in facts.items():
        sign = UNICODE_GLYPHS.changed if label in changed else " "
        first, *rest = wrap(value, room - _LABEL - 1)
        yield f"{fit(shown(label), _LABEL)}{sign}{first}"
        yield from (" " * (_LABEL + 1) + line for line in rest)


def _sign_in(each: SignInRow) -> str:
    until = "open" if each.closed is None else f"until {moment(each.closed)}"
    return f"{fit(_minute(each.opened), _WHEN)}{each.surface}, as {each.role.label}, {until}"


def _told(rows: list[HistoryRow]) -> Iterator[HistoryRow]:
    """Yield every field of a change, and of anything else that happened one row; of its details a role or a license."""
    told: set[tuple[datetime, str]] = set()
    for each in rows:
        if each.action in _CHANGES:
            yield each
        elif (each.at, each.action) not in told:
            told.add((each.at, each.action))
            same = [row for row in rows if (row.at, row.action) == (each.at, each.action)]
            plain = replace(each, field="", old="", new="")
            yield next((row for row in same if row.field in _TOLD_WITH), plain)


def _event(each: HistoryRow, room: int) -> Iterator[str]:
    front = fit(_minute(each.at), _WHEN) + fit(shown(each.actor), _WHO) + " "
    first, *rest = wrap(event_text(each), room - len(fit("", _WHEN + _WHO + 1)))
    yield front + first
    yield from (" " * (_WHEN + _WHO + 1) + line for line in rest)


def event_text(each: HistoryRow) -> str:
    """Return what a change did: the field with its old and new value, or what happened."""
    happened = each.action.partition(".")[2].replace("_", " ")
    if not each.field:
        return happened
    if each.field == "license":
        return f"seat of {each.new or each.old} {happened}"
    if each.field == "groups" and not (each.old and each.new):
        return f"joined {each.new}" if each.new else f"left {each.old}"
    if each.action in _CHANGES:
        old, new = (text_of(each.field, text) for text in (each.old, each.new))
        return f"{label_of(each.field)}: {old} → {new}"
    return f"{happened} as {text_of(each.field, each.new or each.old)}"


def _day(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d") if at else ""


def _minute(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
