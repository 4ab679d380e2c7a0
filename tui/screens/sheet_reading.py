"""What a sheet is made of: the people as they are, what there is to choose from, and what a text can mean."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import Missing
from core.facts import PersonFacts
from core.registration import LANGUAGES
from core.roles import Actor, Role
from core.rules import EDIT_PERSON, TOUCH_PERSON, refusal_of
from core.services.texts import Texts, joined, judge, texts
from core.values import name_key, strip_edges
from core.work import Look
from tui.screens.offer_fields import NONE, Options, read_options
from tui.screens.person_fields import cell_text
from tui.screens.picker import Choice
from tui.screens.sheet_model import Judged, SheetRow

_TOUCHING = ("role", "department", "groups")
_LEAST_TYPED, _MOST_LISTED = 2, 12


@dataclass(frozen=True)
class Loaded:
    """What was read for a sheet."""

    rows: list[SheetRow]
    options: Options
    today: date


def read_sheet(look: Look, ids: Sequence[int]) -> Loaded:
    """Return people in this order, those who are gone left out; each who may not be edited with the reason (R34)."""
    rows = []
    for found in texts(look, ids):
        refusal, barred = refusals_of(look.actor, found)
        rows.append(SheetRow(found.id, found.address, found.values, refusal, barred))
    return Loaded(rows, read_options(look), look.now.date())


def refusals_of(actor: Actor, person: Texts) -> tuple[str, dict[str, str]]:
    """Return why somebody may not be edited, or else why their role and places may not be changed, by field."""
    facts = PersonFacts(person.id, person.address, int(person.role), "")
    refusal, barred = (refusal_of(rules, actor, facts) for rules in (EDIT_PERSON, TOUCH_PERSON))
    return refusal.message if refusal else "", dict.fromkeys(_TOUCHING, barred.message) if barred else {}


class SheetJudge:
    """Says what a text in a column stands for, by the rules of core and the names there are."""

    def __init__(self, loaded: Loaded) -> None:
        """Take what there is to choose from."""
        options = loaded.options
        self._today = loaded.today
        self._departments = {name_key(each.name): each.name for each in options.departments}
        self._groups = {name_key(each.name): each.name for each in options.groups}
        self._roles = {each.role: each.refusal for each in options.roles}
        self._languages = {name_key(each): code for code, name in LANGUAGES.items() for each in (code, name)}
        self._options = options

    def __call__(self, field: str, text: str) -> Judged:
        """Return the text as it would be stored, and what is wrong with it."""
        clean = strip_edges(text)
        if field == "department":
            return _named(clean, "department", self._departments)
        if field == "groups":
            return self._several(clean)
        if field == "role":
            return self._role(clean)
        if field == "language":
            clean = self._languages.get(name_key(clean), clean)
        return Judged(clean, judge({field: clean}, today=self._today).get(field, ""))

    def words(self, field: str) -> tuple[str, ...]:
        """Return what is offered while typing in a column."""
        return tuple(choice.label for choice in self.choices(field) if choice.key and not choice.refusal)

    def choices(self, field: str) -> list[Choice]:
        """Return what there is to choose in a column, what is out of reach with the reason (R55); none for free text."""
        if field == "department":
            return [Choice("", NONE), *(Choice(name, name) for name in self._departments.values())]
        if field == "groups":
            return [Choice("", NONE), *(Choice(name, name) for name in self._groups.values())]
        if field == "role":
            return [
                Choice(
                    each.role.slug,
                    each.role.label,
                    each.role.summary,
                    each.refusal.message if each.refusal else "",
                    role=each.role,
                )
                for each in self._options.roles
            ]
        if field == "language":
            return [Choice("", "the company's"), *(Choice(code, name) for code, name in LANGUAGES.items())]
        return []

    def completed(self, field: str, typed: str) -> str:
        """Return the only name that begins as typed, or else what was typed."""
        begun = name_key(typed)
        words = self.words(field)
        if field == "groups" or len(begun) < _LEAST_TYPED or not self(field, typed).sentence:
            return typed
        found = [word for word in words if name_key(word).startswith(begun)]
        return found[0] if len(found) == 1 else typed

    def _role(self, text: str) -> Judged:
        role = Role.from_slug(text)
        if role is None:
            known = tuple(cell_text("role", each.slug) for each in Role)
            return Judged(text, Missing("role", text, known).message)
        refusal = self._roles[role]
        return Judged(role.slug, refusal.message if refusal else "")

    def _several(self, text: str) -> Judged:
        found = [_named(part, "learning group", self._groups) for part in names_in(text)]
        names = sorted({each.text for each in found if each.text}, key=lambda name: (name_key(name), name))
        return Judged(joined(names), next((each.sentence for each in found if each.sentence), ""))


def names_in(text: str) -> list[str]:
    """Return the names that `core.services.texts.joined` has put together; where quotes do not add up, the text itself."""
    try:
        [names] = csv.reader([text], skipinitialspace=True, strict=True) if text else [[]]
    except (csv.Error, ValueError):
        return [text]
    return [clean for name in names if (clean := strip_edges(name))]


def _named(text: str, kind: str, known: Mapping[str, str]) -> Judged:
    if not text or name_key(text) == NONE:
        return Judged("", "")
    name = known.get(name_key(text))
    if name is not None:
        return Judged(name, "")
    return Judged(text, Missing(kind, text, tuple(known.values())[:_MOST_LISTED]).message)
