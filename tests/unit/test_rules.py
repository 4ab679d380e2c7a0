"""The rules, each asked about rows that break it and rows that do not."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvitationClosed, Refused, RoleNotBelowOwn, TargetNotBelowOwn
from core.facts import (
    AcceptFacts,
    InvitationFacts,
    InviteFacts,
    MailFacts,
    PersonFacts,
    PlaceFacts,
    RoleFacts,
)
from core.models.invitations import ACCEPTED, OPEN, REPLACED, WITHDRAWN
from core.models.outbox import DROPPED, FAILED, SENDING, SENT, WAITING
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Actor, Role
from core.rules import (
    ACCEPT,
    ARCHIVE,
    BELOW_OWN,
    CHANGED,
    COPY_LINK,
    EDIT_PERSON,
    INVITE,
    LINK,
    NO_LIMIT,
    PLACES,
    PRESENT,
    REACTIVATE,
    RETRY_MAIL,
    RULE_SETS,
    TOUCH_PERSON,
    WITHDRAW,
    Rules,
    check,
    refusal_of,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADMIN = Actor(Role.COMPANY_ADMIN, "ada@example.com", 1)
FRESH = InviteFacts("bo@example.com", Role.LEARNER, 1, 0, 0, 0, 0)
LIVE = InvitationFacts("bo@example.com", Role.LEARNER, OPEN, NOW + timedelta(days=7), NOW)
WELCOME = AcceptFacts(role=Role.LEARNER, inviter_role=Role.COMPANY_ADMIN, accounts=0, active_users=1, room=10)

PERSON = PersonFacts(2, "bo@example.com", Role.LEARNER, ACTIVE)
SELF = PersonFacts(1, "ada@example.com", Role.COMPANY_ADMIN, ACTIVE)
HOST = Actor(Role.OPERATOR, "operator ada")

# Who may give what (R7, S12): a row for each actor, a mark for each role from Learner to Operator.
MAY_GIVE = {
    Role.LEARNER: "-----",
    Role.TRAINER: "x----",
    Role.CONTENT_MANAGER: "xx---",
    Role.COMPANY_ADMIN: "xxx--",
    Role.OPERATOR: "xxxx-",
}


def code(rules: Rules, row: object, actor: Actor = ADMIN) -> str:
    """Return the code of the first broken rule, or nothing."""
    refusal = refusal_of(rules, actor, row)
    return refusal.code if refusal else ""


@pytest.mark.parametrize("giver", Role)
@pytest.mark.parametrize("given", Role)
def test_only_roles_strictly_below_ones_own_can_be_given(giver: Role, given: Role) -> None:
    """The whole table of actor and role: one may give what is lower, never one's own or higher (R7, S12)."""
    allowed = MAY_GIVE[giver][sorted(Role).index(given)] == "x"
    assert (code(BELOW_OWN, RoleFacts(given), Actor(giver, "somebody")) == "") == allowed


@pytest.mark.parametrize(
    ("given", "giver"),
    [
        (Role.TRAINER, "A Company Admin or the operator of the host can give it."),
        (Role.COMPANY_ADMIN, "The next Company Admin is appointed by the operator of the host."),
        (Role.OPERATOR, "It is given on the host only."),
    ],
)
def test_a_role_out_of_reach_says_who_could_give_it(given: Role, giver: str) -> None:
    """The sentence names the role, one's own and who could give it (R55)."""
    refusal = refusal_of(BELOW_OWN, Actor(Role.LEARNER, "bo@example.com"), RoleFacts(given))
    assert isinstance(refusal, RoleNotBelowOwn)
    assert refusal.message == f"{given.label} is not below your own role (Learner). {giver}"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (FRESH, ""),
        (replace(FRESH, role=Role.COMPANY_ADMIN), "role_not_below_own"),
        (replace(FRESH, occurrence=2), "twice_in_file"),
        (replace(FRESH, active_user=1), "already_user"),
        (replace(FRESH, archived_user=1), "archived_user"),
        (replace(FRESH, live_invitation=1), "already_invited"),
        (replace(FRESH, live_invitation=1, renew=1), ""),
        (replace(FRESH, occurrence=2, active_user=1, live_invitation=1), "twice_in_file"),
        (replace(FRESH, archived_user=1, live_invitation=1, renew=1), "archived_user"),
    ],
)
def test_what_stands_in_the_way_of_an_invitation(row: InviteFacts, expected: str) -> None:
    """Each obstacle has its own reason, and the first one in order is told (R22)."""
    assert code(INVITE, row) == expected


