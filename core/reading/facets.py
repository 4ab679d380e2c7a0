"""How many rows of a list share a value: the counts by column that a filter can be chosen from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import Invalid
from core.filter_keys import user_conditions
from core.filters import Filter, Term
from core.models import Department, Group, GroupMember, License, Seat, User
from core.registration import LANGUAGES
from core.roles import Permission, Role
from core.work import Look

Counting = Callable[[Look, ColumnElement[bool]], "list[Facet]"]
_AGES = (("1d", 1), ("7d", 7), ("30d", 30), ("90d", 90), ("1y", 365))
_MOST_MONTHS, _LONGEST_MONTH = 18, 31


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a column and how many rows have it.

    Attributes:
        value: as it is stored, or a name for a span of time.
        label: as it is shown.
        filter_word: what narrows the list down to these rows; may be several words; empty where there is none.
        people: how many rows the filter in force finds with this value.
    """

    value: str
    label: str
    filter_word: str
    people: int


def user_facets(look: Look, chosen: Filter, column: str) -> list[Facet]:
    """Return the values of a column of the list of people, the most frequent first, times and roles in their order.

    Raises:
        InvalidFilter: an unknown value. Invalid: a column that cannot be counted; lists what can.
    """
    look.require(Permission.SEE_PEOPLE)
    count = known(_USER_COLUMNS, column)
    if column == "status" and not chosen.of("status"):
        chosen = Filter((*chosen.terms, Term("status", ":", "any", negated=False)))
    return [facet for facet in count(look, user_conditions(look.db, chosen, look.now)) if facet.people]


def known(columns: Mapping[str, Counting], column: str) -> Counting:
    """Return what counts a column.

    Raises:
        Invalid: there is no such column; lists what there is.
    """
    if column not in columns:
        raise Invalid({"column": f"There is nothing to count by {column}. There is: {', '.join(columns)}."})
    return columns[column]


def word_of(key: str, value: str) -> str:
    """Return the filter word for a value; of one that holds quotes, the longest piece without."""
    return Term(key, ":", max(value.split('"'), key=len), negated=False).word


def by_people(facets: Iterable[Facet]) -> list[Facet]:
    """Return the facets with the most rows first."""
    return sorted(facets, key=lambda facet: (-facet.people, facet.label))


