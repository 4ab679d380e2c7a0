"""The form's fields: names, labels, hints and browser hints. What may stand in them is judged by core alone (R25, R26)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField, StringField, TextAreaField

from core.errors import Invalid
from core.passwords import SHORTEST

INVITATION, EMAIL = "invitation", "email"


class RegistrationForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """What an invitee fills in, in the order of the page."""

    first_name = StringField("First name", render_kw={"autocomplete": "given-name"})
    last_name = StringField("Last name", render_kw={"autocomplete": "family-name"})
    password = PasswordField(
        "Password",
        description=f"{SHORTEST} characters or more. Several unrelated words are easy to remember and hard to guess. "
        "Common passwords, your name and your company’s name are refused.",
    )
    phone = StringField(
        "Phone",
        description="For questions about your courses. With the country code, such as +49\u00a030\u00a0901820.",
        render_kw={"autocomplete": "tel", "type": "tel", "dir": "ltr", "width": "medium"},
    )
    address = TextAreaField("Postal address", render_kw={"autocomplete": "street-address"})
    born_day = StringField("Day", render_kw={"autocomplete": "bday-day", "width": "2"})
    born_month = StringField("Month", render_kw={"autocomplete": "bday-month", "width": "2"})
    born_year = StringField("Year", render_kw={"autocomplete": "bday-year", "width": "4"})
    job_title = StringField("Job title", render_kw={"autocomplete": "organization-title"})
    language = StringField("Preferred language")
    invitation = HiddenField()

    @property
    def birth_date(self) -> list[Field]:
        """The three fields of the date of birth."""
        return [self.born_day, self.born_month, self.born_year]

    @property
    def wrong(self) -> list[Field]:
        """The fields with an error, in the order of the page."""
        return [field for field in self if field.errors and field.name != "csrf_token"]

    def typed(self) -> dict[str, str]:
        """Return what core judges: field name -> text exactly as typed."""
        own = {INVITATION, "csrf_token"}
        return {field.name: field.data or "" for field in self if field.name not in own}

    def mark(self, problem: Invalid) -> None:
        """Put core's sentences beside the fields they are about."""
        for name, sentence in problem.fields.items():
            self[name].errors = [sentence]


def known_names() -> frozenset[str]:
    """Return every name that the page itself sends."""
    form = RegistrationForm(formdata=None, meta={"csrf": False})
    return frozenset(form._fields) | {EMAIL, "csrf_token"}
