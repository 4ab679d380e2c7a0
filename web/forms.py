"""The form's fields: names, labels, hints and browser hints. What may stand in them is judged by core alone (R25, R26)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField, StringField, TextAreaField

from core.errors import Invalid
from core.passwords import SHORTEST
from core.sentences import mark, sentence

INVITATION, EMAIL, CSRF = "invitation", "email", "csrf_token"
BIRTH_DATE = mark("Date of birth")


class RegistrationForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """What an invitee fills in, in the order of the page; labels and hints are said in the reader's language."""

    first_name = StringField(mark("First name"), render_kw={"autocomplete": "given-name"})
    last_name = StringField(mark("Last name"), render_kw={"autocomplete": "family-name"})
    password = PasswordField(
        mark("Password"),
        description=sentence(
            "{least} characters or more. Several unrelated words are easy to remember and hard to guess. "
            "Common passwords, your name and your company’s name are refused.",
            least=SHORTEST,
        ),
    )
    phone = StringField(
        mark("Phone"),
        description=sentence(
            "For questions about your courses. With the country code, such as {example}.",
            example="+49\u00a030\u00a0901820",
        ),
        render_kw={"autocomplete": "tel", "type": "tel", "dir": "ltr", "width": "medium"},
    )
    address = TextAreaField(mark("Address"), render_kw={"autocomplete": "street-address"})
    born_day = StringField(mark("Day"), render_kw={"autocomplete": "bday-day", "width": "2", "dir": "ltr"})
    born_month = StringField(
        mark("Month"), render_kw={"autocomplete": "bday-month", "width": "3", "dir": "auto"}
    )
    born_year = StringField(mark("Year"), render_kw={"autocomplete": "bday-year", "width": "4", "dir": "ltr"})
    job_title = StringField(mark("Job title"), render_kw={"autocomplete": "organization-title"})
    language = StringField(mark("Preferred language"))
    invitation = HiddenField()

    @property
    def birth_date(self) -> list[Field]:
        """The three fields of the date of birth."""
        return [self.born_day, self.born_month, self.born_year]

    @property
    def wrong(self) -> list[Field]:
        """The fields with an error, in the order of the page."""
        return [field for field in self if field.errors and field.name != CSRF]

    def typed(self) -> dict[str, str]:
        """Return what core judges: field name -> text exactly as typed."""
        return {field.name: field.data or "" for field in self if field.name not in {INVITATION, CSRF}}

    def to_copy(self) -> list[tuple[str, str]]:
        """Return label and text of what was filled in, without the password."""
        born = " ".join(field.data for field in self.birth_date if field.data)
        texts = [self.first_name, self.last_name, self.phone, self.address, self.job_title]
        told = [(field.label.text, field.data) for field in texts]
        return [(label, text) for label, text in [*told[:-1], (BIRTH_DATE, born), told[-1]] if text]

    def mark(self, problem: Invalid) -> None:
        """Put core's sentences beside the fields they are about."""
        for name, text in problem.fields.items():
            self[name].errors = [text]


def known_names() -> frozenset[str]:
    """Return every name that the page itself sends."""
    form = RegistrationForm(formdata=None, meta={"csrf": False})
    return frozenset(form._fields) | {EMAIL, CSRF}
