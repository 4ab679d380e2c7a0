"""What was written about somebody who is deleted in texts that are not theirs: searches, views, contacts, results."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from core.filter_keys.people import called
from core.models import AuditEvent, MailLine, Preference, SavedView, Task, User
from core.roles import Permission
from core.values import fold
from core.work import Work

_SHORTEST_NUMBER = 6
_AROUND = '-"/,;()@<>'
_HISTORY, _FILTER = "prompt.history", "filter"
Tells = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Mentions:
    """What tells that a text is about the person: all they were ever called, except what is somebody else's by now.

    Attributes:
        addresses: in every way they were written.
        first_names, last_names, phones: those of today and all former ones.
    """

    user_id: int
    addresses: frozenset[str]
    first_names: frozenset[str]
    last_names: frozenset[str]
    phones: frozenset[str]

    @property
    def names(self) -> set[str]:
        """Their names, folded."""
        return {fold(name) for name in self.first_names | self.last_names} - {""}

    @property
    def mailboxes(self) -> set[str]:
        """Their addresses without the domain, folded: what is typed to find them."""
        return {fold(address.rpartition("@")[0]) for address in self.addresses}

    @property
    def whole_names(self) -> dict[str, str]:
        """First and last name in either order, folded, with how they stand in what a search looks in."""
        pairs = product(map(fold, self.first_names), map(fold, self.last_names))
        both = [(first, last) for first, last in pairs if first and last]
        return {f"{last} {first}": f"{first} {last}" for first, last in both} | {
            f"{first} {last}": f"{first} {last}" for first, last in both
        }

    def pattern(self) -> re.Pattern[str]:
        """Return what finds an address of theirs or a number in a folded text, and not in longer ones."""
        addresses = "|".join(re.escape(fold(address)) for address in self.addresses)
        numbers = "|".join(r"[\s./()-]*".join(_digits(phone)) for phone in self.phones if _digits(phone))
        phone = rf"|(?<!\d)(?:{numbers})(?!\d)" if numbers else ""
        return re.compile(rf"(?<![\w.+%-])-?(?:{addresses})(?![\w-]|\.\w){phone}")


def _digits(phone: str) -> str:
    """Return the digits of a number; nothing where they are too few to tell anybody."""
    digits = "".join(char for char in phone if char.isdecimal())
    return digits if len(digits) >= _SHORTEST_NUMBER else ""


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells whether a text is about the person and nobody else; each name is looked up once."""

    work: Work
    mentions: Mentions
    pattern: re.Pattern[str]
    shared: dict[str, bool]

    def sure(self, text: str) -> bool:
        """Tell whether a text holds an address, the whole name or a number of theirs."""
        return self.pattern.search(fold(text)) is not None or self._holds(text, self.mentions.whole_names)

    def name(self, text: str) -> bool:
        """Tell whether the name of a view is about them."""
        return self.sure(text) or self._holds(text, {name: name for name in self.mentions.names})

    def search(self, text: str) -> bool:
        """Tell whether what was searched for is them."""
        return self.name(text) or self._holds(text, {each: each for each in self.mentions.mailboxes})

    def _holds(self, text: str, names: Mapping[str, str]) -> bool:
        words = f" {' '.join(word.strip(_AROUND) for word in fold(text).split())} "
        return any(f" {name} " in words and not self._is_shared(known) for name, known in names.items())

    def _is_shared(self, name: str) -> bool:
        if name not in self.shared:
            db = self.work.db
            others = select(User.id).where(User.id != self.mentions.user_id, called(db, name)).limit(1)
            self.shared[name] = db.scalar(others) is not None
        return self.shared[name]


def forget_what_was_typed(work: Work, mentions: Mentions, label: str) -> None:
    """Forget remembered searches and saved views that are about the person.

    A name that somebody else has, too, stays: the search is as much about them. The tables hold a few rows for each
    admin, so all of them are looked at.
    """
    work.require(Permission.MANAGE_PEOPLE)
    teller = _Teller(work, mentions, mentions.pattern(), {})
    for row in work.db.execute(select(Preference.user_id, Preference.key, Preference.value)).all():
        left = _without(row.value, teller, teller.search if row.key == _HISTORY else teller.sure)
        if left != row.value:
            work.db.execute(
                update(Preference)
                .where(Preference.user_id == row.user_id, Preference.key == row.key)
                .values(value=left)
                .execution_options(synchronize_session=False)
            )
    views = work.db.execute(select(SavedView.id, SavedView.name, SavedView.filter)).all()
    told = [view.id for view in views if teller.name(view.name) or teller.search(view.filter)]
    work.db.execute(
        delete(SavedView).where(SavedView.id.in_(told)).execution_options(synchronize_session=False)
    )
    _forget_in_trail(work, teller.sure, label)
    _forget_results(work, teller.sure)


def _without(value: Any, teller: _Teller, tells: Tells) -> Any:
    """Return a remembered value without what is about the person: entries of a list go, other texts are emptied."""
    if isinstance(value, str):
        return "" if tells(value) else value
    if isinstance(value, list):
        kept = (each for each in value if not (isinstance(each, str) and tells(each)))
        return [_without(each, teller, tells) for each in kept]
    if isinstance(value, Mapping):
        return {
            name: _without(each, teller, teller.search if name == _FILTER else tells)
            for name, each in value.items()
        }
    return value


def _forget_results(work: Work, sure: Tells) -> None:
    """Empty what tasks last said, and why mails wait, where that names the person."""
    tasks = [row.name for row in work.db.execute(select(Task.name, Task.result)) if sure(row.result)]
    work.db.execute(
        update(Task)
        .where(Task.name.in_(tasks))
        .values(result="")
        .execution_options(synchronize_session=False)
    )
    reason = work.db.scalar(select(MailLine.reason))
    if reason and sure(reason):
        work.db.execute(update(MailLine).values(reason="").execution_options(synchronize_session=False))


def _forget_in_trail(work: Work, sure: Tells, label: str) -> None:
    """Blank the person where the trail tells of contacts the company once had, or why mails had to wait."""
    events = work.db.execute(
        select(AuditEvent.id, AuditEvent.details).where(AuditEvent.subject_kind.in_(("company", "mail_line")))
    ).all()

    def left(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: left(each) for name, each in value.items()}
        return label if isinstance(value, str) and sure(value) else value

    rows = [{"of_id": event.id, "left": left(event.details)} for event in events]
    changed = [row for row, event in zip(rows, events, strict=True) if row["left"] != event.details]
    if changed:
        statement = update(AuditEvent).where(AuditEvent.__table__.c.id == bindparam("of_id"))
        work.db.connection().execute(statement.values(details=bindparam("left")), changed)
