"""What an invitee fills in (R25, R26): one specification of the fields, judged here and nowhere else.

Field names are those of the form in INTERFACES; `Invalid.fields` uses them, so a front end can mark each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from core.errors import Invalid
from core.passwords import Password
from core.sentences import Sentence, sentence
from core.tongues import month_names
from core.values import fold, long_text, short_text, strip_edges

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
}
NAME_MOST, PHONE_MOST, ADDRESS_MOST, TITLE_MOST = 100, 40, 500, 100
OLDEST_YEARS = 120
_DIGITS_FEWEST, _DIGITS_MOST = 4, 15
_MONTH_NAME_SHORTEST, _MONTH_NAME_LONGEST = 3, 40
_MONTHS_ELSEWHERE = ("de_AT",)  # languages that have names of their own for a month in another country

_OWN_NAME_MISSING = {
    "first_name": sentence("Enter your first name."),
    "last_name": sentence("Enter your last name."),
}
_NAME_MISSING = {"first_name": "Enter the first name.", "last_name": "Enter the last name."}
_PART_MISSING = {
    "day": sentence("The date of birth must include a day."),
    "month": sentence("The date of birth must include a month."),
    "year": sentence("The date of birth must include a year."),
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """The master data of a person, judged; empty optional fields are the empty string or None."""

    first_name: str
    last_name: str
    phone: str = ""
    postal_address: str = ""
    born_on: date | None = None
    job_title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A filled-in form, judged: master data and a new password."""

    profile: Profile
    password: Password


def parse_registration(
    fields: Mapping[str, str], *, today: date, context: Iterable[str] = ()
) -> Registration:
    """Return the registration written in `fields`.

    Args:
        fields: form field name -> text as typed; missing ones count as empty, unknown ones are ignored.
        today: the date that a birth date must lie before.
        context: words the password must not be made of (company, address); the names are added.

    Raises:
        Invalid: every wrong field with its sentence, in the order of the form.
    """
    wrong: dict[str, str] = {}
    profile = _attempt(wrong, lambda: parse_profile(fields, today=today))
    words = [*context, fields.get("first_name", ""), fields.get("last_name", "")]
    password = _attempt(wrong, lambda: Password.parse(fields.get("password", ""), context=words))
    if profile is None or password is None:
        raise Invalid({name: wrong[name] for name in _in_form_order(wrong)})
    return Registration(profile, password)


def parse_profile(fields: Mapping[str, str], *, today: date) -> Profile:
    """Return the master data written in `fields` (see `parse_registration`; no password).

    Raises:
        Invalid: every wrong field with its sentence.
    """
    wrong: dict[str, str] = {}

    def text(name: str) -> str:
        return _attempt(wrong, lambda: _TEXTS[name](fields.get(name, ""))) or ""

    first_name = text("first_name")
    last_name = text("last_name")
    for name, value in (("first_name", first_name), ("last_name", last_name)):
        if not value:
            wrong.setdefault(name, _OWN_NAME_MISSING[name])
    phone = text("phone")
    address = _attempt(wrong, lambda: _postal_address(fields.get("address", ""), "address"))
    born_on = _attempt(wrong, lambda: _birth_date(fields, today))
    job_title = text("job_title")
    language = text("language")
    if wrong:
        raise Invalid(wrong)
    return Profile(first_name, last_name, phone, address or "", born_on, job_title, language)


def parse_master_data(fields: Mapping[str, str], *, today: date) -> dict[str, str | date | None]:
    """Return some of a person's master data as it may be stored, each field judged as the form judges it (R36).

    Args:
        fields: `MASTER_DATA` name -> text; `born_on` is a date such as 1990-03-27, empty for none. Those that are left
            out are left alone.
        today: the date that a birth date must lie before.

    Raises:
        Invalid: every wrong field with its sentence.
    """
    wrong: dict[str, str] = {}
    judged: dict[str, str | date | None] = {}
    for name, text in fields.items():
        try:
            judged[name] = _born_on(text, today) if name == "born_on" else _TEXTS[name](text)
        except Invalid as problem:
            wrong[name] = problem.message
            continue
        if name in _NAME_MISSING and not judged[name]:
            wrong[name] = _NAME_MISSING[name]
    if wrong:
        raise Invalid(wrong)
    return judged


def _attempt(wrong: dict[str, str], judge: Callable[[], T]) -> T | None:
    try:
        return judge()
    except Invalid as problem:
        wrong.update(problem.fields)
        return None


