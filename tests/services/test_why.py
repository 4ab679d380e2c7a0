"""The answers to "why?" about people, invitations and roles, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from core.errors import Missing
from core.models import License, OutboxMail, Seat
from core.passwords import Password
from core.reading.history import history, sign_ins, values_of
from core.reading.why import Fact, why_invitation, why_person, why_role
from core.roles import Permission, Role
from core.services.inviting import withdraw
from core.services.mail_line import pause
from tests.people import House
from tests.services import rows


def person(house: House, user_id: int) -> list[Fact]:
    """Ask about a person as the admin."""
    with house.core.look(house.admin) as look:
        return why_person(look, user_id)


def invitation(house: House, invitation_id: int) -> list[Fact]:
    """Ask about an invitation as the admin."""
    with house.core.look(house.admin) as look:
        return why_invitation(look, invitation_id)


def role(house: House, which: Role) -> list[Fact]:
    """Ask about a role as the admin."""
    with house.core.look(house.admin) as look:
        return why_role(look, which)


def told(facts: Sequence[Fact], label: str) -> Fact:
    """Return the one fact with this label."""
    [fact] = [each for each in facts if each.label == label]
    return fact


def test_an_active_person_has_nothing_in_the_way(company: House) -> None:
    """Account, sign-in and every verb say yes, with the command that does it; the inviter and the moment are named."""
    bo = company.register("bo@example.com", department="Sales", groups=["Night shift"])
    facts = person(company, bo)
    assert told(facts, "Account").state == "ok"
    assert "invited by ada@example.com" in told(facts, "Joined").value
    assert told(facts, "Role").value.startswith("Learner, from the beginning: takes courses")
    assert (told(facts, "Department").value, told(facts, "Learning groups").value) == ("Sales", "Night shift")
    verbs = {
        fact.label: fact.mend for fact in facts if fact.label.startswith("You may") and fact.state == "ok"
    }
    assert verbs == {
        "You may edit": "edit",
        "You may give another role": "role",
        "You may place": "department",
        "You may archive": "archive",
    }


def test_the_console_takes_a_role(company: House) -> None:
    """A learner's console sign-in is explained by the role it takes; an admin's is not in the way."""
    bo = company.register("bo@example.com")
    assert "it takes the role Company Admin" in told(person(company, bo), "Sign-in to the console").value
    assert not [fact for fact in person(company, company.admin_id) if fact.label == "Sign-in to the console"]
    assert told(person(company, company.admin_id), "Signed in").value.endswith("as Company Admin")


def test_an_archived_person_cannot_sign_in_until_reactivated(company: House) -> None:
    """Account and sign-in say no and name the command that mends it, which the actor may use."""
    bo = company.register("bo@example.com")
    rows.archive(company.core, bo)
    facts = person(company, bo)
    assert [(fact.label, fact.mend) for fact in facts if fact.state == "no" and fact.mend] == [
        ("Account", "reactivate"),
        ("Sign-in", "reactivate"),
    ]
    assert told(facts, "You may reactivate").state == "ok"
    rows.set_cap(company.core, 1)
    assert "maximum number of users" in told(person(company, bo), "You may reactivate").value


def test_a_full_learning_group_keeps_archived_members_out(company: House) -> None:
    """Whoever comes back takes their places in learning groups again, so a full one stands in the way (S30)."""
    night = company.groups["Night shift"]
    bo = company.register("bo@example.com", groups=["Night shift"])
    rows.archive(company.core, bo)
    rows.set_group_size(company.core, night, 1)
    assert told(person(company, bo), "You may reactivate").state == "ok"
    company.register("cy@example.com", groups=["Night shift"])
    fact = told(person(company, bo), "You may reactivate")
    assert (fact.state, "Night shift" in fact.value) == ("no", True)


def test_a_peer_is_out_of_reach_and_so_is_oneself(company: House) -> None:
    """Another admin cannot be changed and the sentence says who could; of one's own account only the data can."""
    cy = rows.add_admin(
        company.core, "cy@example.com", company.core.ports.hasher.hash(Password.parse(company.password))
    )
    facts = person(company, cy)
    for label in ("You may edit", "You may give another role", "You may place", "You may archive"):
        fact = told(facts, label)
        assert (fact.state, fact.mend) == ("no", "")
        assert "operator" in fact.value
    own = person(company, company.admin_id)
    assert told(own, "You may edit").state == "ok"
    assert "your own account" in told(own, "You may give another role").value


def test_the_last_admin_stays(company: House) -> None:
    """The only active Company Admin cannot be archived, and the sentence says what to do first."""
    assert "last active Company Admin" in told(person(company, company.admin_id), "You may archive").value


def test_a_gain_counts_from_the_next_sign_in(company: House) -> None:
    """Where the account's role is another than that of an open sign-in, the fact says when it counts (R38)."""
    rows.set_role(company.core, company.admin_id, Role.OPERATOR)
    value = told(person(company, company.admin_id), "Signed in").value
    assert value.endswith("as Company Admin; Operator counts from the next sign-in")


def test_an_expired_license_gives_no_access(company: House) -> None:
    """A seat of a license in force is a yes, one of an expired license a no, and without any the courses are closed."""
    bo = company.register("bo@example.com")
    assert told(person(company, bo), "Seats").state == "no"
    with company.core.operator() as work:
        today = work.now.date()
        for number, (name, until) in enumerate([("Basics", None), ("Premium", today - timedelta(days=1))], 1):
            license_row = {"id": number, "name": name, "name_key": name.lower(), "seats_total": 5}
            work.db.execute(insert(License).values(**license_row, expires_on=until, created_at=work.now))
            work.db.execute(insert(Seat).values(license_id=number, user_id=bo, held_since=work.now))
    facts = person(company, bo)
    assert told(facts, "Seat Basics").state == "ok"
    assert told(facts, "Seat Premium").state == "no"


