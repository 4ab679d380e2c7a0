"""Sentences said in other languages: plural forms, numbers, days, and facts that stay what they are."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel import Locale
from babel.messages.catalog import Catalog

from core.errors import (
    AddressHasAccount,
    Busy,
    Invalid,
    InviterMayNoLonger,
    LinkExpired,
    LinkReplaced,
    LinkUnknown,
    LinkUsed,
    LinkWithdrawn,
    NoPlaceLeft,
    Problem,
)
from core.passwords import LONGEST
from core.registration import LANGUAGES, parse_profile, parse_registration
from core.sentences import mark, places, sentence
from core.tongues import ENGLISH, Tongue, month_names, offered, tongue_from, tongue_of
from core.values import fold
from tests.catalogs import written
from tests.pseudo import accent, accented, mirrored

TODAY = date(2026, 3, 2)
MONDAY = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
HELLO = "Hello {name}, {number} are left until {day}."


def spoken(code: str, said: dict[str | tuple[str, str], str | list[str]]) -> Tongue:
    """Return a language that has a catalog of these sentences."""
    catalog = Catalog(locale=Locale.parse(code), fuzzy=False)
    for english, other in said.items():
        catalog.add(english, other)
    return tongue_from(code, written(catalog))


GERMAN = spoken("de", {HELLO: "{name}, bis {day} bleiben {number}.", "First name": "Vorname", "{label} is long.": "{label}: zu lang."})  # fmt: skip


def test_english_is_said_as_it_stands() -> None:
    """English fills in names, writes thousands with commas and days in words."""
    said = "Hello Bo, 1,234 are left until Monday, 2 March 2026."
    assert ENGLISH.say(HELLO, name="Bo", number=1234, day=TODAY) == said
    assert sentence(HELLO, name="Bo", number=1234, day=TODAY) == said
    assert sentence("At {at}.", at=MONDAY) == "At Monday, 2 March 2026, 09:05 UTC."


def test_a_sentence_is_said_again_in_another_language() -> None:
    """A sentence that core has filled in is said with the same facts, written as the language writes them."""
    told = sentence(HELLO, name="Bo", number=1234, day=TODAY)
    assert GERMAN.tell(told) == "Bo, bis Montag, 2. März 2026 bleiben 1.234."
    assert ENGLISH.tell(told) == told


def test_a_fact_that_is_a_sentence_is_said_too() -> None:
    """A label inside a sentence is translated with it, and a marked text by itself."""
    told = sentence("{label} is long.", label=sentence("First name"))
    assert told == "First name is long."
    assert GERMAN.tell(told) == "Vorname: zu lang."
    assert GERMAN.tell(mark("First name")) == "Vorname"


@pytest.mark.parametrize(
    ("code", "day", "number"),
    [
        ("en", "Monday, 2 March 2026", "12,345"),
        ("de", "Montag, 2. März 2026", "12.345"),
        ("fr", "lundi 2 mars 2026", "12\u202f345"),
        ("es", "lunes, 2 de marzo de 2026", "12.345"),
        ("it", "lunedì 2 marzo 2026", "12.345"),
        ("nl", "maandag 2 maart 2026", "12.345"),
        ("pl", "poniedziałek, 2 marca 2026", "12\xa0345"),
        ("pt", "segunda-feira, 2 de março de 2026", "12.345"),
    ],
)
def test_days_moments_and_numbers_as_each_language_writes_them(code: str, day: str, number: str) -> None:
    """Weekday, date, time and zone are written in full, whatever zone the moment came in."""
    tongue = tongue_of(code)
    assert tongue.code == code
    assert tongue.day(TODAY) == day
    assert tongue.moment(MONDAY) == f"{day}, 09:05 UTC"
    assert tongue.moment(MONDAY.astimezone(timezone(timedelta(hours=9)))) == f"{day}, 09:05 UTC"
    assert tongue.number(12345) == number


@pytest.mark.parametrize(
    ("code", "forms", "by_number"),
    [
        ("en", [], {0: "many", 1: "one", 2: "many"}),
        ("de", ["eins", "viele"], {0: "viele", 1: "eins", 2: "viele", 1_000_000: "viele"}),
        ("fr", ["un", "plusieurs"], {0: "un", 1: "un", 2: "plusieurs", 1_000_000: "plusieurs"}),
        ("pl", ["jeden", "kilka", "wiele"], {
            0: "wiele", 1: "jeden", 2: "kilka", 4: "kilka", 5: "wiele", 11: "wiele", 12: "wiele", 21: "wiele",
            22: "kilka", 112: "wiele", 1002: "kilka",
        }),
        ("ar", ["zero", "one", "two", "few", "other", "many"], {
            0: "zero", 1: "one", 2: "two", 3: "few", 11: "many", 100: "other", 103: "few",
        }),
    ],
)  # fmt: skip
def test_plural_forms(code: str, forms: list[str], by_number: dict[int, str]) -> None:
    """Each number takes the plural form of its language, Polish with three of them and French counting 0 as one."""
    many = "{number} many"
    said = {("{number} one", many): [f"{{number}} {form}" for form in forms]}
    tongue = spoken(code, dict(said)) if forms else ENGLISH
    found = {number: tongue.count("{number} one", many, number).split()[-1] for number in by_number}
    assert found == by_number


def test_a_counted_sentence_may_have_more_facts() -> None:
    """The number stands in its place as the language writes it, beside other facts."""
    one, many = "{number} seat of {name}", "{number} seats of {name}"
    german = spoken("de", {(one, many): ["{number} Platz von {name}", "{number} Plätze von {name}"]})
    assert german.count(one, many, 1, name="A") == "1 Platz von A"
    assert german.count(one, many, 1500, name="A") == "1.500 Plätze von A"
    assert ENGLISH.count(one, many, 1500, name="A") == "1,500 seats of A"


def test_what_a_catalog_does_not_say_is_said_in_english() -> None:
    """An unknown language and a sentence that is not translated fall back on English."""
    assert tongue_of("tlh") is ENGLISH
    assert GERMAN.say("Untranslated, {name}.", name="Bo") == "Untranslated, Bo."
    assert GERMAN.count("{number} day", "{number} days", 1) == "1 day"
    assert GERMAN.count("{number} day", "{number} days", 2000) == "2.000 days"


def test_no_code_of_a_language_leads_out_of_the_catalogs() -> None:
    """A path in the place of a code is a language we do not speak."""
    assert tongue_of("../catalogs/de") is ENGLISH
    assert tongue_of("") is ENGLISH


@pytest.mark.parametrize("name", ["{0.__class__}", "{name}", "{", "}}", "%(x)s", "%s", "{{7*7}}", "\\1"])
def test_what_people_are_called_is_never_a_format(name: str) -> None:
    """Braces, percent signs and the like in a fact are letters in every language, nested facts included."""
    for tongue in (ENGLISH, GERMAN):
        assert name in tongue.say(HELLO, name=name, number=1, day=TODAY)
        assert name in tongue.tell(sentence(HELLO, name=name, number=1, day=TODAY))
        assert name in tongue.tell(sentence("{label} is long.", label=sentence("{name}", name=name)))


@pytest.mark.parametrize(
    "said",
    [
        "{name.__class__}", "{name[0]}", "{name!r}", "{name:>999999999}", "{}", "{0}", "{name", "name}", "Hallo",
        "{name} {other}", "{name} {name.__class__}", "{ name}", "{name:{name}}",
    ],
)  # fmt: skip
def test_a_catalog_cannot_look_into_facts(said: str) -> None:
    """A translation with other places than the English sentence, or with more than a name in one, is not used."""
    wrong = spoken("de", {"Hi {name}": said, ("{number} {name}", "{number} {name}s"): [said, said]})
    assert wrong.say("Hi {name}", name="Bo") == "Hi Bo"
    assert wrong.count("{number} {name}", "{number} {name}s", 2, name="Bo") == "2 Bos"


@pytest.mark.parametrize(
    "template", ["{name.real}", "{name[0]}", "{name!s}", "{name:5}", "{}", "{0}", "{name", "}"]
)
def test_places_are_names_and_nothing_else(template: str) -> None:
    """A template whose places do more than hold a fact is refused."""
    assert places("{a} {{b}} {c_1} {a}") == {"a", "c_1"}
    with pytest.raises(ValueError, match=r".*"):
        places(template)


def test_from_right_to_left() -> None:
    """A language written from right to left says so, and keeps names in one piece between its letters."""
    arabic = mirrored()
    assert (arabic.code, arabic.direction) == ("ar", "rtl")
    assert {tongue_of(code).direction for code in LANGUAGES} == {"ltr"}
    assert arabic.say("{name}!", name="Bo & Co. (1)") == "\u2068Bo & Co. (1)\u2069!"
    assert arabic.tell(sentence("First name")) not in {"", "First name"}


def test_a_name_that_runs_the_other_way_is_kept_in_one_piece() -> None:
    """An Arabic or Hebrew name among Latin letters takes no number along, and is wrapped once only."""
    for name in ("شركة", "חברה"):
        kept = f"\u2068{name}\u2069"
        assert ENGLISH.say("{name}: {number} of 9", name=name, number=5) == f"{kept}: 5 of 9"
        assert GERMAN.name(GERMAN.name(name)) == kept
    for name in ("Müller & Söhne", "Ελλάς", "株式会社", "O'Brien"):
        assert ENGLISH.name(name) == name


def test_a_sentence_leaves_the_process_as_text() -> None:
    """What is pickled or written as JSON is the English text alone; its facts may be anything."""
    told = sentence("At {at}.", at=MONDAY)
    assert json.loads(json.dumps({"error": told})) == {"error": str(told)}
    again = pickle.loads(pickle.dumps(told))  # noqa: S301 - our own bytes
    assert (type(again), again) == (str, told)


def test_languages_are_offered_with_a_catalog() -> None:
    """English comes first, and each language that can be chosen is spoken."""
    assert offered()[0] == "en"
    assert set(offered()) == set(LANGUAGES)
    assert [tongue_of(code).code for code in offered()] == list(offered())


# --- what core tells an invitee ---------------------------------------------------------------------------------------

RIGHT = {"first_name": "Bo", "last_name": "Berg", "password": "quiet lantern 42 rivers"}
WRONG = {
    "first_name": ("", "x" * 101, "a\nb", "a\x00b", "a\ud800"),
    "last_name": ("", "x" * 101, "a\nb", "a\ud800"),
    "password": ("", "short", "x" * (LONGEST + 1), "long enough\x00", "password1", "BergBergBerg"),
    "phone": ("x", "1" * 41, "1\n2"),
    "address": ("x" * 501, "a\x00b", "a\ud800"),
    "born_day": ("27",),
    "born_month": ("3",),
    "born_year": ("1990",),
    "job_title": ("x" * 101, "a\nb"),
    "language": ("tlh",),
}
BORN = (("31", "2", "1990"), ("1", "1", "1890"), ("1", "1", "2027"), ("1", "", "1990"), ("1", "1", ""))


def _refusals() -> Iterator[str]:
    """Yield what each wrong field is answered with."""
    forms = [RIGHT | {name: typed} for name, wrong in WRONG.items() for typed in wrong]
    forms += [RIGHT | {"born_day": day, "born_month": month, "born_year": year} for day, month, year in BORN]
    for form in forms:
        with pytest.raises(Invalid) as caught:
            parse_registration(form, today=TODAY)
        yield from caught.value.fields.values()


def test_everything_wrong_with_a_form_can_be_said_in_other_languages() -> None:
    """Each sentence about a field is in the catalogs with all of its words, its label included."""
    refusals = list(_refusals())
    assert len(refusals) >= 29
    for told in refusals:
        assert accented().tell(told).startswith("⟦"), told
        assert "First name" not in accented().tell(told)


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("first_name", "", "Enter your first name."),
        ("last_name", "x" * 101, "Last name must be 100 characters or fewer; this has 101."),
        ("job_title", "a\nb", "Job title must be on one line and hold no NUL character."),
        ("address", "x" * 1234, "Address must be 500 characters or fewer; this has 1234."),
        ("address", "a\x00b", "Address must hold no NUL character."),
        ("phone", "1\ud800", "Phone holds a character that cannot be stored. Type it anew."),
        ("born_day", "27", "The date of birth must include a month."),
        ("password", "short", "The password must be 8 characters or more."),
        ("password", "x" * 1025, "The password must be 1,024 characters or fewer."),
    ],
)
def test_refusals_read_in_english_as_ever(name: str, typed: str, told: str) -> None:
    """The console and scripts get the plain English text, whatever it is made of."""
    with pytest.raises(Invalid) as caught:
        parse_registration(RIGHT | {name: typed}, today=TODAY)
    assert caught.value.message == told


@pytest.mark.parametrize(
    "problem",
    [
        LinkUnknown(), LinkUsed(), LinkReplaced(MONDAY), LinkWithdrawn(), LinkExpired(MONDAY), AddressHasAccount(),
        InviterMayNoLonger(), NoPlaceLeft(), Busy(),
    ],
    ids=lambda problem: problem.code,
)  # fmt: skip
def test_everything_wrong_with_a_link_can_be_said_in_other_languages(problem: Problem) -> None:
    """What an invitee is refused with is in the catalogs, facts and all."""
    assert accented().tell(problem.message).startswith("⟦")
    assert accented().tell(problem.message) != accent(problem.message) or "{" not in problem.sentence


def test_when_a_link_expired_is_told_in_words() -> None:
    """The page tells the day in the reader's language; the console and scripts read it as ever."""
    message = LinkExpired(MONDAY).message
    assert message == "This link expired on 2026-03-02 09:05 UTC. Ask to be invited again."
    assert "Monday, 2 March 2026, 09:05 UTC" in ENGLISH.tell(message)
    assert "2. März 2026, 09:05 UTC" in tongue_of("de").tell(message)


