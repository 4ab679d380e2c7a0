"""The list of people in its orders: the first rows at once, whatever is looked for, and all ids after them.

Where an index gives the order, the list is walked through: common things are met soon, and all ids come from the index
alone. What the walk does not meet soon is rare, so it is found first and then sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true, tuple_
from sqlalchemy.orm import aliased

from core.errors import Invalid
from core.filter_keys import Ways, ways_to_find
from core.filters import Filter
from core.models import Department, User
from core.models.people import ACTIVE, ARCHIVED
from core.reading.lists import FIRST, Sort, in_chunks, ordered, parts_of
from core.roles import Permission
from core.work import Look

BY_NAME = Sort("name")
SORTS: dict[str, Any] = {
    "name": User.sort_key,
    "address": User.address_key,
    "role": User.role,
    "status": User.status,
    "department": Department.name_key,
    "joined": User.created_at,
    "seen": User.last_sign_in_at,
}
_LAST_LETTER = "\U0010ffff"
_FEW = 1_500  # sorted as fast as found
_FAR, _NEAR = 10_000, 4_000  # rows a walk tries: in the index alone, and where each row has to be fetched


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of the list that one index has in order.

    Attributes:
        condition: who is in it.
        columns: what it is ordered by; the id comes last and makes the order total.
    """

    condition: ColumnElement[bool]
    columns: tuple[Any, ...]

    def walk(self, condition: ColumnElement[bool], *, descending: bool) -> Select[int]:
        """Return the ids that the condition finds, in order."""
        order = [column.desc() if descending else column.asc() for column in self.columns]
        return select(User.id).where(self.condition, condition).order_by(*order)

    def up_to(self, edge: Sequence[Any], *, descending: bool) -> ColumnElement[bool]:
        """Return the condition of all that comes before a row, and that row."""
        row = tuple_(*self.columns)
        return row >= tuple_(*edge) if descending else row <= tuple_(*edge)


def ordered_ids(
    look: Look, chosen: Filter, sort: Sort, *, most: int | None = None
) -> Iterator[Sequence[int]]:
    """Return the ids of the people found, in order, in chunks; the first one is small and comes at once.

    Args:
        look: the open transaction.
        chosen: whom to find.
        sort: in which order.
        most: how many at most; None for all.

    Raises:
        InvalidFilter, Invalid: an unknown value or column; raised here and not while the ids are read.
    """
    look.require(Permission.SEE_PEOPLE)
    if sort.column not in SORTS:
        raise Invalid({"sort": f"There is no column {sort.column} to sort by. There is: {', '.join(SORTS)}."})
    ways, stretches = ways_to_find(look.db, chosen, look.now), _stretches(look, chosen, sort)
    parts = _parts(look, ways, stretches, sort=sort, most=most)
    return in_chunks(parts if most is None else _at_most(parts, most))


def _parts(
    look: Look, ways: Ways, stretches: Sequence[_Stretch], *, sort: Sort, most: int | None
) -> Iterator[Sequence[int]]:
    """Yield ids: at first those that a short walk meets, if it meets enough; then all others."""
    by_name = sort.column == BY_NAME.column and ways.by_name_alone
    met: Sequence[int] = ()
    few = ways.hits is not None and ways.hits <= _FEW
    if not few:
        wanted = FIRST if most is None else min(most, FIRST)
        met = _meet(look, stretches, ways.walking, sort=sort, far=_FAR if by_name else _NEAR, wanted=wanted)
        if len(met) < wanted:
            met = _meet_around(look, ways, sort=sort, wanted=wanted) if by_name else ()
        yield met
    if ways.narrowed is None and ways.by_name_alone:
        walks = [each.walk(ways.walking, descending=sort.descending) for each in stretches]
    else:
        walks = [_sorted(ways.best, sort)]
    yield from _without(chain.from_iterable(parts_of(look, walk.limit(most)) for walk in walks), met)


def _at_most(parts: Iterable[Sequence[int]], most: int) -> Iterator[Sequence[int]]:
    """Ask for no more parts than needed."""
    for part in parts:
        yield part[:most]
        most -= len(part)
        if most <= 0:
            return