def test_an_open_invitation_works(company: House) -> None:
    """Link and registration say yes; withdrawing, copying and renewing are offered."""
    facts = invitation(company, company.invite("bo@example.com", Role.TRAINER, department="Sales"))
    assert [fact.mend for fact in facts if fact.label.startswith("You may")] == [
        "withdraw",
        "copy_link",
        "renew",
    ]
    assert (told(facts, "Link").state, told(facts, "Registration").state) == ("ok", "ok")
    assert (told(facts, "Will be").value, told(facts, "Department").value) == ("Trainer", "Sales")


def test_an_expired_invitation_is_renewed(company: House) -> None:
    """An expired link says when it ended and what its reader sees; renewing mends it."""
    one = company.invite("bo@example.com", days=1)
    company.core.ports.clock.move(days=2)  # type: ignore[attr-defined]
    fact = told(invitation(company, one), "Link")
    assert (fact.state, fact.mend) == ("no", "renew")
    assert "expired on" in fact.value
    assert told(invitation(company, one), "You may copy the link").state == "no"


def test_a_dead_link_says_who_ended_it(company: House) -> None:
    """A withdrawn invitation names who withdrew it; a replaced one says that a newer link works."""
    first = company.invite("bo@example.com")
    second = company.invite("bo@example.com")
    facts = invitation(company, first)
    assert "replaced" in told(facts, "Link").value
    assert told(facts, "Newer invitation").value
    with company.core.work(company.admin) as work:
        withdraw(work, [second])
    assert "by ada@example.com" in told(invitation(company, second), "Link").value


def test_an_inviter_who_was_archived_stands_in_the_way(company: House) -> None:
    """Registration says no where the inviter may no longer give the role, and renewing by the actor mends it."""
    rows.add_admin(
        company.core, "cy@example.com", company.core.ports.hasher.hash(Password.parse(company.password))
    )
    one = company.invite("bo@example.com")
    rows.archive(company.core, company.admin_id)
    with company.core.look(company.sign_in("cy@example.com")) as look:
        fact = told(why_invitation(look, one), "Registration")
    assert (fact.state, fact.mend) == ("no", "renew")


def test_the_mail_servers_answer_is_told(company: House) -> None:
    """A failed mail shows the answer and is mended by a new one; a paused line is named."""
    one = company.invite("bo@example.com")
    with company.core.operator() as work:
        pause(work, "the server asked for a rest")
    assert told(invitation(company, one), "Mails are paused").mend == "mail_resume"
    with company.core.operator() as work:
        work.db.execute(update(OutboxMail).values(state="failed", last_error="550 no such user"))
    fact = told(invitation(company, one), "Mail")
    assert (fact.value, fact.state, fact.mend) == ("failed: 550 no such user", "no", "renew")


def test_a_role_says_what_it_permits_and_who_gives_it(company: House) -> None:
    """Every permission is listed as permitted or not, holders are counted, and a role out of reach says who could."""
    company.register("bo@example.com")
    company.invite("cy@example.com")
    facts = role(company, Role.LEARNER)
    told_permissions = [fact for fact in facts if fact.label in {"It permits", "It does not permit"}]
    assert len(told_permissions) == len(Permission)
    assert told(facts, "Held by").value == "accounts: 1 active, 0 archived; open invitations: 1"
    assert told(facts, "You may give it").mend == "role"
    admin = role(company, Role.COMPANY_ADMIN)
    assert told(admin, "May be given by").value == "Operator or the operator of the host"
    assert told(admin, "You may give it").state == "no"
    assert told(role(company, Role.OPERATOR), "May be given by").value == "the operator of the host"


def test_nobody_is_missing(company: House) -> None:
    """Asking about a person or an invitation that does not exist says so."""
    with pytest.raises(Missing):
        person(company, 999)
    with pytest.raises(Missing):
        invitation(company, 999)


def test_history_tells_field_by_field(company: House) -> None:
    """The newest change comes first; a role, joined and left groups, and plain facts each have a row of their own."""
    bo = company.register("bo@example.com")
    groups = {"joined": [1], "left": [2], "joined_names": ["Night shift"], "left_names": ["Day shift"]}
    with company.core.work(company.admin) as work:
        work.record(
            "user.edited", "user", bo, "bo@example.com",
            batch="abc", role={"old": "learner", "new": "trainer"}, groups=groups,
        )  # fmt: skip
    with company.core.look(company.admin) as look:
        found = history(look, bo)
    assert [(row.field, row.old, row.new) for row in found[:3]] == [
        ("role", "learner", "trainer"),
        ("groups", "Day shift", ""),
        ("groups", "", "Night shift"),
    ]
    assert (found[0].actor, found[0].batch) == (company.admin_address, "abc")
    assert ("role", "", "learner") in [(row.field, row.old, row.new) for row in found[3:]]
    assert values_of({"department": {"old": None, "new": "Sales", "old_id": None, "new_id": 3}}) == [
        ("department", "", "Sales")
    ]


def test_sign_ins_are_listed(company: House) -> None:
    """Sign-ins are told with their role and whether they are open."""
    rows.close_sign_ins(company.core, company.admin_id)
    company.core.ports.clock.move(hours=1)  # type: ignore[attr-defined]
    again = company.sign_in()
    with company.core.look(again) as look:
        newest, oldest = sign_ins(look, company.admin_id)
    assert (newest.closed, newest.role, newest.surface) == (None, Role.COMPANY_ADMIN, "console")
    assert oldest.closed is not None