@pytest.mark.parametrize(
    ("takes_place", "position", "room", "expected"),
    [
        (1, 1, 1, ""),
        (1, 2, 1, "cap_reached"),
        (1, 1, 0, "cap_reached"),
        (0, 5, 0, ""),
        (1, 10**6, NO_LIMIT, ""),
    ],
)
def test_places_go_by_position(takes_place: int, position: int, room: int, expected: str) -> None:
    """Rows up to the room are served, and a row that takes no place always (D2, D9)."""
    assert code(PLACES, PlaceFacts(takes_place, position, room)) == expected


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        (OPEN, 1, ""),
        (OPEN, 0, "link_expired"),
        (OPEN, -1, "link_expired"),
        (ACCEPTED, 1, "link_used"),
        (ACCEPTED, -1, "link_used"),
        (REPLACED, -1, "link_replaced"),
        (WITHDRAWN, -1, "link_withdrawn"),
    ],
)
def test_a_dead_link_tells_why(state: str, days: int, expected: str) -> None:
    """Used, replaced and withdrawn are told also after the days are over, and the last moment is over (R29, P21)."""
    assert code(LINK, replace(LIVE, state=state, expires_at=NOW + timedelta(days=days))) == expected


def test_the_last_microsecond_counts() -> None:
    """A link works until just before its end and not at its end (P21)."""
    assert code(LINK, replace(LIVE, expires_at=NOW + timedelta(microseconds=1))) == ""
    assert code(LINK, replace(LIVE, expires_at=NOW)) == "link_expired"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (WELCOME, ""),
        (replace(WELCOME, accounts=1), "address_has_account"),
        (replace(WELCOME, inviter_role=0), "inviter_may_no_longer"),
        (replace(WELCOME, role=Role.COMPANY_ADMIN), "inviter_may_no_longer"),
        (replace(WELCOME, active_users=9), ""),
        (replace(WELCOME, active_users=10), "no_place_left"),
        (replace(WELCOME, active_users=11), "no_place_left"),
        (replace(WELCOME, accounts=1, inviter_role=0, active_users=10), "address_has_account"),
    ],
)
def test_what_must_still_be_true_at_acceptance(row: AcceptFacts, expected: str) -> None:
    """No second account, an inviter who still may, and a free place (P15, P31, D5)."""
    assert code(ACCEPT, row) == expected


@pytest.mark.parametrize("rules", [WITHDRAW, COPY_LINK])
@pytest.mark.parametrize("state", [ACCEPTED, REPLACED, WITHDRAWN])
def test_only_an_open_invitation_is_worked_on(rules: Rules, state: str) -> None:
    """A closed invitation can neither be withdrawn nor have its link shown, and the sentence says what it is."""
    refusal = refusal_of(rules, ADMIN, replace(LIVE, state=state))
    assert isinstance(refusal, InvitationClosed)
    assert f"is {state}," in refusal.message


def test_an_expired_invitation_is_withdrawn_but_not_shown() -> None:
    """Withdrawing what expired tidies up, showing its dead link would mislead."""
    expired = replace(LIVE, expires_at=NOW)
    assert code(WITHDRAW, expired) == ""
    refusal = refusal_of(COPY_LINK, ADMIN, expired)
    assert refusal is not None
    assert "is expired," in refusal.message


@pytest.mark.parametrize("rules", [WITHDRAW, COPY_LINK])
def test_invitations_at_or_above_ones_own_role_are_out_of_reach(rules: Rules) -> None:
    """A Company Admin touches no invitation of a Company Admin, whatever its state."""
    assert code(rules, replace(LIVE, role=Role.COMPANY_ADMIN, state=WITHDRAWN)) == "role_not_below_own"


