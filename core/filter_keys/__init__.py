"""What the filter words of each list mean in SQL: which keys there are, and a condition for each word."""

from __future__ import annotations

from core.filter_keys.invitations import INVITATION_STATES, MAIL_STATES, invitation_conditions
from core.filter_keys.licenses import LICENSE_STATES, license_conditions
from core.filter_keys.people import Ways, user_conditions, ways_to_find
from core.filter_keys.places import place_conditions
from core.filter_keys.trail import OUTBOX_STATES, audit_conditions, mail_conditions
from core.filter_keys.words import Condition
from core.filters import Filter, parse

__all__ = [
    "AUDIT_KEYS",
    "INVITATION_KEYS",
    "INVITATION_STATES",
    "LICENSE_KEYS",
    "LICENSE_STATES",
    "MAIL_KEYS",
    "MAIL_STATES",
    "OUTBOX_STATES",
    "PLACE_KEYS",
    "USER_KEYS",
    "Condition",
    "Ways",
    "audit_conditions",
    "invitation_conditions",
    "license_conditions",
    "mail_conditions",
    "parse_audit",
    "parse_invitations",
    "parse_licenses",
    "parse_mail",
    "parse_places",
    "parse_users",
    "parse_words",
    "place_conditions",
    "user_conditions",
    "ways_to_find",
]

USER_KEYS = {
    "role": ":<>",
    "dept": ":",
    "group": ":",
    "seat": ":",
    "status": ":",
    "seen": ":<>",
    "joined": ":<>",
    "lang": ":",
    "title": ":",
    "leaves": ":<>",
    "unused": ":",
    "waits": ":",
}
INVITATION_KEYS = {
    "state": ":",
    "role": ":<>",
    "mail": ":",
    "by": ":",
    "dept": ":",
    "group": ":",
    "created": ":<>",
    "expires": ":<>",
    "batch": ":",
}
AUDIT_KEYS = {"action": ":", "by": ":", "subject": ":", "batch": ":", "at": ":<>"}
MAIL_KEYS = {"state": ":", "kind": ":", "to": ":", "batch": ":", "created": ":<>"}
LICENSE_KEYS = {"is": ":", "course": ":", "until": ":<>"}
PLACE_KEYS = {"is": ":"}


def parse_users(text: str) -> Filter:
    """Return the filter for the list of people.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, USER_KEYS)


def parse_invitations(text: str) -> Filter:
    """Return the filter for the list of invitations.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, INVITATION_KEYS)


def parse_audit(text: str) -> Filter:
    """Return the filter for the audit trail.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, AUDIT_KEYS)


def parse_mail(text: str) -> Filter:
    """Return the filter for the outbox.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, MAIL_KEYS)


def parse_licenses(text: str) -> Filter:
    """Return the filter for the list of licenses.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, LICENSE_KEYS)


def parse_places(text: str) -> Filter:
    """Return the filter for the lists of departments and of learning groups.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, PLACE_KEYS)


def parse_words(text: str) -> Filter:
    """Return the filter for the short lists, such as that of roles, that take bare words only.

    Raises:
        InvalidFilter: naming the wrong word.
    """
    return parse(text, {})
