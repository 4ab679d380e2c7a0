"""The ladder of roles, what each may do, and who is acting (S8-S12).

A role includes every role below it, so a permission is a single number: the lowest role that has it.

The operator is whoever runs the host, not an account (S10, S12): roles are given below one's own only, so no verb gives
that one, and R34 leaves no account out of the operator's reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from uuid import UUID


class Role(IntEnum):
    """A step of the ladder (S8); stored as its number, so that "below" is `<` in Python and in SQL."""

    LEARNER = 10
    TRAINER = 20
    CONTENT_MANAGER = 30
    COMPANY_ADMIN = 40
    OPERATOR = 50

    @property
    def slug(self) -> str:
        """The name in commands, filters and JSON: `content-manager`."""
        return self.name.lower().replace("_", "-")

    @property
    def label(self) -> str:
        """The name on screens and in mails: `Content Manager`."""
        return self.name.replace("_", " ").title()

    @property
    def summary(self) -> str:
        """What a holder does, in one line (S9, S10)."""
        return _SUMMARIES[self]

    @classmethod
    def from_slug(cls, text: str) -> Role | None:
        """Return the role written as `text`, or None; case, blanks and underscores do not matter."""
        wanted = "-".join(text.strip().lower().replace("_", "-").split())
        return next((role for role in cls if role.slug == wanted), None)


_SUMMARIES = {
    Role.LEARNER: "takes courses, earns certificates, sees own progress",
    Role.TRAINER: "runs own courses, enrolls and follows participants",
    Role.CONTENT_MANAGER: "builds paths and templates, reads reports across courses",
    Role.COMPANY_ADMIN: "manages users, roles, licenses, branding and settings",
    Role.OPERATOR: "runs the platform; given on the host only",
}


class Permission(Enum):
    """What a verb asks for; the value is the lowest role that has it (S8: each role includes the one before)."""

    OWN_ACCOUNT = ("change own password", Role.LEARNER)
    USE_CONSOLE = ("sign in to the console", Role.COMPANY_ADMIN)
    SEE_PEOPLE = ("see people, invitations and the audit trail", Role.COMPANY_ADMIN)
    INVITE = ("invite, withdraw and renew invitations", Role.COMPANY_ADMIN)
    MANAGE_PEOPLE = ("edit, archive and delete people below one's own role", Role.COMPANY_ADMIN)
    MANAGE_COMPANY = ("edit the company, departments and groups", Role.COMPANY_ADMIN)
    MANAGE_MAIL = ("see and retry mails", Role.COMPANY_ADMIN)
    ALLOCATE_SEATS = ("give and revoke license seats", Role.COMPANY_ADMIN)
    RUN_HOST = ("set up the company, record licenses, set the cap, deliver mail", Role.OPERATOR)

    def __init__(self, label: str, lowest: Role) -> None:
        self.label = label
        self.lowest = lowest


def permissions_of(role: Role) -> tuple[Permission, ...]:
    """Return what a holder of `role` may do, lowest step first."""
    return tuple(permission for permission in Permission if permission.lowest <= role)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in person, the operator of the host, or a job.

    Attributes:
        role: the role that counts now, that of the sign-in (a gain counts from the next one, R38).
        label: the name written to the audit trail; it outlives the account.
        user_id: the person's id; 0 for the operator of the host and for jobs, so that facts are never NULL.
        sign_in_id: the open sign-in the actor came through, if any.
    """

    role: Role
    label: str
    user_id: int = 0
    sign_in_id: UUID | None = None
