"""The filter word behind a cell: what a person would type to find the rows that say the same in a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.filters import TEXT, Filter, Term

if TYPE_CHECKING:
    from core.reading.invitations import InvitationRow
    from core.reading.users import UserRow

NONE, NEVER = "none", "never"
EVERYBODY = Filter((Term("status", ":", "any", negated=False),))
"""Finds archived people too, who are hidden by default (R44)."""


def user_words(row: UserRow, column: str) -> tuple[Term, ...]:
    """Return the words for a column of the list of people; nothing where there are none.

    Several words, as for several groups, are or-ed by the filter language.
    """
    made = _USER.get(column)
    return made(row) if made else ()


def invitation_words(row: InvitationRow, column: str) -> tuple[Term, ...]:
    """Return the words for a column of the list of invitations, as `user_words`."""
    made = _INVITATION.get(column)
    return made(row) if made else ()


def narrowed(chosen: Filter, words: Iterable[Term]) -> Filter:
    """Return `chosen` and `words`: words of a key that was or-ed before stand alone now, since a cell has one value."""
    new = tuple(words)
    keys = {term.key for term in new if term.key != TEXT}
    kept = [term for term in chosen.terms if term.key not in keys or term.negated or term.operator != ":"]
    return Filter((*kept, *(term for term in new if term not in kept)))


def _named(key: str, names: Iterable[str]) -> tuple[Term, ...]:
    """Return a word for each name, `none` for no name; a name that is itself `none` has none."""
    present = [name for name in names if name]
    if not present:
        return _words(key, NONE)
    return tuple(word for name in present if name.lower() != NONE for word in _words(key, name))


def _words(key: str, value: str) -> tuple[Term, ...]:
    """Return the word, as one that can be typed: quotes cannot, so the longest part between them stands for the value."""
    typed = max(value.split('"'), key=len)
    return (Term(key, ":", typed, negated=False),) if typed.strip() else ()


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d") if moment else ""


_USER: Mapping[str, Callable[[UserRow], tuple[Term, ...]]] = {
    "name": lambda row: _words(TEXT, row.name),
    "address": lambda row: _words(TEXT, row.address),
    "role": lambda row: _words("role", row.role.slug),
    "status": lambda row: _words("status", row.status),
    "department": lambda row: _named("dept", (row.department,)),
    "groups": lambda row: _named("group", row.groups),
    "seats": lambda row: _named("seat", row.seats),
    "seen": lambda row: _words("seen", _day(row.last_sign_in) or NEVER),
    "joined": lambda row: _words("joined", _day(row.joined)),
    "language": lambda row: _words("lang", row.language or NONE),
}
_INVITATION: Mapping[str, Callable[[InvitationRow], tuple[Term, ...]]] = {
    "address": lambda row: _words(TEXT, row.address),
    "state": lambda row: _words("state", row.state),
    "mail": lambda row: _words("mail", row.mail),
    "role": lambda row: _words("role", row.role.slug),
    "expires": lambda row: _words("expires", _day(row.expires)),
    "created": lambda row: _words("created", _day(row.created)),
    "department": lambda row: _named("dept", (row.department,)),
    "groups": lambda row: _named("group", row.groups),
    "by": lambda row: _words("by", row.invited_by),
}
