"""The lists there are, by number; each is imported when it is first shown."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui import keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.screens.actions import ActingList


@dataclass(frozen=True, slots=True)
class Listed:
    """One list.

    Attributes:
        name: as in `tui.keys`; also that of the command that goes there.
        number: the key.
        title: what it is called.
        short: the same where room is scarce.
        where: "module:factory"; the factory takes nothing and returns a new screen.
    """

    name: str
    number: int
    title: str
    short: str
    where: str


LISTS = (
    Listed(keys.USERS, 1, "Users", "Users", "tui.screens.people_lists:user_list"),
    Listed(keys.INVITATIONS, 2, "Invitations", "Inv", "tui.screens.people_lists:invitation_list"),
    Listed(keys.LICENSES, 3, "Licenses", "Lic", "tui.screens.license_lists:license_list"),
    Listed(keys.DEPARTMENTS, 4, "Departments", "Dep", "tui.screens.place_lists:department_list"),
    Listed(keys.GROUPS, 5, "Groups", "Grp", "tui.screens.place_lists:group_list"),
    Listed(keys.ROLES, 6, "Roles", "Rol", "tui.screens.role_lists:role_list"),
    Listed(keys.AUDIT, 7, "Audit", "Aud", "tui.screens.audit_list:audit_list"),
    Listed(keys.MAIL, 8, "Mail", "Mail", "tui.screens.mail_list:mail_list"),
    Listed(keys.COMPANY, 9, "Company", "Co", "tui.screens.company_lists:company_list"),
)


def make_list(name: str) -> ActingList[Any]:
    """Return a new screen for the list called `name`."""
    listed = next(each for each in LISTS if each.name == name)
    module, _, factory = listed.where.partition(":")
    make: Callable[[], ActingList[Any]] = getattr(import_module(module), factory)
    return make()
