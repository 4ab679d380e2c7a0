"""Questions about the company: its room, its departments and groups, the roles one may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.errors import Misconfigured, Refused
from core.facts import RoleFacts
from core.mail.line import line_of
from core.models import Company, Department, Group
from core.models.company import EDITABLE
from core.roles import Permission, Role
from core.rules import BELOW_OWN, refusal_of
from core.selection import active_users, live_invitations
from core.work import Look


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """The company and its room under the cap (D9: active users and live invitations count).

    Attributes:
        mail_paused: whether no mail leaves until somebody resumes.
    """

    name: str
    link_days: int
    language: str
    user_cap: int | None
    active_users: int
    live_invitations: int
    mail_paused: bool

    @property
    def places_left(self) -> int | None:
        """How many more may be invited; None without a cap."""
        return (
            None
            if self.user_cap is None
            else max(0, self.user_cap - self.active_users - self.live_invitations)
        )


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """The whole record of the company (S23, S29).

    Attributes:
        fields: name -> text, those that `core.services.company.edit_company` takes.
        logo_type: such as `image/png`; empty where there is no logo.
        logo_size: in bytes.
        room: its counts.
    """

    fields: Mapping[str, str]
    logo_type: str
    logo_size: int
    room: CompanyRow


@dataclass(frozen=True, slots=True)
class Place:
    """A department or a learning group to choose."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role and, where it is out of reach, why and who could give it (R55)."""

    role: Role
    refusal: Refused | None


def company(look: Look) -> CompanyRow:
    """Return the company's record and counts.

    Raises:
        Misconfigured: there is no company yet.
    """
    look.require(Permission.SEE_PEOPLE)
    row = look.db.get(Company, 1)
    if row is None:
        raise Misconfigured(
            "ACADEMY_DATABASE_URL",
            "the database has no company yet. Set it up: academy init --company NAME --admin EMAIL",
        )
    return CompanyRow(
        row.name,
        row.link_days,
        row.language,
        row.user_cap,
        look.db.scalar(active_users()) or 0,
        look.db.scalar(live_invitations(look.now)) or 0,
        line_of(look.db).paused,
    )


def record(look: Look) -> CompanyRecord:
    """Return the company's whole record.

    Raises:
        Misconfigured: there is no company yet.
    """
    look.require(Permission.SEE_PEOPLE)
    room = company(look)
    row = look.db.get_one(Company, 1)
    fields = {field: str(getattr(row, field)) for field in EDITABLE}
    return CompanyRecord(fields, row.logo_type, len(row.logo or b""), room)


def departments(look: Look) -> list[Place]:
    """Return the departments by name."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(select(Department.id, Department.name).order_by(Department.name_key))
    return [Place(row.id, row.name) for row in found]


def groups(look: Look) -> list[Place]:
    """Return the learning groups by name."""
    look.require(Permission.SEE_PEOPLE)
    found = look.db.execute(select(Group.id, Group.name).order_by(Group.name_key))
    return [Place(row.id, row.name) for row in found]


def roles(look: Look) -> list[RoleChoice]:
    """Return the ladder; each role the actor cannot give carries the reason."""
    look.require(Permission.SEE_PEOPLE)
    return [RoleChoice(role, refusal_of(BELOW_OWN, look.actor, RoleFacts(role))) for role in Role]
