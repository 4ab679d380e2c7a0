"""What an invitee fills in (R25, R26), judged field by field."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.registration import LANGUAGES, Profile, parse_profile, parse_registration

TODAY = date(2026, 3, 2)
NAMES = {"first_name": "Bo", "last_name": "Berg"}


def profile(**fields: str) -> Profile:
    """Return the profile written in the fields, with a name given."""
    return parse_profile(NAMES | fields, today=TODAY)


def wrong(**fields: str) -> dict[str, str]:
    """Return the fields that are refused, with their sentences."""
    try:
        profile(**fields)
    except Invalid as problem:
        return dict(problem.fields)
    return {}


def born(day: str, month: str, year: str) -> date | None:
    """Return the date of birth written in three fields."""
    return profile(born_day=day, born_month=month, born_year=year).born_on


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("27", "3", "1990"), date(1990, 3, 27)),
        (("07", "03", "1990"), date(1990, 3, 7)),
        ((" 27 ", "\u00a03", "1990\u200b"), date(1990, 3, 27)),
        (("29", "2", "2024"), date(2024, 2, 29)),
        (("29", "2", "2000"), date(2000, 2, 29)),
        (("1", "march", "1990"), date(1990, 3, 1)),
        (("1", "Mar", "1990"), date(1990, 3, 1)),
        (("1", "Mar.", "1990"), date(1990, 3, 1)),
        (("1", "SEPT", "1990"), date(1990, 9, 1)),
        (("1", "May", "1990"), date(1990, 5, 1)),
        (("1", "3", "2026"), date(2026, 3, 1)),
        (("1", "1", "1906"), date(1906, 1, 1)),
    ],
)
def test_dates_of_birth_as_people_write_them(typed: tuple[str, str, str], expected: date) -> None:
    """Numbers with or without zeros, blanks around and month names are understood."""
    assert born(*typed) == expected


@pytest.mark.parametrize(
    ("typed", "field", "reason"),
    [
        (("29", "2", "2023"), "born_day", "a real date"),
        (("29", "2", "1900"), "born_day", "a real date"),
        (("31", "4", "1990"), "born_day", "a real date"),
        (("0", "3", "1990"), "born_day", "a real date"),
        (("-1", "3", "1990"), "born_day", "a real date"),
        (("+1", "3", "1990"), "born_day", "a real date"),
        (("1", "13", "1990"), "born_day", "a real date"),
        (("1", "0", "1990"), "born_day", "a real date"),
        (("1", "3", "0"), "born_day", "a real date"),
        (("1", "3", "99999"), "born_day", "a real date"),
        (("\uff12\uff17", "3", "1990"), "born_day", "a real date"),
        (("27", "3", "\u0661\u0669\u0669\u0660"), "born_day", "a real date"),
        (("1_0", "3", "1990"), "born_day", "a real date"),
        (("1", "marzipan", "1990"), "born_day", "a real date"),
        (("1", "ma", "1990"), "born_day", "a real date"),
        (("1", "3.0", "1990"), "born_day", "a real date"),
        (("", "3", "1990"), "born_day", "include a day"),
        (("27", " ", "1990"), "born_month", "include a month"),
        (("27", "3", ""), "born_year", "include a year"),
        (("2", "3", "2026"), "born_year", "in the past"),
        (("1", "1", "2027"), "born_year", "in the past"),
        (("1", "1", "90"), "born_year", "within the last 120 years"),
        (("1", "1", "1905"), "born_year", "within the last 120 years"),
    ],
)
def test_dates_of_birth_that_cannot_be_meant(typed: tuple[str, str, str], field: str, reason: str) -> None:
    """A part that is missing, an impossible day, other scripts' digits and the future are refused at their field."""
    day, month, year = typed
    refused = wrong(born_day=day, born_month=month, born_year=year)
    assert list(refused) == [field]
    assert reason in refused[field]


def test_no_date_of_birth_is_fine() -> None:
    """The date of birth is optional (R26)."""
    assert born("", "  ", "") is None


