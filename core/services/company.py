"""The company: setting it up, and its record (S23, S29, R10, R49-R51)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.colors import ENOUGH, WHITE, contrast, darkened
from core.errors import AlreadySetUp, Invalid
from core.models import Company, User
from core.models.company import EDITABLE
from core.models.people import ACTIVE
from core.registration import ADDRESS_MOST, LANGUAGES, language_named, phone_number
from core.roles import Permission, Role
from core.rules import NO_LIMIT
from core.selection import lock_company
from core.services.fields import Fields, Subject, differing, judged
from core.services.inviting import MOST_DAYS
from core.values import Address, long_text, search_key, short_text, sort_key, strip_edges
from core.work import Work

NAME_MOST, WEBSITE_MOST = 200, 500
LOGO_MOST = 200_000  # bytes


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who gets the first Company Admin account; the password is hashed already. Names may be empty (R36)."""

    address: Address
    password_hash: str
    first_name: str = ""
    last_name: str = ""


def company_name(text: str, *, field: str = "company") -> str:
    """Return the company's name as it may be stored (S23).

    Raises:
        Invalid: the field it was typed into.
    """
    name = short_text(text, field=field, label="The company's name", most=NAME_MOST)
    if not name:
        raise Invalid({field: "Enter the company's name."})
    return name


def set_up(work: Work, *, name: str, admin: FirstAdmin, user_cap: int | None = None) -> int:
    """Make the company and its first Company Admin (S12: appointed on the host).

    Returns:
        The admin's user id.

    Raises:
        AlreadySetUp: this database has its company. Invalid: fields `company`, `user_cap`.
    """
    work.require(Permission.RUN_HOST)
    if user_cap is not None and user_cap < 1:
        raise Invalid({"user_cap": "The maximum number of users must be 1 or more, or left out."})
    existing = work.db.get(Company, 1)
    if existing is not None:
        raise AlreadySetUp(existing.name)
    name = company_name(name)
    work.db.add(Company(id=1, name=name, user_cap=user_cap, created_at=work.now))
    work.db.flush()
    work.record("company.set_up", "company", 1, name)
    key = admin.address.key
    user = User(
        address=admin.address.typed,
        address_key=key,
        role=int(Role.COMPANY_ADMIN),
        status=ACTIVE,
        first_name=admin.first_name,
        last_name=admin.last_name,
        password_hash=admin.password_hash,
        search_key=search_key(key, admin.first_name, admin.last_name),
        sort_key=sort_key(key, admin.first_name, admin.last_name),
        created_at=work.now,
    )
    work.db.add(user)
    work.db.flush()
    work.record("user.created", "user", user.id, user.address, role=Role.COMPANY_ADMIN.slug)
    return user.id


def edit_company(work: Work, values: Fields, *, seen: Fields | None = None) -> bool:
    """Change fields of the company's record (S23, S29, R10).

    Links that are out keep their days; the new number counts from the next invitation on.

    Args:
        work: the open transaction.
        values: of `name email phone website address link_days language color` those to change, as typed.
        seen: the same fields as they were when looked at.

    Returns:
        Whether anything was changed.

    Raises:
        EditConflict, Invalid: the field that is wrong.
    """
    work.require(Permission.MANAGE_COMPANY)
    clean = judged(values, _FIELDS)
    lock_company(work.db)
    company = work.db.get_one(Company, 1)
    changes = differing(work.db, Subject("company", 1, company.name), company_fields(company), clean, seen)
    if not changes:
        return False
    for field in changes:
        setattr(company, field, int(clean[field]) if field == "link_days" else clean[field])
    work.db.flush()
    work.record("company.edited", "company", 1, company.name, **changes)
    return True


def set_cap(work: Work, cap: int | None) -> bool:
    """Set the maximum number of users; None lifts it (R49, R51: the operator's alone).

    It may be set below what is held: nobody loses anything, but nobody new gets in until there is room again (R50).

    Returns:
        Whether anything was changed.

    Raises:
        Invalid: field `cap`.
    """
    work.require(Permission.RUN_HOST)
    if cap is not None and not 1 <= cap < NO_LIMIT:
        raise Invalid({"cap": "The maximum number of users must be a whole number, 1 or more, or none."})
    lock_company(work.db)
    company = work.db.get_one(Company, 1)
    if company.user_cap == cap:
        return False
    old, company.user_cap = company.user_cap, cap
    work.db.flush()
    work.record("company.cap_set", "company", 1, company.name, user_cap={"old": old, "new": cap})
    return True


