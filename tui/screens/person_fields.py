"""The fields of a person as screens write them: their labels, and what their texts mean."""

from __future__ import annotations

from datetime import UTC, datetime

from core.registration import LANGUAGES
from core.roles import Role

LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "address": "Email",
    "role": "Role",
    "department": "Department",
    "groups": "Learning groups",
    "job_title": "Job title",
    "phone": "Phone",
    "postal_address": "Address",
    "born_on": "Date of birth",
    "language": "Language",
    "status": "Status",
}
_NOTHING = {"department": "none", "groups": "none", "language": "the company's", "leaves_on": "no date"}


def label_of(field: str) -> str:
    """Return what a field is called."""
    return LABELS.get(field, field.replace("_", " ").capitalize())


def text_of(field: str, text: str) -> str:
    """Return a field's text for a person: roles and languages by name, and a word for nothing."""
    if not text:
        return _NOTHING.get(field, "not given")
    if field == "role":
        role = Role.from_slug(text)
        return role.label if role is not None else text
    if field == "language":
        return LANGUAGES.get(text, text)
    return text


def cell_text(field: str, text: str) -> str:
    """Return a field's text for a cell or a field to type in: as `text_of`, but nothing stays empty."""
    return text_of(field, text) if text else ""


def moment(at: datetime | None) -> str:
    """Return a moment in UTC, to the minute; nothing for None."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""
