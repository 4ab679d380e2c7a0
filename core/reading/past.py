"""Who was active on an earlier day, with which role and which seats: the present, walked backwards (R60).

A day is answered as it ended, that is as things stood at midnight UTC behind it: what happened before that instant
counts, what happened at it or later is taken back. Today is answered as it stands now.

The first event since then that tells of somebody's role, status or seat of a license says what there was before it;
what no event tells of is as it was. So it does not matter by which verb somebody was changed, in bulk or alone, or
whether that was undone. Whoever joined later is left out. A seat that is held and of which no event tells counts from
`held_since`, an archiving of which none tells from `archived_at`. Names and addresses are today's, but a license is
called as it was called then. Whoever was deleted since cannot be named: they are counted.

Departments, learning groups, languages and sign-ins of a past day are not answered, and filter words about them are
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, select, true
from sqlalchemy.orm import aliased

from core.errors import Invalid
from core.filter_keys import parse_users
from core.filter_keys.words import MOST_LISTED, Condition, combine, one_of, role_condition, when
from core.filters import TEXT, Filter, Term, wrong
from core.models import AuditEvent, Company, User
from core.models.people import ACTIVE, ARCHIVED
from core.reading.lists import id_chunks
from core.reading.past_walk import DISORDER, Past, Then, after, first_event_after, license_names, seats_then
from core.roles import Permission, Role
from core.search_index import holds, propose
from core.values import fold, name_key
from core.work import Look

__all__ = ["WORDS", "Past", "PastRow", "about_deleted", "as_of", "deleted_since", "ids", "parse_past", "rows"]

WORDS = ("role", "status", "seat", "joined", "words of a name or an address")
_KEYS = {*WORDS[:-1], TEXT}


@dataclass(frozen=True, slots=True)
class PastRow:
    """A person as they were; name, address and joining as they are today.

    Attributes:
        status: `active` or `archived`.
        seats: the licenses of the seats held, as they were called.
    """

    id: int
    address: str
    first_name: str
    last_name: str
    role: Role
    status: str
    seats: tuple[str, ...]
    joined: datetime

    @property
    def name(self) -> str:
        """First and last name, or the address where nobody has filled them in."""
        return f"{self.first_name} {self.last_name}".strip() or self.address


def parse_past(text: str) -> Filter:
    """Return the filter for the people of a past day.

    Raises:
        InvalidFilter: naming the word that is wrong, or that the past cannot answer.
    """
    chosen = parse_users(text)
    _check_known(chosen)
    return chosen


def as_of(look: Look, day: date) -> Past:
    """Return the end of a day in UTC, for the questions below; it stays right, whatever happens meanwhile.

    Raises:
        Invalid: field `date`; it has not come yet, or there was no company yet.
    """
    look.require(Permission.SEE_PEOPLE)
    today = look.now.date()
    if day > today:
        raise Invalid({"date": f"{day} has not come yet. Choose {today} or an earlier day."})
    begun = [look.db.scalar(select(func.min(each))) for each in (Company.created_at, User.created_at)]
    first = min((each for each in begun if each is not None), default=look.now).date()
    if day < first:
        raise Invalid(
            {
                "date": f"On {day} there was no company here yet. Choose {first}, when it began, or a later day."
            }
        )
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    return Past(day, end, first_event_after(look.db, end - DISORDER))


def ids(look: Look, past: Past, chosen: Filter) -> Iterator[Sequence[int]]:
    """Yield the ids of the people found, by name, in chunks; archived ones only where a `status:` word asks for them.

    Raises:
        InvalidFilter: a value that does not exist, or a word that the past cannot answer.
    """
    look.require(Permission.SEE_PEOPLE)
    _check_known(chosen)
    return id_chunks(look, _Question(look, past).find(chosen))


def rows(look: Look, past: Past, wanted: Sequence[int]) -> list[PastRow]:
    """Return the people with these ids as they were, in that order; those who are gone are left out."""
    look.require(Permission.SEE_PEOPLE)
    then = Then.of(past, wanted)
    columns = (User.id, User.address, User.first_name, User.last_name, User.created_at)
    found = look.db.execute(
        select(*columns, then.role.label("role"), then.archived.label("archived"))
        .outerjoin(then.changed, then.changed.c.id == User.id)
        .where(User.id.in_(wanted))
    ).all()
    called = license_names(look.db, past)
    seats: dict[int, list[str]] = {}
    held = seats_then(past, wanted=wanted)
    for user_id, license_id in look.db.execute(
        select(held.c.user_id, held.c.license_id).where(held.c.lost == 0)
    ):
        seats.setdefault(user_id, []).append(called.get(license_id, f"license {license_id}"))
    by_id = {
        row.id: PastRow(
            id=row.id,
            address=row.address,
            first_name=row.first_name,
            last_name=row.last_name,
            role=Role(row.role),
            status=ARCHIVED if row.archived else ACTIVE,
            seats=tuple(sorted(seats.get(row.id, ()))),
            joined=row.created_at,
        )
        for row in found
    }
    return [by_id[each] for each in wanted if each in by_id]


def deleted_since(look: Look, past: Past) -> int:
    """Return how many people who had joined by then, active or archived, were deleted since."""
    look.require(Permission.SEE_PEOPLE)
    joining = aliased(AuditEvent)
    joined_later = exists().where(
        joining.subject_kind == "user",
        joining.subject_id == AuditEvent.subject_id,
        joining.action.in_(("user.registered", "user.created")),
        joining.at >= past.end,
    )
    deleted = select(func.count()).where(
        after(past),
        AuditEvent.subject_kind == "user",
        AuditEvent.action == "user.deleted",
        ~joined_later.correlate(AuditEvent),
    )
    return look.db.scalar(deleted) or 0


def about_deleted(number: int) -> str:
    """Return what a list has to say about those who were deleted since; nothing where there are none."""
    if not number:
        return ""
    return (
        "1 person who was deleted since is not listed."
        if number == 1
        else f"{number:,} people who were deleted since are not listed."
    )


# --- what the filter words mean for it ----------------------------------------------------------------------------


def _check_known(chosen: Filter) -> None:
    for term in chosen.terms:
        if term.key not in _KEYS:
            raise wrong(term.word, "what it asks for is not known of a past day", WORDS)


class _Question:
    """Whom a filter finds, as they were.

    Seats are joined, never asked for with IN under an OR or a minus: PostgreSQL would read them anew for each person.
    """

    def __init__(self, look: Look, past: Past) -> None:
        """Begin with everybody who had joined."""
        self._look, self._past = look, past
        self._then = Then.of(past)
        self._from: Any = User.__table__.outerjoin(self._then.changed, self._then.changed.c.id == User.id)

    def find(self, chosen: Filter) -> Select[int]:
        """Return the query for their ids, by name."""
        found = combine(chosen, self._meaning)
        if not chosen.of("status"):
            found = and_(found, self._then.archived == 0)
        proposal = propose(self._look.db, [fold(each.value) for each in chosen.of(TEXT) if not each.negated])
        if proposal is not None:
            found = and_(proposal.condition, found)
        people = select(User.id, User.sort_key).select_from(self._from)
        people = people.where(User.created_at < self._past.end, found)
        if not chosen.of("seat") and not chosen.of(TEXT):
            return people.with_only_columns(User.id).order_by(User.sort_key, User.id)
        # Few are found first and then sorted: PostgreSQL would walk in order, and read what was changed anew for each.
        sorted_after = people.offset(0).subquery()
        return select(sorted_after.c.id).order_by(sorted_after.c.sort_key, sorted_after.c.id)

    def _meaning(self, term: Term) -> Condition:
        match term.key:
            case "role":
                return role_condition(self._then.role, term)
            case "status":
                status = one_of(term, (ACTIVE, ARCHIVED, "any"))
                return true() if status == "any" else self._then.archived == int(status == ARCHIVED)
            case "seat":
                return self._seat(term)
            case "joined":
                return when(User.created_at, term, self._past.end)
            case _:
                return holds(self._look.db, User.search_key, fold(term.value))

    def _seat(self, term: Term) -> Condition:
        nothing = term.value.lower() == "none"
        licenses = None if nothing else self._licenses(term)
        seats = seats_then(self._past, licenses=licenses)
        holders = (
            select(seats.c.user_id, func.min(seats.c.lost).label("lost")).group_by(seats.c.user_id).subquery()
        )
        self._from = self._from.outerjoin(holders, holders.c.user_id == User.id)
        return func.coalesce(holders.c.lost, 1) == int(nothing)

    def _licenses(self, term: Term) -> list[int]:
        """Return the licenses that were called so; a part of a name will do."""
        keys = {license_id: name_key(name) for license_id, name in self._names().items()}
        wanted = name_key(term.value)
        exact = [license_id for license_id, key in keys.items() if key == wanted]
        found = exact or [license_id for license_id, key in keys.items() if wanted in key]
        if not found:
            known = sorted(self._names().values(), key=name_key)[:MOST_LISTED] or ("none yet",)
            raise wrong(term.word, f"on {self._past.day} there was no license {term.value}", known)
        return found

    def _names(self) -> dict[int, str]:
        return license_names(self._look.db, self._past)
