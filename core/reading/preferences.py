"""Questions about what the console remembers for the admin who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.errors import Missing
from core.models import Preference, SavedView
from core.roles import Permission
from core.values import name_key
from core.work import Look


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A list as the admin wants to see it again."""

    id: int
    name: str
    filter: str
    sort: str
    descending: bool
    columns: tuple[Any, ...]


def views(look: Look, of_list: str) -> list[ViewRow]:
    """Return the actor's own views of a list, by name."""
    look.require(Permission.USE_CONSOLE)
    found = look.db.scalars(
        select(SavedView)
        .where(SavedView.user_id == look.actor.user_id, SavedView.list == of_list)
        .order_by(SavedView.name_key)
    )
    return [_row(each) for each in found]


def view(look: Look, of_list: str, name: str) -> ViewRow:
    """Return the actor's view of a list with this name, without regard to case.

    Raises:
        Missing: listing what there is.
    """
    look.require(Permission.USE_CONSOLE)
    mine = views(look, of_list)
    key = name_key(name)
    found = next((each for each in mine if name_key(each.name) == key), None)
    if found is None:
        raise Missing("view", name, tuple(each.name for each in mine[:12]))
    return found


def recall(look: Look, key: str) -> Any:
    """Return what was remembered for the actor under `key`, or None."""
    look.require(Permission.USE_CONSOLE)
    return look.db.scalar(
        select(Preference.value).where(Preference.user_id == look.actor.user_id, Preference.key == key)
    )


def recall_all(look: Look) -> dict[str, Any]:
    """Return everything that was remembered for the actor, for the start of the console."""
    look.require(Permission.USE_CONSOLE)
    found = look.db.execute(
        select(Preference.key, Preference.value).where(Preference.user_id == look.actor.user_id)
    )
    return {row.key: row.value for row in found}


def _row(saved: SavedView) -> ViewRow:
    return ViewRow(
        id=saved.id,
        name=saved.name,
        filter=saved.filter,
        sort=saved.sort,
        descending=saved.descending,
        columns=tuple(saved.columns),
    )