def role_facets(
    look: Look, column: InstrumentedAttribute[int], condition: ColumnElement[bool]
) -> list[Facet]:
    """Return the roles by their place in the ladder."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(select(column, func.count()).where(condition).group_by(column).order_by(column))
    roles = ((Role(number), people) for number, people in found)
    return [Facet(role.slug, role.label, word_of("role", role.slug), people) for role, people in roles]


def department_facets(
    look: Look, column: InstrumentedAttribute[int | None], condition: ColumnElement[bool]
) -> list[Facet]:
    """Return the departments, and how many rows belong to none."""
    look.require(Permission.SEE_PEOPLE)
    names = {row[0]: row[1] for row in look.db.execute(select(Department.id, Department.name))}
    found = look.db.execute(select(column, func.count()).where(condition).group_by(column))
    return by_people(
        _placed("dept", "no department", names.get(place or 0), people) for place, people in found
    )


def _placed(key: str, nothing: str, name: str | None, people: int) -> Facet:
    if name is None:
        return Facet("", nothing, f"{key}:none", people)
    return Facet(name, name, word_of(key, name), people)


def _roles(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    return role_facets(look, User.role, condition)


def _departments(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    return department_facets(look, User.department_id, condition)


def _status(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    found = look.db.execute(select(User.status, func.count()).where(condition).group_by(User.status))
    return by_people(Facet(status, status, word_of("status", status), people) for status, people in found)


def _groups(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    return _held(look, condition, ("group", "no group"), (Group, GroupMember.user_id, GroupMember.group_id))


def _seats(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    return _held(look, condition, ("seat", "no seat"), (License, Seat.user_id, Seat.license_id))


def _held(
    look: Look, condition: ColumnElement[bool], words: tuple[str, str], places: tuple[Any, Any, Any]
) -> list[Facet]:
    """Return how many hold each of something, and how many hold nothing."""
    (key, nothing), (model, owner, what) = words, places
    holders = select(what, func.count()).join(User, User.id == owner).where(condition).group_by(what)
    names = {row[0]: row[1] for row in look.db.execute(select(model.id, model.name))}
    found = [_placed(key, nothing, names.get(each), people) for each, people in look.db.execute(holders)]
    without = select(func.count()).select_from(User).where(condition, not_(exists().where(owner == User.id)))
    return by_people([*found, _placed(key, nothing, None, look.db.scalar(without) or 0)])


def _languages(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    found = look.db.execute(select(User.language, func.count()).where(condition).group_by(User.language))
    return by_people(
        Facet(
            code,
            str(LANGUAGES.get(code, code)) if code else "the company's",
            word_of("lang", code or "none"),
            n,
        )
        for code, n in found
    )


def _titles(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    found = look.db.execute(select(User.job_title, func.count()).where(condition).group_by(User.job_title))
    return by_people(
        Facet(title, title or "no job title", word_of("title", title or "none"), people)
        for title, people in found
    )


# --- spans of time -------------------------------------------------------------------------------------------------


def _seen(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    """Return how long ago people signed in last."""
    seen = User.last_sign_in_at
    edges = [seen > look.now - timedelta(days=days) for _, days in _AGES]
    spans = case((seen.is_(None), -1), *((edge, place) for place, edge in enumerate(edges)), else_=len(edges))
    found = _grouped(look, spans, condition)
    names = [name for name, _ in _AGES]
    facets = [Facet(names[0], f"within {names[0]}", f"seen<{names[0]}", found.get(0, 0))]
    for place, (before, ago) in enumerate(pairwise(names), 1):
        word = f"seen>={before} seen<{ago}"
        facets.append(Facet(f"{before} to {ago}", f"{before} to {ago} ago", word, found.get(place, 0)))
    last = names[-1]
    longer = Facet(f"over {last}", f"over {last} ago", f"seen>={last}", found.get(len(names), 0))
    return [*facets, longer, Facet("never", "never", "seen:never", found.get(-1, 0))]


def _joined(look: Look, condition: ColumnElement[bool]) -> list[Facet]:
    """Return in which years people came, or in which months where there are few."""
    joined = User.created_at
    ends = look.db.execute(select(func.min(joined), func.max(joined)).where(condition)).one()
    earliest: datetime | None = ends[0]
    latest: datetime | None = ends[1]
    if earliest is None or latest is None:
        return []
    starts = _starts(earliest, latest)
    spans = case(*((joined < end, place) for place, end in enumerate(starts[1:])))
    found = _grouped(look, spans, condition)
    form = "%Y-%m" if (starts[1] - starts[0]).days <= _LONGEST_MONTH else "%Y"
    facets = []
    for place, (start, end) in enumerate(pairwise(starts)):
        word = f"joined>={start:%Y-%m-%d} joined<{end:%Y-%m-%d}"
        facets.append(Facet(f"{start:{form}}", f"{start:{form}}", word, found.get(place, 0)))
    return facets


def _starts(earliest: datetime, latest: datetime) -> Sequence[datetime]:
    """Return where the spans begin, and where the last one ends."""
    months = (latest.year - earliest.year) * 12 + latest.month - earliest.month + 1
    if months > _MOST_MONTHS:
        return [datetime(year, 1, 1, tzinfo=UTC) for year in range(earliest.year, latest.year + 2)]
    first = earliest.year * 12 + earliest.month - 1
    return [
        datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(first, first + months + 1)
    ]


def _grouped(look: Look, spans: Any, condition: ColumnElement[bool]) -> dict[int, int]:
    found = select(spans.label("span")).select_from(User).where(condition).subquery()
    counts = select(found.c.span, func.count()).group_by(found.c.span)
    return {row[0]: row[1] for row in look.db.execute(counts)}


_USER_COLUMNS: Mapping[str, Counting] = {
    "role": _roles,
    "status": _status,
    "department": _departments,
    "groups": _groups,
    "seats": _seats,
    "language": _languages,
    "job_title": _titles,
    "seen": _seen,
    "joined": _joined,
}