def _without(parts: Iterable[Sequence[int]], met: Sequence[int]) -> Iterator[Sequence[int]]:
    """Leave out what was met before; it stands at the beginning, unless somebody has just changed something."""
    known = set(met)
    for part in parts:
        if known:
            rest = [each for each in part if each not in known]
            known.difference_update(part)
            yield rest
        else:
            yield part


def _meet(
    look: Look,
    stretches: Iterable[_Stretch],
    condition: ColumnElement[bool],
    *,
    sort: Sort,
    far: int,
    wanted: int,
) -> Sequence[int]:
    """Return the first ids within the first `far` rows of the list."""
    met: list[int] = []
    for stretch in stretches:
        everybody = select(*stretch.columns).select_from(User).where(stretch.condition)
        order = [column.desc() if sort.descending else column.asc() for column in stretch.columns]
        edge = look.db.execute(everybody.order_by(*order).offset(far).limit(1)).first()
        within = true() if edge is None else stretch.up_to(edge, descending=sort.descending)
        walk = stretch.walk(and_(within, condition), descending=sort.descending)
        met += look.db.scalars(walk.limit(wanted - len(met))).all()
        if edge is not None or len(met) >= wanted:
            break
    return met


def _meet_around(look: Look, ways: Ways, *, sort: Sort, wanted: int) -> Sequence[int]:
    """Return the first ids where a word stands mostly at the beginning of names, which makes a walk a long one.

    Those whose names begin with it stand together in the index, in order; only the others that have it are sorted.
    """
    if ways.proposed is None:
        return ()
    begins = User.sort_key.between(ways.beginning, ways.beginning + _LAST_LETTER)
    same = aliased(User)
    together = select(same.id).where(same.sort_key.between(ways.beginning, ways.beginning + _LAST_LETTER))
    elsewhere = User.id.in_(ways.proposed.where(ways.proposed.selected_columns[0].not_in(together)))
    found = [
        row
        for condition in (and_(begins, ways.walking), and_(elsewhere, ways.walking))
        for row in look.db.execute(_first_by_name(condition, sort).limit(wanted))
    ]
    found.sort(key=lambda row: (row.rank, row.id), reverse=sort.descending)
    return [row.id for row in found[:wanted]]


def _first_by_name(condition: ColumnElement[bool], sort: Sort) -> Select[int, str]:
    rank = User.sort_key.label("rank")
    order = (rank.desc(), User.id.desc()) if sort.descending else (rank.asc(), User.id.asc())
    return select(User.id, rank).where(condition).order_by(*order)


def _stretches(look: Look, chosen: Filter, sort: Sort) -> list[_Stretch]:
    """Return the parts of the list in which an index has the order, one after the other."""
    by_id = (User.id,)
    match sort.column:
        case "status":
            active = (User.status == ACTIVE).is_(true())
            found = [_Stretch(active, by_id), _Stretch(User.status == ARCHIVED, by_id)]
            found = found if chosen.of("status") else found[:1]
        case "department":
            places = look.db.scalars(select(Department.id).order_by(Department.name_key)).all()
            found = [_Stretch(User.department_id.is_(None), by_id)]
            found += [_Stretch(User.department_id == place, by_id) for place in places]
        case "seen":
            seen = User.last_sign_in_at
            found = [_Stretch(seen.is_(None), by_id), _Stretch(seen.is_not(None), (seen, User.id))]
        case column:
            found = [_Stretch(true(), (SORTS[column], User.id))]
    return found[::-1] if sort.descending else found


def _sorted(condition: ColumnElement[bool], sort: Sort) -> Select[int]:
    """Return the query that finds first and then sorts; the OFFSET keeps the planner from doing both at once."""
    found = select(User.id.label("id"), SORTS[sort.column].label("rank")).where(condition)
    if sort.column == "department":
        found = found.outerjoin(Department, Department.id == User.department_id)
    inner = found.offset(0).subquery("found")
    return ordered(select(inner.c.id), sort, {sort.column: inner.c.rank}, inner.c.id)
