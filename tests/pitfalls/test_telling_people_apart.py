"""Who is the same person and who is not: case, look-alikes, domains, plus signs, invisible marks (P10-P14)."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import AlreadyUser, InvalidAddress
from core.importing import read
from core.models import User
from core.services.accepting import accept
from core.services.inviting import Offer, StagedLines, invite_many
from core.services.mailing import deliver_due
from core.tally import Tally
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import PASSWORD, House
from tests.pitfalls.letters import written_mails
from tests.services import rows

FIELDS = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
LOOK_ALIKES = (
    "b\u0131ll@example.com",  # dotless i
    "\u212aim@example.com",  # Kelvin sign, whose lower case is k
    "stra\u00dfe@example.com",  # folds to strasse
    "\u017faul@example.com",  # long s
    "\uff42o@example.com",  # full width
    "b\u043e@example.com",  # Cyrillic o
    "bo\u0301@example.com",  # o and an accent
    "\u2170@example.com",  # one sign that looks like i
    "mi\u0307ke@example.com",  # what Turkish I becomes
)
MARKS = ("\ufeff", "\u00a0", "\u200b", "\u200c", "\u200d", "\u2060", "\u200e", "\u00ad", "\u3000")
ANY_CASE = st.lists(st.booleans(), min_size=24, max_size=24)


def in_case(text: str, upper: list[bool]) -> str:
    """Return `text` with some of its letters in upper case."""
    return "".join(char.upper() if up else char for char, up in zip(text, upper * 2, strict=False))


def import_bytes(house: House, content: bytes, *, renew: bool = False) -> Tally:
    """Import a file, as the command and the console do."""
    staged = StagedLines(read([content]), Offer())
    with house.core.work(house.admin, first=staged.stage) as work:
        return invite_many(work, staged, Offer(), renew=renew)


def test_p10_case_makes_no_second_person_at_any_door(company: House) -> None:
    """In whatever case an address comes, single, in a file or at the form, all doors mean the same one person."""
    numbers = count()

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ANY_CASE, ANY_CASE, ANY_CASE, ANY_CASE)
    def check(first: list[bool], second: list[bool], third: list[bool], fourth: list[bool]) -> None:
        address = f"person{next(numbers)}@example.com"
        invited = company.invite(in_case(address, first))
        assert dict(import_bytes(company, in_case(address, second).encode()).skipped) == {
            "already_invited": 1
        }
        assert import_bytes(company, in_case(address, third).encode(), renew=True).done == 1
        states = rows.states(company.core)
        newest = max(states)
        assert (states[invited], states[newest]) == ("replaced", "open")
        person = accept(company.core, company.token_of(newest), FIELDS)
        assert person.address == in_case(address, third)
        assert rows.person(company.core, person.user_id).address_key == address
        with pytest.raises(AlreadyUser):
            company.invite(in_case(address, fourth))
        assert dict(import_bytes(company, in_case(address, fourth).encode()).skipped) == {"already_user": 1}

    check()
    assert rows.count(company.core, User) == 1 + next(numbers)


@sqlite_only
@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_p11_look_alikes_are_refused_at_every_door(company: House, address: str) -> None:
    """A letter that looks like, or folds to, another one before the @-sign is refused, and the sentence shows it."""
    with pytest.raises(InvalidAddress) as caught:
        company.invite(address)
    assert address in caught.value.message
    tally = import_bytes(company, f"{address}\nfine@example.com\n".encode())
    assert (tally.done, dict(tally.failed)) == (1, {"invalid_address": 1})
    assert tally.verdicts[0].address == address


@sqlite_only
def test_p11_mail_goes_to_the_stored_address(company: House) -> None:
    """The confirmation goes to the address that was invited, whatever address the form brings along."""
    token = company.token_of(company.invite("mike@example.com"))
    accept(company.core, token, FIELDS | {"email": "m\u0131ke@example.com", "address_key": "eve@example.com"})
    deliver_due(company.core)
    [mail] = written_mails(company.core)
    assert [each.addr_spec for each in mail["To"].addresses] == ["mike@example.com"]


SPELLINGS = (
    "a@b\u00fccher.example",
    "a@bu\u0308cher.example",
    "A@B\u00dcCHER.example",
    "a@xn--bcher-kva.example",
    "a@XN--BCHER-KVA.EXAMPLE",
    "a@b\u00fccher\u3002example",  # the full stop of Chinese and Japanese
)


def test_p12_every_spelling_of_a_domain_is_one_person(company: House, clock: MovableClock) -> None:
    """Composed, decomposed and punycode are one key in the database, and each mail's bytes are ASCII with the A-label."""
    tally = import_bytes(company, "\n".join(SPELLINGS).encode())
    assert (tally.done, dict(tally.skipped)) == (1, {"twice_in_file": len(SPELLINGS) - 1})
    for address in SPELLINGS:
        company.invite(address)
        clock.move(minutes=1)
        deliver_due(company.core)
    assert list(rows.states(company.core).values()) == ["replaced"] * len(SPELLINGS) + ["open"]
    keys = {rows.invitation(company.core, each).address_key for each in rows.states(company.core)}
    assert keys == {"a@xn--bcher-kva.example"}
    for path in company.core.settings.outbox_folder.glob("*.eml"):
        assert path.read_bytes().isascii()
    assert {str(mail["To"]).lower() for mail in written_mails(company.core)} == keys


