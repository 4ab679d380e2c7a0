"""A company to test in, made through the real verbs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from sqlalchemy import select

from core.core import Core
from core.models import Invitation
from core.passwords import Password
from core.roles import Role
from core.services.accepting import accept
from core.services.company import FirstAdmin, set_up
from core.services.inviting import Offer, invite
from core.services.places import add_department, add_group
from core.services.signing_in import sign_in
from core.values import Address

COMPANY = "Engine Works"
ADMIN_ADDRESS = "ada@example.com"
PASSWORD = "violet harbor 1815"
DEPARTMENTS = ("Sales", "Support")
GROUPS = ("Q3 onboarding", "Night shift")
SOURCE = "tests"


@dataclass(slots=True)
class House:
    """A company with its first admin signed in.

    Attributes:
        admin: the admin's sign-in id, as the doors take it.
        departments: name to id. groups: name to id.
        password: everybody's password.
    """

    core: Core
    admin: UUID
    admin_id: int
    admin_address: str = ADMIN_ADDRESS
    password: str = PASSWORD
    departments: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    @classmethod
    def set_up(cls, core: Core) -> Self:
        """Set up a company with its admin Ada Byron, two departments and two learning groups."""
        password_hash = core.ports.hasher.hash(Password.parse(PASSWORD))
        admin = FirstAdmin(Address.parse(ADMIN_ADDRESS), password_hash, "Ada", "Byron")
        with core.operator() as work:
            set_up(work, name=COMPANY, admin=admin)
        signed_in = sign_in(core, ADMIN_ADDRESS, PASSWORD, source=SOURCE)
        house = cls(core, signed_in.sign_in_id, signed_in.user_id)
        with core.work(house.admin) as work:
            house.departments = {name: add_department(work, name) for name in DEPARTMENTS}
            house.groups = {name: add_group(work, name) for name in GROUPS}
        return house

    def sign_in(self, address: str = ADMIN_ADDRESS, password: str = PASSWORD) -> UUID:
        """Sign somebody in and return the sign-in id."""
        return sign_in(self.core, address, password, source=SOURCE).sign_in_id

    def invite(
        self,
        address: str,
        role: Role = Role.LEARNER,
        *,
        department: str | None = None,
        groups: Iterable[str] = (),
        days: int | None = None,
    ) -> int:
        """Invite one address as the admin and return the invitation's id."""
        department_id = self.departments[department] if department else None
        group_ids = tuple(self.groups[name] for name in groups)
        with self.core.work(self.admin) as work:
            return invite(work, address, Offer(role, department_id, group_ids, days))

    def token_of(self, invitation_id: int) -> str:
        """Return the token in the link of an invitation, without a trace in the audit trail."""
        with self.core.glance() as visit:
            public_id = visit.db.scalars(
                select(Invitation.public_id).where(Invitation.id == invitation_id)
            ).one()
        return self.core.ports.links.token_for(public_id).reveal()

    def link_of(self, invitation_id: int) -> str:
        """Return the whole link of an invitation, without a trace in the audit trail."""
        return f"{self.core.settings.public_url}/i/{self.token_of(invitation_id)}"

    def register(
        self,
        address: str,
        role: Role = Role.LEARNER,
        *,
        first_name: str = "Bo",
        last_name: str = "Berg",
        department: str | None = None,
        groups: Iterable[str] = (),
    ) -> int:
        """Invite an address, fill in its form and return the new person's id."""
        token = self.token_of(self.invite(address, role, department=department, groups=groups))
        fields = {"first_name": first_name, "last_name": last_name, "password": PASSWORD}
        return accept(self.core, token, fields).user_id
