"""The lists of people and of invitations: their columns, and where their rows come from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core import filter_keys
from core.reading import cell_words, invitations, users
from core.reading.invitations import InvitationRow
from core.reading.users import UserRow
from tui import keys
from tui.screens.actions import ActingList
from tui.screens.completing import completer
from tui.screens.invitation_actions import InvitationList
from tui.screens.listing import ListKind
from tui.screens.people_actions import UserList
from tui.widgets.columns import Cell, Column

# The ordinary state has no style: every change of style costs bytes over SSH, and what stands out should need somebody.
_STATE_STYLES = {"accepted": "good", "expired": "warn", "replaced": "dim", "withdrawn": "dim"}
_MAIL_STYLES = {"failed": "bad", "dropped": "dim", "none": "dim"}


def _day(moment: datetime | None, otherwise: str) -> Cell:
    return Cell(moment.astimezone(UTC).strftime("%Y-%m-%d")) if moment else Cell(otherwise, "dim")


def _status(row: UserRow) -> Cell:
    if row.leaves_on is not None:
        return Cell(f"leaving {row.leaves_on.isoformat()}", "warn")
    return Cell(row.status, "" if row.status == "active" else "dim")


def _more(names: tuple[str, ...]) -> str:
    return ", ".join(names)


USER_COLUMNS: tuple[Column[UserRow], ...] = (
    Column(key="name", title="Name", show=lambda row: row.name, width=20, least=16, most=34, priority=1),
    Column(key="address", title="Email", show=lambda row: row.address, width=24, least=22, most=44, priority=2),
    Column(key="role", title="Role", show=lambda row: row.role.label, width=15, least=15, most=15, priority=3),
    Column(key="status", title="Status", show=_status, width=8, least=8, most=18, priority=4),
    Column(key="department", title="Department", show=lambda row: row.department, width=12, least=10, most=24, priority=5),
    Column(key="groups", title="Groups", show=lambda row: _more(row.groups), width=12, least=8, most=30, priority=8, sortable=False),
    Column(key="seats", title="Seats", show=lambda row: _more(row.seats), width=12, least=8, most=30, priority=7, sortable=False),
    Column(key="seen", title="Last seen", show=lambda row: _day(row.last_sign_in, "never"), width=10, least=10, most=10, priority=6),
    Column(key="joined", title="Joined", show=lambda row: _day(row.joined, ""), width=10, least=10, most=10, priority=9),
)  # fmt: skip

INVITATION_COLUMNS: tuple[Column[InvitationRow], ...] = (
    Column(key="address", title="Email", show=lambda row: row.address, width=26, least=24, most=44, priority=1),
    Column(key="state", title="State", show=lambda row: Cell(row.state, _STATE_STYLES.get(row.state, "")), width=9, least=9, most=9, priority=2),
    Column(key="mail", title="Mail", show=lambda row: Cell(row.mail, _MAIL_STYLES.get(row.mail, "")), width=8, least=8, most=8, priority=3, sortable=False),
    Column(key="role", title="Role", show=lambda row: row.role.label, width=15, least=15, most=15, priority=4),
    Column(key="expires", title="Valid until", show=lambda row: _day(row.expires, ""), width=11, least=11, most=11, priority=5),
    Column(key="created", title="Invited", show=lambda row: _day(row.created, ""), width=10, least=10, most=10, priority=8),
    Column(key="department", title="Department", show=lambda row: row.department, width=12, least=10, most=24, priority=6, sortable=False),
    Column(key="by", title="By", show=lambda row: row.invited_by, width=16, least=10, most=34, priority=7, sortable=False),
    Column(key="groups", title="Groups", show=lambda row: _more(row.groups), width=12, least=8, most=30, priority=9, sortable=False),
)  # fmt: skip

USERS = ListKind(
    name=keys.USERS,
    complete=completer(keys.USERS),
    title="Users",
    columns=USER_COLUMNS,
    parse=filter_keys.parse_users,
    ids=users.ids,
    rows=users.rows,
    sort=users.BY_NAME,
    empty="Nobody here yet. Press i to invite somebody.",
    count=users.count_up_to,
    everything=cell_words.EVERYBODY,
    words=cell_words.user_words,
    facets=users.facets,
)

INVITATIONS = ListKind(
    name=keys.INVITATIONS,
    complete=completer(keys.INVITATIONS),
    title="Invitations",
    columns=INVITATION_COLUMNS,
    parse=filter_keys.parse_invitations,
    ids=invitations.ids,
    rows=invitations.rows,
    sort=invitations.NEWEST_FIRST,
    empty="No invitations yet. Press i to invite somebody.",
    count=invitations.count_up_to,
    words=cell_words.invitation_words,
    facets=invitations.facets,
)


def user_list() -> ActingList[Any]:
    """Return a new list of people."""
    return UserList(USERS)


def invitation_list() -> ActingList[Any]:
    """Return a new list of invitations."""
    return InvitationList(INVITATIONS)
