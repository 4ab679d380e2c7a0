"""What an admin edits is judged as the form judges it (R36): one specification of the fields, two ways in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.registration import MASTER_DATA, parse_master_data, parse_profile

TODAY = date(2026, 3, 2)
NAMES = {"first_name": "Bo", "last_name": "Berg"}
ON_THE_FORM = {"postal_address": "address"}
TEXTS = st.text(max_size=120) | st.sampled_from(
    ["", " ", "+49 30 901820", "12", "de", "tlh", "a\nb", "a\0b", "x" * 501]
)


@pytest.mark.parametrize("name", [name for name in MASTER_DATA if name != "born_on"])
def test_the_form_and_the_editor_judge_alike(name: str) -> None:
    """For any text the two store the same value, or refuse it both with sentences of the same meaning."""

    @given(TEXTS)
    def agree(text: str) -> None:
        edited: object
        try:
            edited = parse_master_data({name: text}, today=TODAY)[name]
        except Invalid as problem:
            edited = problem.message.replace("Enter the", "Enter your")
        on_form = ON_THE_FORM.get(name, name)
        filled_in: object
        try:
            filled_in = getattr(parse_profile(NAMES | {on_form: text}, today=TODAY), name)
        except Invalid as problem:
            filled_in = problem.fields[on_form]
        assert edited == filled_in

    agree()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1990-03-27", date(1990, 3, 27)), (" 2024-02-29 ", date(2024, 2, 29)), ("", None), ("  ", None)],
)
def test_dates_are_written_year_first(text: str, expected: date | None) -> None:
    """A date is year, month and day in digits; an empty text is none."""
    assert parse_master_data({"born_on": text}, today=TODAY) == {"born_on": expected}


@pytest.mark.parametrize(
    "text", ["27.3.1990", "1990-3-27", "1990-02-30", "2026-03-02", "1800-01-01", "19900327", "x"]
)
def test_a_date_that_cannot_be_meant_is_refused(text: str) -> None:
    """Other forms, days that do not exist, the future and very old dates are refused under the date's own name."""
    with pytest.raises(Invalid) as refused:
        parse_master_data({"born_on": text}, today=TODAY)
    assert list(refused.value.fields) == ["born_on"]


def test_only_what_is_given_is_judged() -> None:
    """Fields that are left out do not appear, and every wrong one is told."""
    assert parse_master_data({"phone": "", "job_title": " Engineer "}, today=TODAY) == {
        "phone": "",
        "job_title": "Engineer",
    }
    with pytest.raises(Invalid) as refused:
        parse_master_data({"first_name": " ", "language": "tlh"}, today=TODAY)
    assert refused.value.fields == {
        "first_name": "Enter the first name.",
        "language": "Choose a language from the list.",
    }
