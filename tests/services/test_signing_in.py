"""Signing in and out, the growing delay, one's own password (R38, R39), on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.errors import (
    Invalid,
    PermissionNeeded,
    Problem,
    SignedOut,
    TooManyTries,
    WrongCredentials,
)
from core.models import SignIn, SignInFailure
from core.passwords import Password
from core.roles import Role
from core.services.inviting import Offer, invite
from core.services.places import add_department
from core.services.signing_in import SignedIn, change_own_password, sign_in, sign_out
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import COMPANY, PASSWORD, House
from tests.services import rows

WRONG = "not the password"
NEW = "amber lantern 42"


def attempt(
    house: House, address: str = "ada@example.com", password: str = PASSWORD, source: str = "here"
) -> SignedIn:
    """Try to sign in to the console."""
    return sign_in(house.core, address, password, source=source)


def fail(house: House, times: int, clock: MovableClock | None = None, **attempted: str) -> None:
    """Fail to sign in, waiting out each delay where a clock is given."""
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            attempt(house, **({"password": WRONG} | attempted))
        if clock:
            clock.move(minutes=5)


def delay(house: House, **attempted: str) -> int:
    """Return the seconds to wait before the next try."""
    try:
        attempt(house, **({"password": WRONG} | attempted))
    except TooManyTries as problem:
        return problem.seconds
    except WrongCredentials:
        return 0
    raise AssertionError


def test_signing_in_tells_who_one_is(company: House, clock: MovableClock) -> None:
    """The right address in any case and the right password open a sign-in with the role of the moment."""
    clock.move(hours=1)
    signed_in = attempt(company, " ADA@example.com ")
    assert (signed_in.user_id, signed_in.name, signed_in.role) == (
        company.admin_id,
        "Ada Byron",
        Role.COMPANY_ADMIN,
    )
    assert (signed_in.address, signed_in.company) == ("ada@example.com", COMPANY)
    assert rows.person(company.core, company.admin_id).last_sign_in_at == clock.now()
    with company.core.look(signed_in.sign_in_id) as look:
        assert (look.actor.user_id, look.actor.role) == (company.admin_id, Role.COMPANY_ADMIN)
    event = rows.events(company.core, "user.signed_in")[-1]
    assert (event.subject_id, event.details) == (company.admin_id, {"surface": "console", "source": "here"})


def test_unknown_wrong_and_archived_get_one_answer(company: House) -> None:
    """An outsider cannot tell whether an address has an account (S9, R39)."""
    rows.archive(company.core, company.register("bo@example.com"))
    answers = set()
    for address, password in (
        ("nobody@example.com", PASSWORD), ("ada@example.com", WRONG), ("bo@example.com", PASSWORD),
        ("no address", PASSWORD), ("", ""), ("ada@example.com", ""), ("\udcff", "\udcff"), ("a\x00b", "a\x00b"),
    ):  # fmt: skip
        with pytest.raises(Problem) as caught:
            attempt(company, address, password)
        answers.add((caught.value.code, caught.value.message))
    assert len(answers) == 1
    assert answers.pop()[0] == "wrong_credentials"


@pytest.mark.parametrize("role", [Role.LEARNER, Role.CONTENT_MANAGER])
def test_the_console_is_for_admins(company: House, role: Role) -> None:
    """The right person with too low a role is told so, and no sign-in is opened (S9)."""
    company.register("bo@example.com", role)
    before = rows.count(company.core, SignIn)
    with pytest.raises(PermissionNeeded, match="Company Admin"):
        attempt(company, "bo@example.com")
    assert rows.count(company.core, SignIn) == before
    assert sign_in(company.core, "bo@example.com", PASSWORD, source="here", surface="platform").role == role


# --- the growing delay ------------------------------------------------------------------------------------------


def test_failures_make_the_next_try_wait_longer(company: House, clock: MovableClock) -> None:
    """After three free tries the wait doubles from one second up to five minutes, and never beyond."""
    waits = []
    for _ in range(14):
        wait = delay(company)
        waits.append(wait)
        clock.move(seconds=wait)
        if wait:
            assert delay(company) == 0
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_right_password_waits_too(company: House, clock: MovableClock) -> None:
    """During the delay nothing is tried, so a right guess is not told from a wrong one."""
    fail(company, 3)
    with pytest.raises(TooManyTries, match="Wait 1 second,"):
        attempt(company)
    clock.move(seconds=1)
    assert attempt(company).user_id


def test_success_forgets_the_delay(company: House, clock: MovableClock) -> None:
    """After a sign-in the free tries are there again."""
    fail(company, 3)
    clock.move(seconds=1)
    attempt(company)
    fail(company, 3)
    assert delay(company) == 1


def test_outsiders_never_delay_the_owner(company: House) -> None:
    """Whatever is tried from elsewhere, the owner signs in from their own place at once."""
    fail(company, 3, source="elsewhere")
    assert delay(company, source="elsewhere") > 0
    assert attempt(company, source="home").user_id


def test_one_account_does_not_slow_another(company: House) -> None:
    """A colleague at the same place is not delayed by somebody's typing mistakes."""
    rows.add_admin(company.core, "cy@example.com", company.core.ports.hasher.hash(Password.parse(PASSWORD)))
    fail(company, 3)
    assert delay(company) > 0
    assert attempt(company, "cy@example.com").user_id


def test_trying_many_accounts_from_one_place_is_slowed(company: House) -> None:
    """Twenty failures over all accounts slow the place down, whichever account is tried next."""
    for number in range(20):
        fail(company, 1, address=f"p{number}@example.com")
    assert delay(company, address="fresh@example.com") == 1
    assert delay(company, address="fresh@example.com", source="elsewhere") == 0


