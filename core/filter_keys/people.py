"""What the filter words mean for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from core.filter_keys.words import (
    MOST_LISTED,
    Condition,
    combine,
    department_condition,
    held,
    ids_named,
    on_day,
    one_of,
    role_condition,
    when,
)
from core.filters import TEXT, Filter, Term, moment_of, wrong
from core.models import Group, GroupMember, License, Seat, SeatWaiter, User
from core.models.people import ACTIVE, ARCHIVED
from core.registration import LANGUAGES
from core.search_index import holds, propose
from core.values import fold, name_key


@dataclass(frozen=True, slots=True)
class Ways:
    """Two conditions on `User` that hold for the same people, for two ways to find them.

    Attributes:
        walking: to be tried on one after the other; no index is used for it.
        narrowed: with what the search index proposes; None where that does not help.
        hits: how many the index proposes at most; None where that is not known.
        by_name_alone: `walking` asks for nothing that the index of names does not hold.
        proposed: the ids that the index proposes for `beginning`, the only word there is; else None.
    """

    walking: Condition
    narrowed: Condition | None
    hits: int | None
    by_name_alone: bool
    plain: Condition
    proposed: Select[int] | None = None
    beginning: str = ""

    @property
    def best(self) -> Condition:
        """The condition for a question without an order."""
        return self.plain if self.narrowed is None else self.narrowed


def user_conditions(db: Session, chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `User`; archived people only where a `status:` word asks for them (R44).

    Raises:
        InvalidFilter: a value that does not exist.
    """
    return ways_to_find(db, chosen, now).best


def ways_to_find(db: Session, chosen: Filter, now: datetime) -> Ways:
    """Return what `user_conditions` means, for lists in an order.

    Raises:
        InvalidFilter: a value that does not exist.
    """
    found = _found(db, chosen, now, one_by_one=False)
    words = [fold(term.value) for term in chosen.of(TEXT) if not term.negated]
    proposal = propose(db, words)
    return Ways(
        walking=_found(db, chosen, now, one_by_one=True).is_(true()),
        narrowed=None if proposal is None else and_(proposal.condition, found),
        hits=None if proposal is None else proposal.most,
        by_name_alone=all(term.key in {TEXT, "status"} for term in chosen.terms),
        plain=found,
        proposed=proposal.ids if proposal is not None and len(words) == 1 else None,
        beginning=words[0] if len(words) == 1 else "",
    )


def _found(db: Session, chosen: Filter, now: datetime, *, one_by_one: bool) -> Condition:
    found = combine(
        chosen, lambda term: _user_condition(db, term, now, one_by_one=one_by_one or term.negated)
    )
    return found if chosen.of("status") else and_(found, _is_active())


def called(db: Session, text: str) -> Condition:
    """Return the SQL condition on `User` that `text` occurs anywhere in name or address (R32)."""
    word = fold(text)
    proposal = propose(db, [word])
    here = holds(db, User.search_key, word)
    return here if proposal is None else and_(proposal.condition, here)


def _user_condition(  # noqa: C901, PLR0911, PLR0912 - one for each key
    db: Session, term: Term, now: datetime, *, one_by_one: bool
) -> Condition:
    match term.key:
        case "role":
            return role_condition(User.role, term)
        case "dept":
            return department_condition(db, User.department_id, term)
        case "group":
            ids = ids_named(db, Group, "learning group", term)
            return held(User.id, GroupMember.user_id, GroupMember.group_id, ids=ids, one_by_one=one_by_one)
        case "seat" | "waits":
            table = Seat if term.key == "seat" else SeatWaiter
            ids = ids_named(db, License, "license", term)
            return held(User.id, table.user_id, table.license_id, ids=ids, one_by_one=one_by_one)
        case "unused":
            return _unused(term, now, one_by_one=one_by_one)
        case "leaves":
            return _leaves(term, now)
        case "status":
            return _status(term)
        case "seen":
            if term.value.lower() == "never":
                return User.last_sign_in_at.is_(None)
            return and_(User.last_sign_in_at.is_not(None), when(User.last_sign_in_at, term, now))
        case "joined":
            return when(User.created_at, term, now)
        case "lang":
            known = {**dict.fromkeys(LANGUAGES), "none": None}
            return User.language == one_of(term, known).replace("none", "")
        case "title":
            return User.job_title.in_(_titles(db, term))
        case _:
            return holds(db, User.search_key, fold(term.value))


def _unused(term: Term, now: datetime, *, one_by_one: bool) -> Condition:
    """Return the condition of holding a seat for that long without a sign-in in that time."""
    _, since = moment_of(term, now)
    silent = or_(User.last_sign_in_at.is_(None), User.last_sign_in_at <= since)
    if one_by_one:
        return and_(silent, exists().where(Seat.user_id == User.id, Seat.held_since <= since))
    return and_(silent, User.id.in_(select(Seat.user_id).where(Seat.held_since <= since)))


def _leaves(term: Term, now: datetime) -> Condition:
    """Return the condition of being archived on a coming day."""
    value = term.value.lower()
    if term.operator == ":" and value in {"any", "none"}:
        return User.leaves_on.is_(None) if value == "none" else User.leaves_on.is_not(None)
    return on_day(User.leaves_on, term, now)


def _titles(db: Session, term: Term) -> list[str]:
    """Return the job titles that the value names; a part of one will do."""
    if term.value.lower() == "none":
        return [""]
    wanted = name_key(term.value)
    titles = db.scalars(select(User.job_title).where(User.job_title != "").distinct()).all()
    exact = [title for title in titles if name_key(title) == wanted]
    found = exact or [title for title in titles if wanted in name_key(title)]
    if not found:
        raise wrong(
            term.word, f"there is no job title {term.value}", sorted(titles)[:MOST_LISTED] or ("none yet",)
        )
    return found


def _status(term: Term) -> Condition:
    status = one_of(term, dict.fromkeys((ACTIVE, ARCHIVED, "any")))
    if status == "any":
        return true()
    return _is_active() if status == ACTIVE else User.status == status


def _is_active() -> Condition:
    """Return the condition of nearly everybody; IS TRUE keeps the index of `status` out of the plan."""
    return (User.status == ACTIVE).is_(true())