def set_logo(work: Work, image: bytes) -> bool:
    """Set the logo of the page; nothing takes it away (S29). Mails hold no pictures.

    Returns:
        Whether anything was changed.

    Raises:
        Invalid: field `logo`; too large, or neither PNG nor JPEG by its first bytes.
    """
    work.require(Permission.MANAGE_COMPANY)
    kind = logo_type(image)
    lock_company(work.db)
    company = work.db.get_one(Company, 1)
    if (company.logo or b"") == image:
        return False
    old = _told(company.logo_type, company.logo or b"")
    company.logo, company.logo_type = image or None, kind
    work.db.flush()
    changes: dict[str, Any] = {"logo": {"old": old, "new": _told(kind, image)}}
    work.record("company.edited", "company", 1, company.name, **changes)
    return True


# --- fields -----------------------------------------------------------------------------------------------------


def company_fields(company: Company) -> dict[str, str]:
    """Return the fields that `edit_company` takes, as texts."""
    return {field: str(getattr(company, field)) for field in EDITABLE}


def logo_type(image: bytes) -> str:
    """Return the media type of a logo by its first bytes; the empty string for no image.

    SVG is not taken: it can hold scripts, and mail programs do not show it.

    Raises:
        Invalid: field `logo`.
    """
    if len(image) > LOGO_MOST:
        raise Invalid(
            {
                "logo": f"The logo must be {LOGO_MOST:,} bytes or fewer; this has {len(image):,}. Save it smaller."
            }
        )
    kind = next((kind for start, kind in _IMAGES.items() if image.startswith(start)), "")
    if image and not kind:
        raise Invalid({"logo": "The logo must be a PNG or a JPEG image. Save it as one of these."})
    return kind


def _told(kind: str, image: bytes) -> str:
    return f"{kind}, {len(image):,} bytes" if image else ""


def _email(text: str) -> str:
    if not strip_edges(text):
        return ""
    try:
        return Address.parse(text).typed
    except Invalid as problem:
        raise Invalid({"email": problem.message}) from None


def _website(text: str) -> str:
    clean = short_text(text, field="website", label="The website", most=WEBSITE_MOST)
    try:
        parts = urlsplit(clean)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and clean.isprintable()
    except ValueError:
        whole = False
    if clean and (not whole or " " in clean):
        raise Invalid({"website": "Enter the website with https:// in front, such as https://acme.example."})
    return clean


def _address(text: str) -> str:
    return long_text(text, field="address", label="The address", most=ADDRESS_MOST)


def _link_days(text: str) -> str:
    clean = strip_edges(text)
    if not (re.fullmatch(r"[0-9]{1,3}", clean) and 1 <= int(clean) <= MOST_DAYS):
        raise Invalid({"link_days": f"Links live from 1 to {MOST_DAYS} days. Enter a whole number."})
    return str(int(clean))


def _language(text: str) -> str:
    code = language_named(text)
    if not code:
        raise Invalid({"language": f"Choose a language: {', '.join(LANGUAGES)}."})
    return code


def _color(text: str) -> str:
    """Return the house color as #rrggbb; it must stand apart from white, since text is written in it and on it."""
    clean = strip_edges(text).lower()
    if not clean:
        return ""
    if not re.fullmatch(r"#[0-9a-f]{6}", clean):
        raise Invalid({"color": "Enter the color as # and six digits, such as #0550ae, or leave it empty."})
    reached = contrast(clean, WHITE)
    if reached < ENOUGH:
        raise Invalid(
            {
                "color": f"{clean} is too light: on white it reaches a contrast of {reached:.1f}, and text needs "
                f"{ENOUGH}. {darkened(clean)} is the nearest shade that can be read."
            }
        )
    return clean


_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_FIELDS: Mapping[str, Callable[[str], str]] = {
    "name": lambda text: company_name(text, field="name"),
    "email": _email,
    "phone": phone_number,
    "website": _website,
    "address": _address,
    "link_days": _link_days,
    "language": _language,
    "color": _color,
}