def test_what_is_no_address_counts_for_the_place_only(company: House) -> None:
    """A password typed into the wrong field is counted, but written nowhere."""
    fail(company, 20, address="my secret passphrase")
    assert delay(company, address="my secret passphrase") == 1
    found = rows.all_of(company.core, select(SignInFailure.account))
    assert {row.account for row in found} == {""}


def test_failures_are_forgotten_after_a_night(company: House, clock: MovableClock) -> None:
    """Old failures are swept out with the next one."""
    fail(company, 3)
    clock.move(hours=13)
    fail(company, 1, address="other@example.com")
    found = rows.all_of(company.core, select(SignInFailure.account, SignInFailure.failures))
    assert sorted(tuple(row) for row in found) == [("", 1), ("other@example.com", 1)]


def test_failures_of_known_accounts_are_recorded(company: House) -> None:
    """The trail tells failed sign-ins of an account with their source, and nothing of unknown addresses (R60)."""
    fail(company, 1)
    fail(company, 1, address="nobody@example.com")
    [event] = rows.events(company.core, "user.sign_in_failed")
    assert (event.subject_id, event.details) == (company.admin_id, {"source": "here"})


def test_failures_at_the_same_moment_are_all_counted(company: House) -> None:
    """Several wrong tries at once lose no count and end in no error of the database."""
    codes: list[str] = []

    def wrong() -> None:
        try:
            attempt(company, password=WRONG)
        except Problem as problem:
            codes.append(problem.code)

    threads = [threading.Thread(target=wrong) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows.all_of(company.core, select(SignInFailure.failures))
    assert codes.count("wrong_credentials") + codes.count("busy") == 3
    assert {row.failures for row in found} == {codes.count("wrong_credentials")}


@sqlite_only
def test_a_long_source_is_cut(company: House) -> None:
    """A source longer than its column is cut instead of failing."""
    fail(company, 3, source="s" * 300)
    assert delay(company, source="s" * 300) == 1


# --- signed in --------------------------------------------------------------------------------------------------


def test_signing_out_closes_every_door(company: House) -> None:
    """After signing out neither reading nor writing is possible with that sign-in (R39)."""
    other = company.sign_in()
    with company.core.work(company.admin) as work:
        sign_out(work)
    for door in (company.core.work, company.core.look):
        with pytest.raises(SignedOut), door(company.admin):
            pass
    with company.core.look(other):
        pass
    assert rows.events(company.core, "user.signed_out")[-1].subject_id == company.admin_id


def test_a_sign_in_that_never_was_is_signed_out(company: House) -> None:
    """An id that nobody was given opens nothing."""
    with pytest.raises(SignedOut), company.core.work(UUID(int=7)):
        pass


def test_a_closed_sign_in_is_closed_at_once(company: House) -> None:
    """Whoever is archived loses open sign-ins, and the next action says so (R39)."""
    rows.close_sign_ins(company.core, company.admin_id)
    with pytest.raises(SignedOut, match="Sign in again"):
        company.invite("bo@example.com")


def test_a_gain_counts_from_the_next_sign_in(company: House) -> None:
    """The role of a sign-in is the one of its moment, so a promotion needs a new one (R38)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    before = sign_in(company.core, "bo@example.com", PASSWORD, source="here", surface="platform")
    rows.set_role(company.core, before.user_id, Role.COMPANY_ADMIN)
    with company.core.work(before.sign_in_id) as work, pytest.raises(PermissionNeeded):
        invite(work, "cy@example.com", Offer())
    after = attempt(company, "bo@example.com")
    with company.core.work(after.sign_in_id) as work:
        assert invite(work, "cy@example.com", Offer())


def test_being_active_is_remembered(company: House, clock: MovableClock) -> None:
    """Each change through the door notes when the sign-in was last seen; looking writes nothing."""
    clock.move(minutes=10)
    with company.core.look(company.admin):
        pass
    assert rows.sign_in_of(company.core, company.admin).seen_at == clock.now() - timedelta(minutes=10)
    with company.core.work(company.admin) as work:
        add_department(work, "Stores")
    assert rows.sign_in_of(company.core, company.admin).seen_at == clock.now()


# --- one's own password -----------------------------------------------------------------------------------------


def test_a_new_password_counts_and_closes_other_sign_ins(company: House) -> None:
    """The old password is worth nothing, other sign-ins end, and the own one goes on."""
    other = company.sign_in()
    change_own_password(company.core, company.admin, old=PASSWORD, new=NEW)
    with pytest.raises(WrongCredentials):
        attempt(company)
    assert attempt(company, password=NEW).user_id
    with company.core.look(company.admin):
        pass
    with pytest.raises(SignedOut), company.core.look(other):
        pass
    [event] = rows.events(company.core, "user.password_changed")
    assert (event.subject_id, event.details) == (company.admin_id, {})


def test_the_old_password_is_asked_for(company: House) -> None:
    """Without the old password nothing changes."""
    with pytest.raises(WrongCredentials):
        change_own_password(company.core, company.admin, old=WRONG, new=NEW)
    assert attempt(company).user_id


@sqlite_only
@pytest.mark.parametrize("new", ["short", "password1", "adabyron7", "engineworks1", "a" * 1025])
def test_a_weak_new_password_is_refused(company: House, new: str) -> None:
    """A new password is judged like the first one, by length, list and context."""
    with pytest.raises(Invalid) as caught:
        change_own_password(company.core, company.admin, old=PASSWORD, new=new)
    assert list(caught.value.fields) == ["password"]
    assert attempt(company).user_id