def _in_form_order(wrong: Mapping[str, str]) -> list[str]:
    order = (
        "first_name", "last_name", "password", "phone", "address",
        "born_day", "born_month", "born_year", "job_title", "language",
    )  # fmt: skip
    return [name for name in order if name in wrong]


def phone_number(text: str) -> str:
    """Return a telephone number as it may be stored; the empty string for none.

    Raises:
        Invalid: field `phone`.
    """
    number = short_text(text, field="phone", label=sentence("Phone"), most=PHONE_MOST)
    digits = sum(char in "0123456789" for char in number)
    if number and (
        not re.fullmatch(r"\+?[0-9 ()./x-]+", number) or not _DIGITS_FEWEST <= digits <= _DIGITS_MOST
    ):
        raise Invalid(
            {"phone": sentence("Enter a phone number with digits, such as +49 30 901820, or leave it empty.")}
        )
    return number


def language_code(text: str) -> str:
    """Return a language of `LANGUAGES`; the empty string for the company's.

    Raises:
        Invalid: field `language`.
    """
    language = strip_edges(text)
    if language and language not in LANGUAGES:
        raise Invalid({"language": sentence("Choose a language from the list.")})
    return language


def language_named(text: str) -> str:
    """Return a language of `LANGUAGES` by its code in small or capital letters; the empty string for none.

    Raises:
        Invalid: field `language`; lists what there is.
    """
    code = strip_edges(text).lower()
    if code and code not in LANGUAGES:
        raise Invalid({"language": f"There is no language {code}. There is: {', '.join(LANGUAGES)}."})
    return code


def _short(name: str, label: Sentence, most: int) -> Callable[[str], str]:
    return lambda text: short_text(text, field=name, label=label, most=most)


def _postal_address(text: str, field: str = "postal_address") -> str:
    return long_text(text, field=field, label=sentence("Address"), most=ADDRESS_MOST)


def _born_on(text: str, today: date) -> date | None:
    """Return the date of birth written as 1990-03-27, judged like the three fields of the form."""
    typed = strip_edges(text)
    if not typed:
        return None
    written = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", typed)
    if written is None:
        raise Invalid({"born_on": "Write the date of birth as year-month-day, such as 1990-03-27."})
    return _birth_date({"born_year": written[1], "born_month": written[2], "born_day": written[3]}, today)


def _birth_date(fields: Mapping[str, str], today: date) -> date | None:
    day, month, year = (strip_edges(fields.get(f"born_{part}", "")) for part in ("day", "month", "year"))
    if not (day or month or year):
        return None
    for name, typed in (("day", day), ("month", month), ("year", year)):
        if not typed:
            raise Invalid({f"born_{name}": _PART_MISSING[name]})
    try:
        born_on = date(_number(year, 4), _month(month), _number(day, 2))
    except ValueError:
        raise Invalid(
            {"born_day": sentence("The date of birth must be a real date, such as 27 3 1990.")}
        ) from None
    if born_on >= today:
        raise Invalid({"born_year": sentence("The date of birth must be in the past.")})
    if today.year - born_on.year > OLDEST_YEARS:
        raise Invalid(
            {
                "born_year": sentence(
                    "The date of birth must be within the last {years} years.", years=OLDEST_YEARS
                )
            }
        )
    return born_on


def _month(text: str) -> int:
    """Return the month written as a number or by the beginning of its name, in any language of ours."""
    name = fold(text).rstrip(".") if len(text) <= _MONTH_NAME_LONGEST else ""
    if len(name) < _MONTH_NAME_SHORTEST:
        return _number(text, 2)
    for code in (*LANGUAGES, *_MONTHS_ELSEWHERE):
        meant = {number for each, number in month_names(code) if each.startswith(name)}
        if len(meant) == 1:
            return meant.pop()
    raise ValueError(text)


def _number(text: str, most: int) -> int:
    """Return the number written in ASCII digits; `int` alone would take signs, blanks and other scripts' digits."""
    if not re.fullmatch(rf"[0-9]{{1,{most}}}", text):
        raise ValueError(text)
    return int(text)


_TEXTS: Mapping[str, Callable[[str], str]] = {
    "first_name": _short("first_name", sentence("First name"), NAME_MOST),
    "last_name": _short("last_name", sentence("Last name"), NAME_MOST),
    "phone": phone_number,
    "postal_address": _postal_address,
    "job_title": _short("job_title", sentence("Job title"), TITLE_MOST),
    "language": language_code,
}
MASTER_DATA = ("first_name", "last_name", "phone", "postal_address", "born_on", "job_title", "language")