@pytest.mark.parametrize(
    ("state", "allowed"), [(FAILED, True), (WAITING, True), (SENT, False), (SENDING, False), (DROPPED, False)]
)
def test_only_a_mail_that_is_not_on_its_way_is_tried_again(state: str, *, allowed: bool) -> None:
    """A failed or waiting mail can be tried again, one that left or leaves cannot."""
    assert (code(RETRY_MAIL, MailFacts(7, state)) == "") == allowed


@pytest.mark.parametrize("actor", Role)
@pytest.mark.parametrize("target", Role)
def test_only_people_below_ones_own_role_are_touched(actor: Role, target: Role) -> None:
    """The whole table of actor and person: role, state, place and master data follow the ladder (R34)."""
    row, who = replace(PERSON, role=target), Actor(actor, "somebody", 1)
    expected = "" if MAY_GIVE[actor][sorted(Role).index(target)] == "x" else "target_not_below_own"
    assert code(TOUCH_PERSON, row, who) == code(EDIT_PERSON, row, who) == expected
    assert code(ARCHIVE, row, who) == expected
    assert code(REACTIVATE, replace(row, status=ARCHIVED), who) == expected


@pytest.mark.parametrize(
    ("rules", "row", "actor", "expected"),
    [
        (EDIT_PERSON, SELF, ADMIN, ""),
        (TOUCH_PERSON, SELF, ADMIN, "own_account"),
        (ARCHIVE, SELF, ADMIN, "own_account"),
        (ARCHIVE, replace(SELF, last_admin=1), ADMIN, "last_admin"),
        (ARCHIVE, replace(SELF, last_admin=1), HOST, ""),
        (TOUCH_PERSON, replace(SELF, last_admin=1), HOST, ""),
        (ARCHIVE, replace(PERSON, status=ARCHIVED), ADMIN, "already_archived"),
        (ARCHIVE, replace(SELF, id=2, status=ARCHIVED), ADMIN, "target_not_below_own"),
        (REACTIVATE, PERSON, ADMIN, "already_active"),
        (REACTIVATE, replace(PERSON, status=ARCHIVED), ADMIN, ""),
        (CHANGED, PERSON, ADMIN, ""),
        (CHANGED, replace(PERSON, changes=0), ADMIN, "unchanged"),
        (PRESENT, PERSON, ADMIN, ""),
        (PRESENT, replace(PERSON, role=0), ADMIN, "person_gone"),
    ],
)
def test_what_stands_in_the_way_of_a_change(
    rules: Rules, row: PersonFacts, actor: Actor, expected: str
) -> None:
    """One's own account, the last admin and whoever is so already each have their reason, the first one is told."""
    assert code(rules, row, actor) == expected


@pytest.mark.parametrize(
    ("target", "who"),
    [(Role.CONTENT_MANAGER, "Only a Company Admin can"), (Role.OPERATOR, "operator of the host can")],
)
def test_somebody_out_of_reach_says_who_could(target: Role, who: str) -> None:
    """The sentence names the person, their role, one's own and who could change the account (R55)."""
    refusal = refusal_of(TOUCH_PERSON, Actor(Role.TRAINER, "cy@example.com", 9), replace(PERSON, role=target))
    assert isinstance(refusal, TargetNotBelowOwn)
    assert refusal.message.startswith(
        f"bo@example.com is {target.label}, which is not below your own role (Trainer)."
    )
    assert who in refusal.message


def test_checking_raises_the_refusal() -> None:
    """A verb that checks goes on only where every rule holds."""
    check(INVITE, ADMIN, FRESH)
    with pytest.raises(Refused, match="listed twice"):
        check(INVITE, ADMIN, replace(FRESH, occurrence=2))


@pytest.mark.parametrize(("rules", "kind"), RULE_SETS.values(), ids=RULE_SETS)
def test_every_refusal_of_a_rule_makes_a_sentence(rules: Rules, kind: type) -> None:
    """Each rule's refusal can be built from the facts of its set and says something whole."""
    values = {"int": 10, "str": "open", "datetime": NOW}
    row = kind(**{each.name: values[str(each.type)] for each in fields(kind)})
    for rule in rules:
        sentence = rule.refusal.about(ADMIN, row).message
        assert sentence.endswith(".")
        assert "{" not in sentence