# --- months -----------------------------------------------------------------------------------------------------------


def _born(month: str) -> date | None:
    fields = {**RIGHT, "born_day": "27", "born_month": month, "born_year": "1990"}
    return parse_profile(fields, today=TODAY).born_on


@pytest.mark.parametrize("code", LANGUAGES)
def test_months_are_understood_by_their_names(code: str) -> None:
    """Each month is understood as the language writes it: within a date and alone, in full and short, accents or none."""
    called = Locale.parse(code).months
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in called[use][width].items():
                for typed in (name, name.upper(), fold(name), f" {name.rstrip('.')}. "):
                    assert _born(typed) == date(1990, number, 27), typed


@pytest.mark.parametrize(
    ("typed", "month"),
    [("Maerz", 3), ("März", 3), ("MÄR", 3), ("Jänner", 1), ("août", 8), ("aou", 8), ("październik", 10), ("paź", 10),
     ("lutego", 2), ("luty", 2), ("maio", 5), ("mei", 5), ("mag", 5), ("ottobre", 10), ("dez", 12)],
)  # fmt: skip
def test_months_as_people_write_them(typed: str, month: int) -> None:
    """Three letters of a month suffice where they mean one, in whichever language."""
    assert _born(typed) == date(1990, month, 27)


@pytest.mark.parametrize("typed", ["jui", "ma", "marzipan", "ju", "märzz", "...", "13", "1.", "x" * 10_000])
def test_months_that_nobody_can_tell(typed: str) -> None:
    """A beginning that fits two months, or none, is not guessed at."""
    with pytest.raises(Invalid) as caught:
        _born(typed)
    assert list(caught.value.fields) == ["born_day"]


def test_no_name_of_a_month_means_another_one_elsewhere() -> None:
    """No language calls a month what begins the name of a different one in another language."""
    named = {each for code in LANGUAGES for each in month_names(code)}
    clashes = {
        (one, other)
        for one, number in named
        for other, its in named
        if number != its and other.startswith(one) and len(one) >= 3
    }
    assert not clashes
