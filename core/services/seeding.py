"""A made-up company to look around in: people of many names, places, licenses, learning records, invitations.

Everybody's rows go to the driver in bulk and everything that hangs on them is written by INSERT ... SELECT, so that a
million people take well under two minutes. Chance is seeded: the same number of people makes the same company.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, MetaData, Table, case, insert, literal, select
from sqlalchemy.orm import Session

from core.dialects import load_rows
from core.models import (
    AuditEvent,
    GroupMember,
    Invitation,
    InvitationGroup,
    OutboxMail,
    User,
)
from core.models.base import Base
from core.models.invitations import ACCEPTED, OPEN, REPLACED, WITHDRAWN
from core.models.outbox import DROPPED, FAILED, SENT
from core.models.people import ACTIVE, ARCHIVED
from core.ports import ID_BYTES
from core.roles import Permission, Role
from core.search_index import built_afterwards
from core.services.company import FirstAdmin, set_up
from core.services.places import add_department, add_group
from core.services.seeding_learning import hand_out_seats, insert_select, learn, let_some_leave
from core.services.seeding_names import (
    DEPARTMENTS,
    GROUPS,
    SMALL_GROUP,
    SPOKEN,
    TITLES,
    pick_name,
)
from core.values import Address, search_key, sort_key
from core.work import Work

COMPANY = "Harbor Light Works"
ADMIN = Address.parse("nora.haddad@example.com")
DOMAIN = "example.com"
_ROLES = ((Role.LEARNER, 905), (Role.TRAINER, 60), (Role.CONTENT_MANAGER, 30), (Role.COMPANY_ADMIN, 5))
_ANSWERS = "550 5.1.1 The email account that you tried to reach does not exist"
_EARLIEST_DAYS, _LINK_DAYS = 1500, 7
_ARCHIVED_SHARE, _NEVER_SEEN_SHARE, _NO_DEPARTMENT_SHARE = 0.04, 0.15, 0.08


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made up, and the address to sign in with."""

    company: str
    address: str
    people: int
    invitations: int


