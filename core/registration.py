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
from core.values import long_text, short_text, strip_edges

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
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH_NAME_SHORTEST = 3

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

    def text(name: str, label: str, most: int) -> str:
        value = _attempt(wrong, lambda: short_text(fields.get(name, ""), field=name, label=label, most=most))
        return value or ""

    first_name = text("first_name", "First name", NAME_MOST)
    last_name = text("last_name", "Last name", NAME_MOST)
    if not first_name:
        wrong.setdefault("first_name", "Enter your first name.")
    if not last_name:
        wrong.setdefault("last_name", "Enter your last name.")
    phone = _attempt(wrong, lambda: _phone(fields.get("phone", "")))
    address = _attempt(
        wrong,
        lambda: long_text(fields.get("address", ""), field="address", label="Address", most=ADDRESS_MOST),
    )
    born_on = _attempt(wrong, lambda: _birth_date(fields, today))
    job_title = text("job_title", "Job title", TITLE_MOST)
    language = strip_edges(fields.get("language", ""))
    if language and language not in LANGUAGES:
        wrong["language"] = "Choose a language from the list."
    if wrong:
        raise Invalid(wrong)
    return Profile(first_name, last_name, phone or "", address or "", born_on, job_title, language)


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


def _phone(text: str) -> str:
    number = short_text(text, field="phone", label="Phone", most=PHONE_MOST)
    digits = sum(char in "0123456789" for char in number)
    if number and (
        not re.fullmatch(r"\+?[0-9 ()./x-]+", number) or not _DIGITS_FEWEST <= digits <= _DIGITS_MOST
    ):
        raise Invalid(
            {"phone": "Enter a phone number with digits, such as +49 30 901820, or leave it empty."}
        )
    return number


def _birth_date(fields: Mapping[str, str], today: date) -> date | None:
    day, month, year = (strip_edges(fields.get(f"born_{part}", "")) for part in ("day", "month", "year"))
    if not (day or month or year):
        return None
    for name, typed in (("day", day), ("month", month), ("year", year)):
        if not typed:
            raise Invalid({f"born_{name}": f"The date of birth must include a {name}."})
    try:
        born_on = date(_number(year, 4), _month(month), _number(day, 2))
    except ValueError:
        raise Invalid({"born_day": "The date of birth must be a real date, such as 27 3 1990."}) from None
    if born_on >= today:
        raise Invalid({"born_year": "The date of birth must be in the past."})
    if today.year - born_on.year > OLDEST_YEARS:
        raise Invalid({"born_year": f"The date of birth must be within the last {OLDEST_YEARS} years."})
    return born_on


def _month(text: str) -> int:
    lowered = text.lower().rstrip(".")
    if len(lowered) >= _MONTH_NAME_SHORTEST:
        for number, name in enumerate(_MONTHS, start=1):
            if name.startswith(lowered):
                return number
    return _number(text, 2)


def _number(text: str, most: int) -> int:
    """Return the number written in ASCII digits; `int` alone would take signs, blanks and other scripts' digits."""
    if not re.fullmatch(rf"[0-9]{{1,{most}}}", text):
        raise ValueError(text)
    return int(text)
