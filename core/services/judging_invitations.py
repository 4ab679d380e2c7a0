"""Step two of inviting: the staged rows are judged in the database, set by set."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace, TracebackType
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SmallInteger,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from core.errors import Invalid, InvalidAddress, Refused
from core.importing import LINE_PROBLEMS, problem_of
from core.models import Group, GroupMember, Invitation, InvitationGroup, User
from core.models.invitations import OPEN
from core.models.people import ACTIVE, ARCHIVED
from core.rules import GROUP_PLACES, INVITE, NO_LIMIT, PLACES, Rules, refusal_code, refusal_named
from core.selection import LockedCompany, active_users, live_invitation, live_invitations
from core.services.staging_invitations import JUDGED, STAGED
from core.values import Address
from core.work import Work

_RULES = (*INVITE, *PLACES, *GROUP_PLACES)
CHUNK = 2000


class Stage:
    """The judged rows, as long as the block lasts: `code` is empty where a row may be written."""

    staged = STAGED
    judged = JUDGED

    def __init__(self, work: Work, company: LockedCompany, days: int) -> None:
        """Make the table of judged rows; the staged ones are there."""
        self.company = company
        self.days = days
        self.renewing = False
        self.work = work
        self._room = NO_LIMIT
        self.judged.create(work.db.connection(), checkfirst=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, Refused):
            for table in (self.judged, self.staged):
                table.drop(self.work.db.connection(), checkfirst=False)

    def survivors(self) -> int:
        """Return how many rows may be written."""
        query = select(func.count()).select_from(self.judged).where(self.judged.c.code == "")
        return self.work.db.scalar(query) or 0

    def places_left(self) -> int | None:
        """Return the room under the cap once the survivors are written; None without a cap."""
        if self.company.user_cap == NO_LIMIT:
            return None
        taken = select(func.coalesce(func.sum(self.judged.c.takes_place), 0)).where(self.judged.c.code == "")
        return max(0, self._room - int(self.work.db.scalar(taken) or 0))

    def counts(self) -> dict[str, tuple[int, bool]]:
        """Return reason code -> refused rows, and whether they count as skipped."""
        judged = self.judged.c
        query = select(judged.code, func.count()).where(judged.code != "").group_by(judged.code)
        return {code: (rows, _kind_of(code).skips) for code, rows in self.work.db.execute(query)}

    def refusals(self) -> Iterator[tuple[Refused | Invalid, int, str]]:
        """Yield every refused row in order: the problem with its sentence, the line, the address as typed.

        Take them all: until then the table is in use.
        """
        rows = self.work.db.execute(self._refused().execution_options(yield_per=CHUNK))
        for row in rows:
            yield self._problem(row), row.line, row.address

    def first_refusal(self) -> Refused | Invalid | None:
        """Return the problem of the first refused row."""
        row = self.work.db.execute(self._refused().limit(1)).one_or_none()
        return None if row is None else self._problem(row)

    def _refused(self) -> Select[tuple[int, str, int, str, str]]:
        judged = self.judged.c
        columns = (judged.line, judged.address, judged.role, judged.code, judged.refused_by)
        return select(*columns).where(judged.code != "").order_by(judged.line)

    def _problem(self, row: Any) -> Refused | Invalid:
        if row.code == InvalidAddress.code:
            return what_is_wrong_with(row.address)
        if row.code in LINE_PROBLEMS:
            return problem_of(row.code, row.address)
        facts = SimpleNamespace(address=row.address, role=row.role, group=row.refused_by)
        return refusal_named(_RULES, row.code, self.work.actor, facts)

    def judge(self, role: int, department_id: int | None, group_ids: tuple[int, ...], *, renew: bool) -> None:
        """Label each staged row: the rules of a single row first, then the limits in the order of the rows."""
        self._judge_rows(role, department_id, renew=renew)
        for group in self._limited_groups(group_ids):
            self._apply_limit(
                GROUP_PLACES, self._takes_group_place(group, group_ids), self._group_room(group), group.name
            )
        if self.company.user_cap != NO_LIMIT:
            self._room = self._places_free()
            self._apply_limit(PLACES, self.judged.c.takes_place, self._room)

    def _judge_rows(self, role: int, department_id: int | None, *, renew: bool) -> None:
        work, staged = self.work, self.staged.c
        live = case((live_invitation(work.now), 1), else_=0)
        offered = {
            "role": func.coalesce(staged.role, literal(role, SmallInteger)).label("role"),
            "department_id": func.coalesce(staged.department_id, literal(department_id, BigInteger)).label(
                "department_id"
            ),
        }
        facts = (
            select(
                *(offered.get(column.name, column) for column in self.staged.columns),
                func.row_number()
                .over(partition_by=staged.address_key, order_by=staged.line)
                .label("occurrence"),
                case((User.status == ACTIVE, 1), else_=0).label("active_user"),
                case((User.status == ARCHIVED, 1), else_=0).label("archived_user"),
                live.label("live_invitation"),
                literal(int(renew)).label("renew"),
            )
            .select_from(self.staged)
            .outerjoin(User, User.address_key == staged.address_key)
            .outerjoin(
                Invitation, and_(Invitation.address_key == staged.address_key, Invitation.state == OPEN)
            )
            .subquery()
        )
        names = [column.name for column in self.judged.columns]
        code = case((facts.c.code != "", facts.c.code), else_=refusal_code(INVITE, work.actor, facts.c))
        rows = select(
            *(facts.c[column.name] if column.name != "code" else code for column in self.staged.columns),
            1 - facts.c.live_invitation,
            literal(""),
        )
        work.db.execute(insert(self.judged).from_select(names, rows))

    def _apply_limit(self, rules: Rules, takes_place: ColumnElement[int], room: int, name: str = "") -> None:
        judged = self.judged.c
        places = (
            select(
                judged.line,
                takes_place.label("takes_place"),
                func.sum(takes_place).over(order_by=judged.line).label("position"),
                literal(room).label("room"),
            )
            .where(judged.code == "")
            .subquery()
        )
        verdicts = select(
            places.c.line, refusal_code(rules, self.work.actor, places.c).label("code")
        ).subquery()
        code = select(verdicts.c.code).where(verdicts.c.code != "").limit(1)
        refused = self.work.db.scalar(code)
        if refused is None:
            return
        self.work.db.execute(
            update(self.judged)
            .where(judged.line.in_(select(verdicts.c.line).where(verdicts.c.code != "")))
            .values(code=refused, refused_by=name)
        )

    def _places_free(self) -> int:
        """Return the cap less active users and live invitations (D9), counted under the company's lock."""
        db, now = self.work.db, self.work.now
        used = (db.scalar(active_users()) or 0) + (db.scalar(live_invitations(now)) or 0)
        return max(0, self.company.user_cap - used)

    def _limited_groups(self, group_ids: tuple[int, ...]) -> list[Group]:
        copied = select(InvitationGroup.group_id).where(
            InvitationGroup.invitation_id.in_(select(self.staged.c.copies_id))
        )
        wanted = or_(Group.id.in_(group_ids), Group.id.in_(copied))
        return list(
            self.work.db.scalars(select(Group).where(Group.max_size.is_not(None), wanted).order_by(Group.id))
        )

    def _group_room(self, group: Group) -> int:
        members = (
            select(func.count())
            .select_from(GroupMember)
            .join(User)
            .where(GroupMember.group_id == group.id, User.status == ACTIVE)
        )
        invited = (
            select(func.count())
            .select_from(InvitationGroup)
            .join(Invitation)
            .where(InvitationGroup.group_id == group.id, live_invitation(self.work.now))
        )
        db = self.work.db
        return max(0, (group.max_size or 0) - (db.scalar(members) or 0) - (db.scalar(invited) or 0))

    def _takes_group_place(self, group: Group, group_ids: tuple[int, ...]) -> ColumnElement[int]:
        """Return 1 where the row wants the group and no live invitation of the address holds a place in it."""
        judged = self.judged.c
        holds = exists().where(
            InvitationGroup.invitation_id == Invitation.id,
            InvitationGroup.group_id == group.id,
            Invitation.address_key == judged.address_key,
            live_invitation(self.work.now),
        )
        copies = exists().where(
            InvitationGroup.invitation_id == judged.copies_id, InvitationGroup.group_id == group.id
        )
        wants = literal(True) if group.id in group_ids else copies
        return case((and_(wants, ~holds), 1), else_=0)


def _kind_of(code: str) -> type[Refused | Invalid]:
    if code == InvalidAddress.code:
        return InvalidAddress
    return LINE_PROBLEMS.get(code) or next(rule.refusal for rule in _RULES if rule.refusal.code == code)


def what_is_wrong_with(text: str) -> Invalid:
    """Return the problem of a text that is no address."""
    try:
        Address.parse(text)
    except InvalidAddress as problem:
        return problem
    raise AssertionError("a row was staged as no address although it is one")


def judge(
    work: Work,
    *,
    company: LockedCompany,
    days: int,
    role: int,
    department_id: int | None,
    group_ids: tuple[int, ...],
    renew: bool,
) -> Stage:
    """Judge the staged rows under the company's lock; use the result as a block."""
    stage = Stage(work, company, days)
    stage.judge(role, department_id, group_ids, renew=renew)
    return stage
