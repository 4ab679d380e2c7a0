"""The languages that the page and the mails are written in, each from a whole catalog (`core/catalogs`).

English needs none: its sentences are the keys of the others. A catalog is read, and Babel with it, when its language is
first spoken; whoever only speaks English never waits for either. What a catalog does not say, or says with other places
than the English sentence has, is said in English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from gettext import c2py
from importlib.resources import files
from importlib.resources.abc import Traversable
from unicodedata import bidirectional

from core.sentences import MONTHS, Fact, Sentence, english, english_day, english_moment, places
from core.values import fold

_CATALOGS = "core.catalogs"
_ISOLATED, _ISOLATED_END = "\u2068", "\u2069"
_FROM_THE_RIGHT = frozenset(("R", "AL", "AN"))


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language to say sentences in.

    Attributes:
        code: for `lang` and Content-Language.
        direction: `ltr` or `rtl`.
        translate: the English sentence, places in braces, to the one of this language.
        translate_count: the same for a singular and a plural one and how many there are.
        moment: writes weekday, date, time and zone.
        day: writes weekday and date.
        number: writes a whole number.
    """

    code: str
    direction: str
    translate: Callable[[str], str]
    translate_count: Callable[[str, str, int], str]
    moment: Callable[[datetime], str]
    day: Callable[[date], str]
    number: Callable[[int], str]

    def say(self, template: str, /, **facts: Fact) -> str:
        """Return a sentence in this language, filled in."""
        return self.translate(template).format_map(self._written(facts))

    def count(self, one: str, many: str, number: int, /, **facts: Fact) -> str:
        """Return the sentence for `number` of something, which fills its place `{number}`."""
        template = self.translate_count(one, many, number)
        return template.format_map(self._written({"number": number, **facts}))

    def tell(self, text: str, /) -> str:
        """Return what somebody else made: a `Sentence` with its facts, or a marked text as it is."""
        if isinstance(text, Sentence):
            return self.say(text.template, **text.facts)
        return self.translate(text)

    def _written(self, facts: Mapping[str, Fact]) -> dict[str, str]:
        return {
            name: self.name(fact) if type(fact) is str else self._fact(fact) for name, fact in facts.items()
        }

    def _fact(self, fact: Fact) -> str:
        if isinstance(fact, datetime):
            return self.moment(fact)
        if isinstance(fact, date):
            return self.day(fact)
        if isinstance(fact, int):
            return self.number(fact)
        return self.tell(fact) if isinstance(fact, Sentence) else self.name(fact)

    def name(self, text: str, /) -> str:
        """Return a text from outside, kept in one piece where letters run the other way; what is so already stays."""
        if _ISOLATED in text or (self.direction == "ltr" and not _runs_left(text)):
            return text
        return f"{_ISOLATED}{text}{_ISOLATED_END}"


def _runs_left(text: str) -> bool:
    """Tell whether anything in a text runs from right to left, and would take the numbers beside it along."""
    return not text.isascii() and any(bidirectional(char) in _FROM_THE_RIGHT for char in text)


def _same(one: str, many: str, number: int) -> str:
    return one if number == 1 else many


ENGLISH = Tongue("en", "ltr", str, _same, english_moment, english_day, lambda number: str(english(number)))


@cache
def offered() -> tuple[str, ...]:
    """Return the codes of the languages there is a catalog for, English first."""
    return (ENGLISH.code, *sorted(each.name.removesuffix(".po") for each in _catalogs()))


def tongue_of(code: str) -> Tongue:
    """Return the language with that code; English where there is no catalog for it."""
    return _tongue(code) if code in offered()[1:] else ENGLISH


@cache
def _tongue(code: str) -> Tongue:
    return tongue_from(code, files(_CATALOGS).joinpath(f"{code}.po").read_bytes())


def tongue_from(code: str, catalog: bytes) -> Tongue:
    """Return a language out of the text of its catalog."""
    from io import BytesIO  # noqa: PLC0415 - with Babel, only where another language is spoken

    from babel import Locale  # noqa: PLC0415 - 40 ms
    from babel.dates import format_date  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415
    from babel.numbers import format_decimal  # noqa: PLC0415

    locale = Locale.parse(code)
    read = read_po(BytesIO(catalog), locale=locale)
    form_for = c2py(read.plural_expr)
    said: dict[str, str] = {}
    counted: dict[str, tuple[str, ...]] = {}
    for message in read:
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if isinstance(message.id, str):
            if message.id and _fits(message.id, forms):
                said[message.id] = forms[0]
        elif _fits(message.id[1], forms):
            counted[message.id[0]] = forms

    def translate(template: str) -> str:
        return said.get(template, template)

    def translate_count(one: str, many: str, number: int) -> str:
        found = counted.get(one)
        return found[form_for(number)] if found else _same(one, many, number)

    @lru_cache(maxsize=64)  # mails of one run name the same few days
    def day(of: date) -> str:
        return format_date(of, format="full", locale=locale)

    def moment(at: datetime) -> str:
        here = at.astimezone(UTC)
        return f"{day(here.date())}, {here:%H:%M} UTC"

    return Tongue(
        code,
        "rtl" if locale.text_direction == "rtl" else "ltr",
        translate,
        translate_count,
        moment,
        day,
        lambda number: format_decimal(number, locale=locale),
    )


def _fits(template: str, said: tuple[str, ...]) -> bool:
    """Tell whether what a catalog says is there and has the places of the English sentence, no other, and only names."""
    wanted = places(template)
    try:
        return all(each and places(each) == wanted for each in said)
    except ValueError:
        return False


@cache
def month_names(code: str) -> tuple[tuple[str, int], ...]:
    """Return how months are called in a language, folded (`core.values.fold`), each with its number."""
    if code == ENGLISH.code:
        return tuple((name.lower(), number) for number, name in enumerate(MONTHS, start=1))
    from babel import Locale  # noqa: PLC0415 - as above

    called = Locale.parse(code).months
    names = {
        (fold(written), number)
        for use in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in called[use][width].items()
        for written in (name, name.replace("ä", "ae"))
    }
    return tuple(sorted((name.rstrip("."), number) for name, number in names))


def _catalogs() -> list[Traversable]:
    return [each for each in files(_CATALOGS).iterdir() if each.name.endswith(".po")]