@sqlite_only
def test_p12_a_domain_that_folds_to_another_is_another(company: House) -> None:
    """The sharp s, a Cyrillic twin and the plain letters are three domains and never one person."""
    twins = ("a@fa\u00df.example", "a@fass.example", "a@f\u0430ss.example")
    keys = {rows.invitation(company.core, company.invite(each)).address_key for each in twins}
    assert len(keys) == len(twins)


def test_p13_plus_and_dots_are_other_people(company: House) -> None:
    """Addresses that one provider delivers to one mailbox are invited and registered as the different people they may be."""
    people = ("bo.berg@example.com", "boberg@example.com", "bo.berg+eve@example.com", "b.o.berg@example.com")
    made = {company.register(address) for address in people}
    assert len(made) == len(people)
    deliver_due(company.core)
    assert {rows.person(company.core, each).address_key for each in made} == set(people)


@sqlite_only
def test_p14_invisible_marks_of_a_spreadsheet_are_dropped_at_the_ends(company: House) -> None:
    """A file with a byte-order mark and invisible marks around its addresses imports as if they were not there."""
    lines = [f"{mark}p{number}@example.com{mark}{mark}" for number, mark in enumerate(MARKS)]
    tally = import_bytes(company, "\ufeff".encode() + "\r\n".join(lines).encode())
    assert (tally.done, tally.refused) == (len(MARKS), 0)
    states = rows.states(company.core)
    keys = {rows.invitation(company.core, each).address for each in states}
    assert keys == {f"p{number}@example.com" for number in range(len(MARKS))}
    for number, mark in enumerate(MARKS):
        with company.core.work(company.admin) as work:
            again = invite_many(work, [(1, f"{mark}P{number}@example.com", "")], Offer())
        assert dict(again.skipped) == {"already_invited": 1}


@sqlite_only
def test_p14_invisible_marks_inside_are_refused(company: House) -> None:
    """A mark that nobody sees inside an address is an error of its line, and nobody is mailed by guess."""
    inside = [text for mark in MARKS for text in (f"b{mark}o@example.com", f"bo@exam{mark}ple.com")]
    tally = import_bytes(company, "\n".join(inside).encode())
    assert tally.done == 0
    assert sum(dict(tally.failed).values()) == len(inside)
    assert rows.mails(company.core) == []
    deliver_due(company.core)
    assert written_mails(company.core) == []
