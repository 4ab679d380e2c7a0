"""The filter language: one for the console's search, the commands and the bulk verbs.

Bare words match name or address anywhere. `key:value` and, where it makes sense, `key<value` and `key>value` narrow
down; `-` in front negates; several are and-ed; the same key twice is or-ed. Values with blanks stand in quotes.
A wrong word is an error that names it and lists what exists. Reading a text needs no database; the keys of a list
and what their values mean in SQL are in `core.filter_keys`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.errors import InvalidFilter
from core.values import strip_edges

_WORD = re.compile(
    r"""(?P<negated>-)?
        (?:(?P<key>[a-z]+)(?P<operator><=|>=|[:<>]))?
        (?:"(?P<quoted>[^"]*)"|(?P<plain>\S*))""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE = re.compile(r"\S+")
_MISREAD = re.compile(r"-|[a-z]+[:<>]", re.IGNORECASE)  # a bare word that would be read as more than that
_AGE = re.compile(r"(?P<number>[0-9]{1,5})(?P<unit>[hdwmy])")
_UNIT_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
TEXT = "text"


@dataclass(frozen=True, slots=True)
class Term:
    """One word: `-role<admin` is Term("role", "<", "admin", True); a bare word has the key `text`."""

    key: str
    operator: str
    value: str
    negated: bool

    @property
    def word(self) -> str:
        """The term as a person would type it."""
        bare = _BARE.fullmatch(self.value) and strip_edges(self.value) == self.value
        misread = self.key == TEXT and _MISREAD.match(self.value)
        value = self.value if bare and not misread else f'"{self.value}"'
        sign = "-" if self.negated else ""
        return sign + (value if self.key == TEXT else f"{self.key}{self.operator}{value}")


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed text; empty finds everything that the list shows by default."""

    terms: tuple[Term, ...] = ()

    def of(self, key: str) -> tuple[Term, ...]:
        """Return the terms with `key`."""
        return tuple(term for term in self.terms if term.key == key)

    def __str__(self) -> str:
        return " ".join(term.word for term in self.terms)


def parse(text: str, keys: Mapping[str, str]) -> Filter:
    """Return the filter written in `text`.

    Args:
        text: as typed.
        keys: key -> the operators it takes, such as ":<>"; others are refused.

    Raises:
        InvalidFilter: naming the word and what exists.
    """
    if text.count('"') % 2:
        raise wrong(text, "a quote is not closed")
    terms = []
    for match in _WORD.finditer(strip_edges(text)):
        if not match[0]:
            continue
        terms.append(_term(match, keys))
    return Filter(tuple(terms))


def _term(match: re.Match[str], keys: Mapping[str, str]) -> Term:
    value = match["quoted"] if match["quoted"] is not None else match["plain"]
    negated = bool(match["negated"])
    if match["key"] is None:
        if not value:
            raise wrong(match[0], "a minus needs a word behind it")
        return Term(TEXT, ":", value, negated)
    key, operator = match["key"].lower(), match["operator"]
    if key not in keys:
        raise wrong(match[0], f"there is no key {key}", keys)
    if operator[0] not in keys[key]:
        allowed = " or ".join(f"{key}{sign}…" for sign in keys[key])
        raise wrong(match[0], f"{key} takes {allowed}")
    if not value:
        raise wrong(match[0], "a value is missing behind it")
    return Term(key, operator, value, negated)


def wrong(word: str, reason: str, known: Iterable[str] = ()) -> InvalidFilter:
    """Return the error that names the word and lists what exists."""
    listed = ", ".join(known)
    there = f" There is: {listed}." if listed else ""
    return InvalidFilter({"filter": f"The filter word {word}: {reason}.{there}"})


def moment_of(term: Term, now: datetime) -> tuple[str, datetime]:
    """Return the operator and the moment a date or an age stands for.

    A date means its first moment in UTC. An age such as `90d` counts back from now, and turns the comparison round:
    `seen>90d` is longer ago than 90 days.

    Raises:
        InvalidFilter: neither of the two.
    """
    age = _AGE.fullmatch(term.value.lower())
    try:
        if age:
            moment = now - timedelta(hours=int(age["number"]) * _UNIT_HOURS[age["unit"]])
            return {"<": ">", ">": "<", "<=": ">=", ">=": "<=", ":": "<="}[term.operator], moment
        day = datetime.strptime(term.value, "%Y-%m-%d").replace(tzinfo=UTC)
        day + timedelta(days=1)  # the end of the day must be a moment too
        return term.operator, day
    except (ValueError, OverflowError):
        raise wrong(
            term.word, "expected a date such as 2026-03-31 or an age such as 90d (h, d, w, m, y)"
        ) from None
