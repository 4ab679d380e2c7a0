"""Setting up the company and the places people are sorted into."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from core.errors import AlreadySetUp, Invalid, NameTaken
from core.models import Company, Department, Group, User
from core.models.people import ACTIVE
from core.roles import Permission, Role
from core.selection import lock_company
from core.values import Address, long_text, name_key, search_key, short_text, sort_key
from core.work import Work

NAME_MOST, KEY_MOST, DESCRIPTION_MOST = 200, 400, 2000


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who gets the first Company Admin account; the password is hashed already. Names may be empty (R36)."""

    address: Address
    password_hash: str
    first_name: str = ""
    last_name: str = ""


def company_name(text: str) -> str:
    """Return the company's name as it may be stored (S23).

    Raises:
        Invalid: field `company`.
    """
    name = short_text(text, field="company", label="The company's name", most=NAME_MOST)
    if not name:
        raise Invalid({"company": "Enter the company's name."})
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


def add_department(work: Work, name: str) -> int:
    """Add a department (S24).

    Raises:
        NameTaken, Invalid: field `name`.
    """
    work.require(Permission.MANAGE_COMPANY)
    clean = _new_name(work, Department, "department", name)
    department = Department(name=clean, name_key=name_key(clean), created_at=work.now)
    work.db.add(department)
    work.db.flush()
    work.record("department.added", "department", department.id, clean)
    return department.id


def add_group(work: Work, name: str, *, description: str = "", max_size: int | None = None) -> int:
    """Add a learning group (S30).

    Raises:
        NameTaken, Invalid: fields `name`, `description`, `max_size`.
    """
    work.require(Permission.MANAGE_COMPANY)
    if max_size is not None and max_size < 1:
        raise Invalid({"max_size": "The maximum size must be 1 or more, or left empty."})
    clean = _new_name(work, Group, "learning group", name)
    description = long_text(description, field="description", label="The description", most=DESCRIPTION_MOST)
    group = Group(
        name=clean, name_key=name_key(clean), description=description, max_size=max_size, created_at=work.now
    )
    work.db.add(group)
    work.db.flush()
    work.record("group.added", "group", group.id, clean, max_size=max_size)
    return group.id


def _new_name(work: Work, model: type[Department | Group], kind: str, name: str) -> str:
    """Return the name to give, free under the company's lock."""
    clean = short_text(name, field="name", label="The name", most=NAME_MOST)
    if not name_key(clean):
        raise Invalid({"name": f"Enter the {kind}'s name."})
    if len(name_key(clean)) > KEY_MOST:  # some letters are eighteen in their compatibility form
        raise Invalid({"name": f"The {kind}'s name is too long."})
    lock_company(work.db)
    if work.db.scalar(select(model.id).where(model.name_key == name_key(clean))) is not None:
        raise NameTaken(kind, clean)
    return clean
