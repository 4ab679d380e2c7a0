"""The ladder of roles (S8): who holds what, what each may do, who could give it (R55); Enter shows the holders."""

from __future__ import annotations

from typing import Any

from core.filter_keys import parse_words
from core.reading import ladder
from core.reading.ladder import RoleRow
from core.roles import Role
from tui import keys
from tui.screens.actions import ActingList
from tui.screens.listing import ListKind
from tui.screens.place_telling import TellingList
from tui.widgets.columns import Column


def _gives(row: RoleRow) -> str:
    return "yes" if row.refusal is None else "out of reach"


ROLE_COLUMNS: tuple[Column[RoleRow], ...] = (
    Column(key="role", title="Role", show=lambda row: row.role.label, width=16, least=16, most=16, priority=1),
    Column(key="active", title="People", show=lambda row: f"{row.active:,}", width=8, least=8, most=11, priority=2, align="right"),
    Column(key="invited", title="Invited", show=lambda row: f"{row.invited:,}", width=8, least=8, most=11, priority=4, align="right"),
    Column(key="archived", title="Archived", show=lambda row: f"{row.archived:,}", width=9, least=9, most=11, priority=6, align="right"),
    Column(key="gives", title="You give it", show=_gives, width=12, least=12, most=12, priority=3),
    Column(key="summary", title="What a holder does", show=lambda row: row.role.summary, width=40, least=20, most=60, priority=5, sortable=False),
)  # fmt: skip

ROLES = ListKind(
    name=keys.ROLES,
    title="Roles",
    columns=ROLE_COLUMNS,
    parse=parse_words,
    ids=ladder.role_ids,
    rows=ladder.role_rows,
    sort=ladder.HIGHEST_FIRST,
    empty="There are no roles.",
)


class RoleList(TellingList[RoleRow], inherit_bindings=True):
    """The roles; below them stands what the one under the cursor is about, and why it is out of reach."""

    def sentence(self, row: RoleRow) -> str:
        """Return why the role is out of reach and who could give it (R55), or what its holders do."""
        return row.refusal.message if row.refusal else f"{row.role.label}: {row.role.summary}."

    def open_row(self, row_id: int) -> None:
        """Show who holds the role."""
        self.console.show_list(keys.USERS, f"role:{Role(row_id).slug}")

    def do_why(self, _argument: str) -> None:
        """Say what the role permits, who holds it and who may give it."""
        from tui.screens.why_screen import about_role, open_why  # noqa: PLC0415 - opened by hand

        row_id = self.grid.cursor_id
        if row_id is not None:
            open_why(
                self.console, about_role(Role(row_id)), self.kind.name, lambda command: self.run(command, "")
            )


def role_list() -> ActingList[Any]:
    """Return a new list of roles."""
    return RoleList(ROLES)
