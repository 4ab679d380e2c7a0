"""Sentences for people: whole, with named places for facts, so that each can be said in another language.

A `Sentence` is its English text wherever a text is wanted; the page and the mails say it in the reader's language
(`core.tongues`). Catalogs are made from what stands in `sentence(…)`, `mark(…)` and `say(…)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from string import Formatter
from typing import Self

Fact = str | int | date | datetime
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Sentence(str):
    """An English sentence that remembers what it was made of.

    Attributes:
        template: the sentence with its places in braces, as it stands in the catalogs.
        facts: what fills the places.
    """

    __slots__ = ("facts", "template")

    template: str
    facts: Mapping[str, Fact]

    def __new__(cls, text: str, template: str, facts: Mapping[str, Fact]) -> Self:
        """Return the sentence that reads `text` in English."""
        made = super().__new__(cls, text)
        made.template, made.facts = template, facts
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Leave this process as plain text."""
        return str, (str(self),)


def sentence(template: str, /, **facts: Fact) -> Sentence:
    """Return a sentence for the catalogs, filled in."""
    text = template.format_map({name: english(fact) for name, fact in facts.items()})
    return Sentence(text, template, facts)


def mark(template: str, /) -> str:
    """Return a sentence for the catalogs as it is; it is filled in, or said, elsewhere."""
    return template


def places(template: str, /) -> frozenset[str]:
    """Return the names of the places that facts fill.

    Raises:
        ValueError: a brace is left open, or a place is more than a name; such a place could look into its fact.
    """
    names = set()
    for _, name, form, conversion in Formatter().parse(template):
        if name is not None:
            if form or conversion or not name.isidentifier():
                raise ValueError(template)
            names.add(name)
    return frozenset(names)


def english(fact: Fact) -> Fact:
    """Return a fact as English sentences hold it: numbers with commas, days and moments in words."""
    if isinstance(fact, datetime):
        return english_moment(fact)
    if isinstance(fact, date):
        return english_day(fact)
    return f"{fact:,}" if isinstance(fact, int) else fact


def english_day(day: date) -> str:
    """Return weekday and date."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def english_moment(moment: datetime) -> str:
    """Return weekday, date, time and zone."""
    at = moment.astimezone(UTC)
    return f"{english_day(at)}, {at:%H:%M} UTC"
