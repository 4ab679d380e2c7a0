"""The made-up company keeps every rule that a real one keeps."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.core import Core
from core.errors import AlreadySetUp, PermissionNeeded
from core.filter_keys import parse_invitations, parse_licenses, parse_users
from core.models import Group, GroupMember, Invitation, License, OutboxMail, Seat, User
from core.models.people import ACTIVE
from core.reading import company, invitations, licenses, users
from core.roles import Role
from core.services.inviting import Offer, invite
from core.services.seeding import Seeded, seed
from core.values import Address, search_key, sort_key
from tests.people import House

PEOPLE = 400


@pytest.fixture
def seeded(core: Core) -> Seeded:
    """Return what was made up in the test's database."""
    with core.operator() as work:
        return seed(work, people=PEOPLE, password_hash="scrypt:128:1:1$x$y")


def test_as_many_people_as_asked_for_are_there(core: Core, seeded: Seeded) -> None:
    """The number counts every account, the admin and archived people included, and there are some of each kind."""
    with core.operator_look() as look:

        def found(words: str) -> int:
            return users.count(look, parse_users(words))

        assert found("status:any") == seeded.people == PEOPLE
        assert found("status:archived") + found("") == PEOPLE
        kinds = (
            "role:trainer",
            "dept:none",
            "dept:sales",
            "seat:none",
            "seen:never",
            "unused:90d",
            'waits:"Premium Sales"',
            "leaves<60d",
            "status:archived",
            "lang:de",
        )
        assert not [words for words in kinds if not found(words)]
        assert users.one(look, users.by_address(look, seeded.address)).row.role is Role.COMPANY_ADMIN


def test_every_person_is_stored_as_core_would_store_them(core: Core, seeded: Seeded) -> None:
    """Addresses, search keys and sort keys are those that core computes, and times are stored as it stores them."""
    with core.operator_look() as look:
        for one in look.db.scalars(select(User)):
            names = (one.address_key, one.first_name, one.last_name)
            assert Address.parse(one.address) == Address(one.address, one.address_key)
            assert (one.search_key, one.sort_key) == (search_key(*names), sort_key(*names))
            assert one.created_at <= look.now
            assert (one.status == ACTIVE) == (one.archived_at is None)


def test_names_come_from_many_scripts(core: Core, seeded: Seeded) -> None:
    """Arabic, Chinese and accented names are among them."""
    with core.operator_look() as look:
        letters = "".join(look.db.scalars(select(User.last_name)))
    assert any("\u0621" <= letter <= "\u064a" for letter in letters)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in letters)
    assert any("\u00c0" <= letter <= "\u017f" for letter in letters)


def test_limits_are_kept(core: Core, seeded: Seeded) -> None:
    """Seats, waiting lists, group sizes and the cap are as the rules leave them, and the archived hold no seat."""
    with core.operator_look() as look:
        held = select(func.count()).where(Seat.license_id == License.id).scalar_subquery()
        members = select(func.count()).where(GroupMember.group_id == Group.id).scalar_subquery()
        in_use = [tuple(row) for row in look.db.execute(select(License.seats_total, held))]
        assert all(total >= used for total, used in in_use)
        assert {total == used for total, used in in_use} == {True, False}
        sized = look.db.execute(select(Group.max_size, members).where(Group.max_size.is_not(None))).all()
        assert all(most >= count > 0 for most, count in sized)
        assert (company.company(look).places_left or 0) > 2
        for words in (
            "is:full",
            "is:waiting",
            "is:expired",
            "until<30d is:expiring",
            "is:unused",
            "until:none",
        ):
            assert licenses.first(look, parse_licenses(words)), words
        waited_for = {row.name for row in licenses.first(look, parse_licenses("")) if row.waiting}
        assert waited_for == {row.name for row in licenses.first(look, parse_licenses("is:full is:waitlist"))}
        archived = select(func.count()).select_from(Seat).join(User).where(User.status != ACTIVE)
        assert look.db.scalar(archived) == 0


def test_invitations_of_every_state_have_their_mail(core: Core, seeded: Seeded) -> None:
    """There are invitations in each state, some whose mail came back, and each open one has exactly one mail."""
    with core.operator_look() as look:
        for words in ("state:open", "state:expired", "state:accepted", "state:withdrawn", "mail:sent"):
            assert invitations.count(look, parse_invitations(words)), words
        assert invitations.count(look, parse_invitations("mail:none")) == 0
        mails = select(func.count()).where(OutboxMail.invitation_id == Invitation.id).scalar_subquery()
        assert set(look.db.scalars(select(mails).select_from(Invitation))) == {1}


def test_the_company_goes_on_like_any_other(core: Core, seeded: Seeded) -> None:
    """After the seeding new rows get ids of their own: somebody can be invited."""
    with core.operator() as work:
        made = invite(work, "kim@example.com", Offer(Role.TRAINER))
        assert invitations.rows(work, [made])[0].state == "open"


def test_nothing_is_made_up_where_a_company_is(core: Core, company: House) -> None:
    """A database that has its company is refused."""
    with pytest.raises(AlreadySetUp), core.operator() as work:
        seed(work, people=10, password_hash="x")


def test_only_the_operator_makes_up_a_company(core: Core, company: House) -> None:
    """A Company Admin may not."""
    with pytest.raises(PermissionNeeded), core.work(company.admin) as work:
        seed(work, people=10, password_hash="x")


@pytest.mark.parametrize("people", [1, 2, 3])
def test_a_tiny_company_can_be_made_up(core: Core, people: int) -> None:
    """The smallest numbers work too."""
    with core.operator() as work:
        seed(work, people=people, password_hash="x")
        assert users.count(work, parse_users("status:any")) == people
