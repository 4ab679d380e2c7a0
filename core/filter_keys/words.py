"""What the words of every list share: how conditions go together, and values that several keys take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.filters import TEXT, Filter, Term, moment_of, wrong
from core.models import Course, Department, Group, License
from core.roles import Role
from core.values import name_key

Condition = ColumnElement[bool]
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
_ROLE_SHORT = {"admin": Role.COMPANY_ADMIN, "manager": Role.CONTENT_MANAGER}
MOST_LISTED = 12


def combine(chosen: Filter, meaning: Callable[[Term], Condition]) -> Condition:
    """And different keys, bare words and negations; or what repeats a key."""
    parts: list[Condition] = []
    repeated: dict[str, list[Condition]] = {}
    for term in chosen.terms:
        condition = meaning(term)
        if term.negated:
            parts.append(not_(func.coalesce(condition, false())))  # an empty column is not what was named
        elif term.key == TEXT or term.operator != ":":
            parts.append(condition)
        else:
            repeated.setdefault(term.key, []).append(condition)
    parts += [or_(*conditions) for conditions in repeated.values()]
    return and_(true(), *parts)


def role_condition(column: SQLColumnExpression[int], term: Term) -> Condition:
    """Return the condition on a role, which may also be compared: `role<admin`.

    Raises:
        InvalidFilter: there is no such role.
    """
    role = Role.from_slug(term.value) or _ROLE_SHORT.get(term.value.lower())
    if role is None:
        raise wrong(term.word, f"there is no role {term.value}", (role.slug for role in Role))
    return column == int(role) if term.operator == ":" else _COMPARE[term.operator](column, int(role))


def department_condition(db: Session, column: InstrumentedAttribute[int | None], term: Term) -> Condition:
    """Return the condition on a department; `none` stands for belonging to none.

    Raises:
        InvalidFilter: there is no such department.
    """
    ids = ids_named(db, Department, "department", term)
    return column.is_(None) if ids is None else column.in_(ids)


def ids_named(
    db: Session, model: type[Department | Group | License | Course], kind: str, term: Term
) -> list[int] | None:
    """Return the ids of what the value names, or None for `none`; a part of a name will do.

    Raises:
        InvalidFilter: nothing is called so.
    """
    if term.value.lower() == "none":
        return None
    key = name_key(term.value)
    exact = db.scalars(select(model.id).where(model.name_key == key)).all()
    found = exact or db.scalars(select(model.id).where(model.name_key.contains(key, autoescape=True))).all()
    if not found:
        known = db.scalars(select(model.name).order_by(model.name_key).limit(MOST_LISTED)).all()
        raise wrong(term.word, f"there is no {kind} {term.value}", known or ("none yet",))
    return list(found)


def held(
    owner: InstrumentedAttribute[int],
    holder: InstrumentedAttribute[int],
    what: InstrumentedAttribute[int],
    *,
    ids: list[int] | None,
    one_by_one: bool,
) -> Condition:
    """Return the condition that `owner` holds one of `ids`; None stands for holding nothing.

    One by one each owner's own rows are looked up; else the holders are found first. NOT IN is never written:
    PostgreSQL reads a list that is too long for its memory from the beginning for each row.
    """
    if ids is None:
        return not_(exists().where(holder == owner))
    if one_by_one:
        return exists().where(holder == owner, what.in_(ids))
    return owner.in_(select(holder).where(what.in_(ids)))


def when(column: InstrumentedAttribute[Any], term: Term, now: datetime) -> Condition:
    """Return the condition on a moment; a date without a comparison means that whole day.

    Raises:
        InvalidFilter: neither a date nor an age.
    """
    operator, moment = moment_of(term, now)
    if operator == ":":
        return and_(column >= moment, column < moment + timedelta(days=1))
    if operator in {">", "<="} and "-" in term.value:  # a date is a whole day: after it, or up to its end
        moment += timedelta(days=1)
        operator = {">": ">=", "<=": "<"}[operator]
    return _COMPARE[operator](column, moment)  # type: ignore[no-any-return]


def on_day(column: InstrumentedAttribute[Any], term: Term, now: datetime) -> Condition:
    """Return the condition on a coming day; an age counts ahead here: `until<30d` is before 30 days from now are over.

    Raises:
        InvalidFilter: neither a date nor an age.
    """
    turned, moment = moment_of(term, now)
    if "-" in term.value:
        operator, day = turned, moment.date()
    else:
        operator, day = {":": "<="}.get(term.operator, term.operator), now.date() + (now - moment)
    return column == day if operator == ":" else _COMPARE[operator](column, day)


def one_of(term: Term, known: Iterable[str]) -> str:
    """Return the value, which must be one of `known`.

    Raises:
        InvalidFilter: listing them.
    """
    value = term.value.lower()
    names = list(known)
    if value not in names:
        raise wrong(term.word, f"{term.value} is not one of its values", names)
    return value
