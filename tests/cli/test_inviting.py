"""`academy invite`, `withdraw`, `renew`, `invitations`: through the same rules as every other door."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.errors import DeadLink
from core.models import Invitation
from core.services.accepting import read_link
from core.services.places import add_group
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House

INVITATION_KEYS = (
    "id", "address", "role", "state", "mail", "mail_answer", "invited_by", "created", "expires", "department", "groups",
)  # fmt: skip
TALLY_KEYS = ("batch", "preview", "done", "skipped", "failed", "rows")


def _open_addresses(host: Host) -> list[str]:
    return [each["address"] for each in host("invitations", "state:open", "--json").json]


def test_an_invitation_has_the_promised_keys(house: House, host: Host) -> None:
    """Invite prints a tally and the invitation as it stands, with role, department, groups and times in UTC."""
    words = ("--role", "content-manager", "--department", "sales", "--group", "night shift", "--days", "3")
    ran = host("invite", "Bo@Example.com", *words, "--json")
    assert (ran.code, "written as files" in ran.err) == (0, True)
    assert tuple(ran.json) == (*TALLY_KEYS, "invitations")
    [made] = ran.json["invitations"]
    assert tuple(made) == INVITATION_KEYS
    assert (made["address"], made["role"], made["state"]) == ("Bo@Example.com", "content-manager", "open")
    assert (made["department"], made["groups"], made["mail"]) == ("Sales", ["Night shift"], "waiting")
    assert made["invited_by"] == "operator"
    assert made["created"].endswith("Z")
    assert host("invitations", "--json").json == [made]


@sqlite_only
def test_an_invitation_says_who_is_invited_and_until_when(house: House, host: Host) -> None:
    """Without --json one line tells of the invitation and stderr of where mails go."""
    ran = host("invite", "bo@example.com")
    assert ran.out.startswith("bo@example.com is invited as Learner; the link works until 2")
    assert "academy mail send" in ran.err


def test_the_link_is_printed_only_when_asked_for_and_noted(house: House, host: Host) -> None:
    """--link prints the working link, which the audit trail notes; without it no link is printed or noted."""
    assert "/i/" not in host("invite", "cy@example.com").out
    [made] = host("invite", "bo@example.com", "--link", "--json").json["invitations"]
    token = made["link"].rpartition("/i/")[2]
    with house.core.glance() as visit:
        assert read_link(visit, token).address == "bo@example.com"
    noted = host("log", "action:link_copied", "--json").json
    assert [event["subject"] for event in noted] == ["bo@example.com"]


def test_inviting_again_replaces_the_open_invitation(house: House, host: Host) -> None:
    """A second invitation of an address kills the link of the first, also among several addresses."""
    first = house.token_of(house.invite("bo@example.com"))
    assert host("invite", "bo@example.com", "cy@example.com").code == 0
    assert sorted(_open_addresses(host)) == ["bo@example.com", "cy@example.com"]
    with house.core.glance() as visit, pytest.raises(DeadLink, match="newer invitation"):
        read_link(visit, first)


@sqlite_only
@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("bo@example.com", "--role", "operator"), 1, "role_not_below_own"),
        (("bo@example.com", "cy@example.com", "--role", "operator"), 1, "role_not_below_own"),
        (("bo@example.com", "--role", "boss"), 2, "usage"),
        (("ada@example.com",), 1, "already_user"),
        (("no address",), 2, "invalid_address"),
        (("bo@example.com", "--department", "Moon"), 1, "missing"),
        (("bo@example.com", "--group", "Moon"), 1, "missing"),
        (("bo@example.com", "--days", "0"), 2, "invalid"),
        (("bo@example.com", "--days", "91"), 2, "invalid"),
        ((), 2, "usage"),
    ],
)
def test_a_refused_invitation_writes_nothing(
    house: House, host: Host, words: tuple[str, ...], code: int, error: str
) -> None:
    """An invitation that breaks a rule or cannot be meant ends with its code and a sentence, and nothing is written."""
    before = host("log", "--json").json
    ran = host("invite", *words, "--json")
    assert (ran.code, ran.json["error"]) == (code, error)
    assert ran.json["message"]
    assert host("invitations", "--json").json == []
    assert host("log", "--json").json == before


@sqlite_only
def test_an_unknown_department_lists_what_there_is(house: House, host: Host) -> None:
    """The sentence about an unknown department names those that exist."""
    assert "Sales, Support" in host("invite", "bo@example.com", "--department", "Moon").err


def test_the_operator_appoints_the_next_company_admin(house: House, host: Host) -> None:
    """On the host a Company Admin can be invited."""
    [made] = host("invite", "bo@example.com", "--role", "company-admin", "--json").json["invitations"]
    assert made["role"] == "company-admin"


def test_several_invitations_are_told_one_by_one(house: House, host: Host) -> None:
    """Of several addresses those that can be are invited, the others named with the reason, and the exit code is 3."""
    words = ("invite", "bo@example.com", "nonsense", "ada@example.com", "BO@example.com", "cy@example.com")
    ran = host(*words, "--json")
    assert ran.code == 3
    assert ran.json["done"] == 2
    assert ran.json["skipped"] == {"already_user": 1, "twice_in_file": 1}
    assert ran.json["failed"] == {"invalid_address": 1}
    assert [row["line"] for row in ran.json["rows"]] == [2, 3, 4]
    assert [each["address"] for each in ran.json["invitations"]] == ["bo@example.com", "cy@example.com"]


@sqlite_only
def test_several_invitations_that_are_all_refused_end_with_1(house: House, host: Host) -> None:
    """Where no address could be invited the exit code is 1 and each reason is a sentence."""
    ran = host("invite", "ada@example.com", "nonsense")
    assert (ran.code, ran.out) == (1, "")
    assert "ada@example.com already has an account" in ran.err
    assert "0 invitations made, 2 not." in ran.err


@sqlite_only
def test_a_full_group_is_named(house: House, host: Host) -> None:
    """An invitation into a learning group without a free place names the group."""
    with house.core.work(house.admin) as work:
        add_group(work, "Mentors", max_size=1)
    assert host("invite", "bo@example.com", "--group", "Mentors").code == 0
    ran = host("invite", "cy@example.com", "--group", "Mentors")
    assert (ran.code, "The learning group Mentors is full" in ran.err) == (1, True)


def test_a_withdrawn_invitation_is_dead(house: House, host: Host) -> None:
    """Withdrawing kills the link at once, and a second time says why it cannot be done."""
    token = house.token_of(house.invite("bo@example.com"))
    ran = host("withdraw", "BO@example.com", "--json")
    assert (ran.code, ran.json["done"], tuple(ran.json)) == (0, 1, TALLY_KEYS)
    with house.core.glance() as visit, pytest.raises(DeadLink, match="withdrawn"):
        read_link(visit, token)
    again = host("withdraw", "bo@example.com", "--json")
    assert (again.code, again.json["error"]) == (1, "invitation_closed")


def test_a_renewed_invitation_keeps_its_role_and_places(house: House, host: Host) -> None:
    """Renewing makes a new invitation like the old one, whose link dies."""
    house.invite("bo@example.com", department="Sales", groups=["Night shift"])
    [old] = host("invitations", "--json").json
    assert host("renew", "bo@example.com", "--days", "30").out == "Renewed: 1 invitation.\n"
    new, replaced = host("invitations", "--json").json
    assert (replaced["id"], replaced["state"], new["state"]) == (old["id"], "replaced", "open")
    for key in ("address", "role", "department", "groups"):
        assert new[key] == old[key]
    assert new["expires"] > old["expires"]


@sqlite_only
@pytest.mark.parametrize("command", ["withdraw", "renew"])
def test_addresses_without_an_invitation_are_told_apart(house: House, host: Host, command: str) -> None:
    """Of several addresses those with an invitation are changed, the others are named, and the exit code is 3."""
    house.invite("bo@example.com")
    ran = host(command, "bo@example.com", "nobody@example.com", "nonsense", "--json")
    assert (ran.code, ran.json["done"]) == (3, 1)
    assert ran.json["failed"] == {"missing": 1, "invalid_address": 1}
    alone = host(command, "nobody@example.com", "--json")
    assert (alone.code, alone.json["error"]) == (1, "missing")


@sqlite_only
def test_invitations_are_filtered_by_words(house: House, host: Host) -> None:
    """Filter words narrow the list, `-` negates, and names with blanks need no quotes of their own."""
    house.invite("bo@example.com", groups=["Night shift"])
    house.invite("cy@example.com")
    assert _addresses(host, "group:Night shift") == ["bo@example.com"]
    assert _addresses(host, "-group:Night shift") == ["cy@example.com"]
    assert _addresses(host, "state:open cy") == ["cy@example.com"]
    assert _addresses(host, "by:ada", "bo@") == ["bo@example.com"]


def _addresses(host: Host, *words: str) -> list[str]:
    return [each["address"] for each in host("invitations", *words, "--json").json]


@sqlite_only
def test_an_invitation_in_a_language(house: House, host: Host) -> None:
    """With `--language` the mail is in that language; one that nobody writes mails in is a matter of usage."""
    assert host("invite", "bo@example.com", "--language", "DE").code == 0
    assert host("import", "-", "--language", "fr", typed="cy@example.com\n").code == 0
    with house.core.operator_look() as look:
        languages = look.db.execute(
            select(Invitation.address, Invitation.language).order_by(Invitation.id)
        ).all()
    assert [tuple(each) for each in languages] == [("bo@example.com", "de"), ("cy@example.com", "fr")]
    for words in (("invite", "di@example.com"), ("import", "-")):
        refused = host(*words, "--language", "tlh", typed="di@example.com\n")
        assert (refused.code, "There is: en, " in refused.err) == (2, True)
    assert len(host("invitations", "--json").json) == 2