def test_names_are_required_and_kept_as_typed() -> None:
    """Both names are needed, and any letters, apostrophes or control marks in them stay (R25)."""
    assert wrong(first_name=" ", last_name="\ufeff") == {
        "first_name": "Enter your first name.",
        "last_name": "Enter your last name.",
    }
    for name in ("O'Brien", "Nguyễn", "Ƶ", "ليلى", "Eve [/x]\x1b]52;c;", "X Æ A-12"):
        assert profile(first_name=f" {name} ").first_name == name


def test_names_are_composed() -> None:
    """A name typed as letters and accents is stored composed, so it is found either way."""
    assert profile(last_name="Mu\u0308ller").last_name == "Müller"
    assert profile(last_name="Mu\u0308ller" + " " * 400).last_name == "Müller"
    assert profile(address="Mu\u0308hle" + "\n" * 2_000).postal_address == "Mühle"


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\x00b", "a\u2028b", "a\ud800b", "x" * 101])
def test_names_that_no_line_or_database_can_hold(name: str) -> None:
    """Line breaks, NUL, half characters and more than a hundred letters are refused."""
    assert list(wrong(first_name=name)) == ["first_name"]


@pytest.mark.parametrize("number", ["+49 30 901820", "(030) 90-1820", "0049.30.901820", "030/901820 x12", ""])
def test_phone_numbers_as_people_write_them(number: str) -> None:
    """Blanks, brackets, dots, slashes and an extension are fine, and nothing at all too."""
    assert profile(phone=number).phone == number


@pytest.mark.parametrize(
    "number", ["call me", "123", "+", "1" * 16, "\uff11\uff12\uff13\uff14", "12+34", "1" * 41]
)
def test_phone_numbers_that_are_none(number: str) -> None:
    """Words, too few or too many digits and other scripts' digits are refused."""
    assert list(wrong(phone=number)) == ["phone"]


def test_an_address_may_have_lines() -> None:
    """Every kind of line break in a postal address becomes one newline."""
    assert profile(address=" 1 High St\r\nYork\rUK \n").postal_address == "1 High St\nYork\nUK"
    assert list(wrong(address="x" * 501)) == ["address"]
    assert list(wrong(address="a\x00b")) == ["address"]


def test_only_shipped_languages_can_be_chosen() -> None:
    """A language is one of the list or none."""
    assert {profile(language=language).language for language in ("", *LANGUAGES)} == {"", *LANGUAGES}
    assert list(wrong(language="tlh")) == ["language"]


def test_every_wrong_field_is_told_in_the_order_of_the_form() -> None:
    """One submit names all mistakes, from top to bottom."""
    fields = {
        "language": "tlh", "job_title": "x" * 101, "born_year": "1990", "phone": "no", "password": "short", "last_name": "",
    }  # fmt: skip
    with pytest.raises(Invalid) as caught:
        parse_registration(fields, today=TODAY)
    assert list(caught.value.fields) == [
        "first_name", "last_name", "password", "phone", "born_day", "job_title", "language",
    ]  # fmt: skip


def test_the_password_may_not_be_made_of_the_name() -> None:
    """The name typed into the same form counts as context of the password."""
    with pytest.raises(Invalid) as caught:
        parse_registration(
            {"first_name": "Christopher", "last_name": "Berg", "password": "Christopher9"}, today=TODAY
        )
    assert list(caught.value.fields) == ["password"]


def test_unknown_fields_are_ignored() -> None:
    """An address or a role sent along changes nothing (P32)."""
    assert profile(role="40", email="eve@example.com", status="archived") == profile()


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "first_name",
                "last_name",
                "phone",
                "address",
                "born_day",
                "born_month",
                "born_year",
                "job_title",
                "language",
            ]
        ),
        st.text(max_size=30),
    )
)
def test_any_form_is_a_profile_or_refused(fields: dict[str, str]) -> None:
    """Whatever is typed becomes texts that both databases can hold, or is refused at known fields."""
    try:
        found = parse_profile(fields, today=TODAY)
    except Invalid as problem:
        assert set(problem.fields) <= {  # noqa: PT017 - it need not be refused
            *fields,
            "first_name",
            "last_name",
            "born_day",
            "born_month",
            "born_year",
        }
        return
    for text in (found.first_name, found.last_name, found.phone, found.postal_address, found.job_title):
        text.encode()
        assert "\x00" not in text
