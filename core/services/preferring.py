"""What an admin lets the console remember: views under a name, and how the lists were left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from core.dialects import put_row
from core.errors import Invalid, Missing, NameTaken
from core.models import Preference, SavedView
from core.roles import Permission
from core.values import name_key, short_text
from core.work import Work

LISTS = ("users", "invitations", "departments", "groups", "roles", "audit", "mail", "licenses")
# What can be remembered: for each list how it was left, and a few things about the console as a whole.
KEYS = (
    *(f"list.{name}" for name in LISTS),
    "import.headings",
    "prompt.history",
    "theme",
    "last_list",
    "told.unfinished",
)
NAME_MOST, FILTER_MOST, SORT_MOST = 60, 2000, 20
VALUE_BYTES = 4096
VIEWS_MOST = 100


@dataclass(frozen=True, slots=True)
class View:
    """A list as somebody wants to see it again; `columns` are ids with their widths, as the console writes them."""

    filter: str = ""
    sort: str = ""
    descending: bool = False
    columns: Sequence[Any] = ()


def save_view(work: Work, of_list: str, name: str, view: View) -> int:
    """Keep a view of a list under a name; one of the same name (without regard to case) is replaced.

    Returns:
        The view's id.

    Raises:
        Invalid: fields `list`, `name`, `filter`, `columns`.
    """
    work.require(Permission.USE_CONSOLE)
    owner = _owner(work)
    clean = _view_name(name)
    values = _values(of_list, view)
    mine = _views(owner, of_list).where(SavedView.name_key == name_key(clean))
    kept = work.db.scalar(select(func.count()).select_from(SavedView).where(SavedView.user_id == owner)) or 0
    if kept >= VIEWS_MOST and work.db.scalar(mine) is None:
        raise Invalid({"name": f"{VIEWS_MOST} views are kept already. Drop one of them first."})
    key = {"user_id": owner, "list": of_list, "name_key": name_key(clean)}
    put_row(work.db, SavedView, key, {"name": clean, **values})
    return int(work.db.execute(mine).scalar_one())


def rename_view(work: Work, of_list: str, name: str, to: str) -> None:
    """Give a view another name.

    Raises:
        Missing: there is none called `name`. NameTaken: there is one called `to`. Invalid: field `name`.
    """
    work.require(Permission.USE_CONSOLE)
    owner = _owner(work)
    view_id = _view_id(work, owner, of_list, name)
    clean = _view_name(to)
    taken = _views(owner, of_list).where(SavedView.name_key == name_key(clean), SavedView.id != view_id)
    if work.db.scalar(taken) is not None:
        raise NameTaken("view", clean)
    names = {"name": clean, "name_key": name_key(clean)}
    work.db.execute(update(SavedView).where(SavedView.id == view_id).values(names))


def drop_view(work: Work, of_list: str, name: str) -> None:
    """Forget a view.

    Raises:
        Missing: there is none of this name.
    """
    work.require(Permission.USE_CONSOLE)
    view_id = _view_id(work, _owner(work), of_list, name)
    work.db.execute(delete(SavedView).where(SavedView.id == view_id))


def remember(work: Work, key: str, value: Any) -> None:
    """Keep one value for the actor; None forgets it.

    Args:
        work: the open transaction.
        key: one of `KEYS`.
        value: what JSON can hold, up to `VALUE_BYTES` of it.

    Raises:
        Invalid: field `key` or `value`.
    """
    work.require(Permission.USE_CONSOLE)
    owner = _owner(work)
    if key not in KEYS:
        raise Invalid({"key": f"There is nothing called {key} to remember. There is: {', '.join(KEYS)}."})
    _check_size("value", value)
    if value is None:
        work.db.execute(delete(Preference).where(Preference.user_id == owner, Preference.key == key))
        return
    put_row(work.db, Preference, {"user_id": owner, "key": key}, {"value": value})


def _owner(work: Work) -> int:
    """Return whose views these are; the operator of the host has no account to keep them with."""
    if not work.actor.user_id:
        raise Missing("account", f"of the {work.actor.label} to remember things for")
    return work.actor.user_id


def _views(owner: int, of_list: str) -> Any:
    return select(SavedView.id).where(SavedView.user_id == owner, SavedView.list == of_list)


def _view_id(work: Work, owner: int, of_list: str, name: str) -> int:
    found: int | None = work.db.scalar(_views(owner, of_list).where(SavedView.name_key == name_key(name)))
    if found is None:
        mine = select(SavedView.name).where(SavedView.user_id == owner, SavedView.list == of_list)
        known = work.db.scalars(mine.order_by(SavedView.name_key).limit(12)).all()
        raise Missing("view", name, tuple(known))
    return found


def _view_name(text: str) -> str:
    name = short_text(text, field="name", label="The name", most=NAME_MOST)
    if not name_key(name):
        raise Invalid({"name": "Enter a name for the view."})
    if len(name_key(name)) > 2 * NAME_MOST:  # some letters are eighteen in their compatibility form
        raise Invalid({"name": "The name is too long."})
    return name


def _values(of_list: str, view: View) -> dict[str, Any]:
    if of_list not in LISTS:
        raise Invalid({"list": f"There is no list {of_list}. There is: {', '.join(LISTS)}."})
    columns = list(view.columns)
    _check_size("columns", columns)
    return {
        "filter": short_text(view.filter, field="filter", label="The filter", most=FILTER_MOST),
        "sort": short_text(view.sort, field="sort", label="The column to sort by", most=SORT_MOST),
        "descending": view.descending,
        "columns": columns,
    }


def _check_size(field: str, value: Any) -> None:
    try:
        size = len(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        raise Invalid({field: "Only text, numbers and lists of them can be remembered."}) from None
    if size > VALUE_BYTES:
        raise Invalid({field: f"Up to {VALUE_BYTES:,} characters can be remembered; these are {size:,}."})
    if "\\u0000" in json.dumps(value):
        raise Invalid({field: "What is remembered must hold no NUL character."})