def seed(work: Work, *, people: int, password_hash: str) -> Seeded:
    """Fill an empty database with a made-up company.

    Args:
        work: the open transaction.
        people: how many accounts, the Company Admin and archived people included.
        password_hash: everybody's, hashed once and before the transaction.

    Raises:
        AlreadySetUp: this database has its company.
    """
    work.require(Permission.RUN_HOST)
    chance = random.Random(people)  # noqa: S311 - decides nothing but who exists in a made-up company
    invitations = max(24, min(5_000, people // 20))
    cap = (people + invitations) * 5 // 4 // 100 * 100 + 200
    admin = FirstAdmin(ADMIN, password_hash, "Nora", "Haddad")
    admin_id = set_up(work, name=COMPANY, admin=admin, user_cap=cap)
    departments = [add_department(work, name) for name in DEPARTMENTS]
    groups = [add_group(work, name) for name in GROUPS]
    small = add_group(work, SMALL_GROUP[0], description="Ask them anything.", max_size=SMALL_GROUP[1])
    made_up = _people(work, people - 1, chance, departments=departments, password_hash=password_hash)
    with built_afterwards(work.db):
        _load(work.db, User, made_up)
    _join_groups(work.db, groups, small)
    hand_out_seats(work, people)
    learn(work)
    let_some_leave(work)
    _invite(work, invitations, chance, admin_id=admin_id, departments=departments)
    _queue_and_audit(work, groups[0])
    work.record("company.seeded", "company", 1, COMPANY, people=people, invitations=invitations)
    return Seeded(COMPANY, ADMIN.typed, people, invitations)


# --- rows in bulk -----------------------------------------------------------------------------------------------


def _load(db: Session, model: type[User | Invitation], rows: Iterable[dict[str, Any]]) -> None:
    """Hand rows to the driver, each value as its column's type would; ids are left to the database."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    whole = Base.metadata.tables[model.__tablename__]
    columns = [whole.c[name] for name in first]
    dialect = db.connection().dialect
    bind = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    part = Table(whole.name, MetaData(), *(Column(column.name, column.type) for column in columns))

    def values() -> Iterator[Sequence[Any]]:
        yield _bound(bind, first)
        for row in rows:
            yield _bound(bind, row)

    load_rows(db, part, values())


def _bound(bind: Sequence[Callable[[Any], Any] | None], row: dict[str, Any]) -> list[Any]:
    return [process(value) if process else value for process, value in zip(bind, row.values(), strict=True)]


def _people(
    work: Work, count: int, chance: random.Random, *, departments: Sequence[int], password_hash: str
) -> Iterator[dict[str, Any]]:
    roles = [role for role, weight in _ROLES for _ in range(weight)]
    addresses = Counter({ADMIN.key.partition("@")[0]: 1})
    moments = [
        work.now - timedelta(days=days, minutes=days * 7 % 600) for days in range(_EARLIEST_DAYS, 2, -1)
    ]
    for _ in range(count):
        first, last = pick_name(chance)
        written = f"{first.written}.{last.written}"
        addresses[written] += 1
        number = addresses[written]
        key = f"{written}{number if number > 1 else ''}@{DOMAIN}"
        joined = chance.randrange(len(moments))
        later = moments[chance.randrange(joined, len(moments))]
        archived = chance.random() < _ARCHIVED_SHARE
        yield {
            "address": key,
            "address_key": key,
            "role": int(chance.choice(roles)),
            "status": ARCHIVED if archived else ACTIVE,
            "first_name": first.shown,
            "last_name": last.shown,
            "password_hash": password_hash,
            "phone": f"+49 30 {chance.randrange(10**6, 10**7)}" if chance.random() < 0.5 else "",  # noqa: PLR2004
            "postal_address": "",
            "job_title": chance.choice(TITLES),
            "language": chance.choice(SPOKEN),
            "department_id": None if chance.random() < _NO_DEPARTMENT_SHARE else chance.choice(departments),
            "search_key": search_key(key, first.shown, last.shown),
            "sort_key": sort_key(key, first.shown, last.shown),
            "created_at": moments[joined],
            "archived_at": later if archived else None,
            "last_sign_in_at": None if chance.random() < _NEVER_SEEN_SHARE else later,
            "version": 1,
        }


# --- what hangs on people ---------------------------------------------------------------------------------------


def _join_groups(db: Session, groups: Sequence[int], small: int) -> None:
    """Spread active people over the groups by their ids; the small group gets no more than it can hold."""
    active = select(User.id).where(User.status == ACTIVE)
    for place, group in enumerate(groups):
        members = active.where(User.id % (7 + 3 * place) == place)
        insert_select(db, GroupMember, {"group_id": literal(group), "user_id": members.subquery().c.id})
    few = active.where(User.role == Role.TRAINER).order_by(User.id).limit(SMALL_GROUP[1] - 3).subquery()
    insert_select(db, GroupMember, {"group_id": literal(small), "user_id": few.c.id})


# --- invitations ------------------------------------------------------------------------------------------------


def _invite(
    work: Work, count: int, chance: random.Random, *, admin_id: int, departments: Sequence[int]
) -> None:
    accepted = work.db.execute(
        select(User.id, User.address, User.role, User.department_id, User.created_at)
        .where(User.id != admin_id, User.role < Role.COMPANY_ADMIN)
        .order_by(User.id)
        .limit(count // 5)
    ).all()

    def row(
        address: str, role: int, department: int | None, created: datetime, **more: Any
    ) -> dict[str, Any]:
        return {
            "public_id": chance.randbytes(ID_BYTES),
            "address": address,
            "address_key": address,
            "role": role,
            "department_id": department,
            "language": "en",
            "invited_by": admin_id,
            "by_operator": False,
            "created_at": created,
            "expires_at": created + timedelta(days=_LINK_DAYS),
            **more,
        }

    def rows() -> Iterator[dict[str, Any]]:
        for one in accepted:
            created = one.created_at - timedelta(hours=20)
            closing = {"state": ACCEPTED, "closed_at": one.created_at, "user_id": one.id}
            yield row(one.address, one.role, one.department_id, created, **closing)
        for number in range(count - len(accepted)):
            age = timedelta(hours=chance.randrange(1, 24 * (_LINK_DAYS - 1)))
            state = chance.choices((OPEN, "expired", WITHDRAWN, REPLACED), (60, 25, 10, 5))[0]
            if state != OPEN:
                age += timedelta(days=_LINK_DAYS + chance.randrange(60))
            closed = state in {WITHDRAWN, REPLACED}
            closing = {
                "state": state if closed else OPEN,
                "closed_at": work.now - age + timedelta(hours=3) if closed else None,
                "user_id": None,
            }
            role = int(
                chance.choice((Role.LEARNER, Role.LEARNER, Role.LEARNER, Role.TRAINER, Role.CONTENT_MANAGER))
            )
            department = chance.choice((None, *departments))
            yield row(f"invitee{number + 1}@{DOMAIN}", role, department, work.now - age, **closing)

    _load(work.db, Invitation, sorted(rows(), key=itemgetter("created_at")))


def _queue_and_audit(work: Work, group: int) -> None:
    """Give every invitation its mail and its audit event, some a learning group; a few mails came back."""
    db = work.db
    came_back = (Invitation.id % 17 == 0) & (Invitation.state == OPEN)
    state = case((came_back, FAILED), (Invitation.state == WITHDRAWN, DROPPED), else_=SENT)
    columns = {
        "kind": literal("invitation"),
        "to_address": Invitation.address,
        "to_name": literal(""),
        "language": Invitation.language,
        "invitation_id": Invitation.id,
        "details": literal({}, OutboxMail.details.type),
        "priority": literal(0),
        "state": state,
        "created_at": Invitation.created_at,
        "due_at": Invitation.created_at,
        "attempts": literal(1),
        "sent_at": case((came_back, None), else_=Invitation.created_at),
        "last_error": case((came_back, _ANSWERS), else_=""),
    }
    insert_select(db, OutboxMail, columns)
    grouped = Invitation.__table__.c.id
    db.execute(
        insert(InvitationGroup).from_select(
            ["invitation_id", "group_id"], select(grouped, literal(group)).where(Invitation.id % 4 == 1)
        )
    )
    events = {
        "at": Invitation.created_at,
        "action": literal("invitation.created"),
        "actor_id": Invitation.invited_by,
        "actor_label": literal(ADMIN.typed),
        "subject_kind": literal("invitation"),
        "subject_id": Invitation.id,
        "subject_label": Invitation.address,
        "details": literal({"made_up": "yes"}, AuditEvent.details.type),
    }
    insert_select(db, AuditEvent, events)
