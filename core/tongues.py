"""The languages that the page and the mails are written in, each from a whole catalog (`core/catalogs`).

English needs none: its sentences are the keys of the others. A catalog is read, and Babel with it, when its language is
first spoken; whoever only speaks English never waits for either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from core.sentences import Fact, Sentence, english, english_day, english_moment

_CATALOGS = "core.catalogs"


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
        return {name: self._fact(fact) for name, fact in facts.items()}

    def _fact(self, fact: Fact) -> str:
        if isinstance(fact, datetime):
            return self.moment(fact)
        if isinstance(fact, date):
            return self.day(fact)
        if isinstance(fact, int):
            return self.number(fact)
        return self.tell(fact) if isinstance(fact, Sentence) else fact


def _same(one: str, many: str, number: int) -> str:
    return one if number == 1 else many


ENGLISH = Tongue("en", "ltr", str, _same, english_moment, english_day, lambda number: str(english(number)))


@cache
def offered() -> tuple[str, ...]:
    """Return the codes of the languages there is a catalog for, English first."""
    return (ENGLISH.code, *sorted(each.name.removesuffix(".po") for each in _catalogs()))


@cache
def tongue_of(code: str) -> Tongue:
    """Return the language with that code; English where there is no catalog for it."""
    found = next((each for each in _catalogs() if each.name == f"{code}.po"), None)
    return tongue_from(code, found.read_bytes()) if found is not None else ENGLISH


def tongue_from(code: str, catalog: bytes) -> Tongue:
    """Return a language out of the text of its catalog."""
    from io import BytesIO  # noqa: PLC0415 - with Babel, only where another language is spoken

    from babel import Locale  # noqa: PLC0415 - 40 ms
    from babel.dates import format_date, format_datetime  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415
    from babel.numbers import format_decimal  # noqa: PLC0415

    locale = Locale.parse(code)
    said: dict[str, str | tuple[str, ...]] = {}
    for message in read_po(BytesIO(catalog), locale=locale):
        if message.id and message.string:
            key = message.id if isinstance(message.id, str) else message.id[0]
            said[key] = message.string if isinstance(message.string, str) else tuple(message.string)

    def translate(template: str) -> str:
        found = said.get(template, template)
        return found if isinstance(found, str) else found[-1]

    def translate_count(one: str, many: str, number: int) -> str:
        found = said.get(one)
        if not isinstance(found, tuple):
            return one if number == 1 else many
        return found[locale_index(number)]

    def locale_index(number: int) -> int:
        order = sorted(locale.plural_form.tags | {"other"}, key=_PLURALS.index)
        return order.index(locale.plural_form(number))

    def moment(at: datetime) -> str:
        here = at.astimezone(UTC)
        return f"{format_datetime(here, 'EEEE, d MMMM y, HH:mm', locale=locale)} UTC"

    return Tongue(
        code,
        "rtl" if locale.text_direction == "rtl" else "ltr",
        translate,
        translate_count,
        moment,
        lambda day: format_date(day, format="full", locale=locale),
        lambda number: format_decimal(number, locale=locale),
    )


_PLURALS = ("zero", "one", "two", "few", "many", "other")


def _catalogs() -> list[Traversable]:
    return [each for each in files(_CATALOGS).iterdir() if each.name.endswith(".po")]
