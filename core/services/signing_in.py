"""Signing in and out, one's own password, and what the learning platform asks: may they sign in, may they open it?

A failed sign-in makes the next try from the same source wait, longer each time: per account and source, and per
source over all accounts. Nothing an outsider does from elsewhere slows the owner down, so nobody can be locked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update

from core.access import before_courses, course_facts
from core.core import Core
from core.dialects import count_one
from core.errors import Busy, InvalidAddress, PermissionNeeded, Refused, TooManyTries, WrongCredentials
from core.facts import CourseFacts
from core.models import Company, Course, SignIn, SignInFailure, User
from core.models.people import ACTIVE
from core.passwords import Password
from core.roles import Actor, Permission, Role
from core.rules import OPEN_COURSE, SIGN_IN, refusal_of
from core.values import Address, name_key
from core.work import Visit, Work

CONSOLE = "console"
_FREE_TRIES = {True: 3, False: 20}  # per account and source; per source over all accounts
_LONGEST_SOURCE = 100
_LONGEST_DELAY = timedelta(minutes=5)
_FORGET_AFTER = timedelta(hours=12)
_MOST_DOUBLINGS = 9


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in; the id opens `core.work` and `core.look`."""

    sign_in_id: UUID
    user_id: int
    address: str
    name: str
    role: Role
    company: str


@dataclass(frozen=True, slots=True)
class Access:
    """The answer to the learning platform.

    Attributes:
        allowed: whether they may, at this moment: what is revoked, archived or expired counts at once.
        code: why not: `account_archived`, `course_not_licensed`, `seat_needed`, `no_license_in_force`, or
            `wrong_credentials` for whoever has no account; empty where they may.
        message: the same as a sentence, for the person themselves or their admin.
    """

    allowed: bool
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    role: Role
    password_hash: str


def sign_in(core: Core, address: str, password: str, *, source: str, surface: str = CONSOLE) -> SignedIn:
    """Open a sign-in with the role of this moment (R38).

    Args:
        core: its doors are opened here; none is open while the password is checked.
        address: as typed.
        password: as typed.
        source: where the try comes from, for the growing delay: a network address or a local user.
        surface: `console` asks for the permission to use it; other surfaces let every active person in.

    Raises:
        TooManyTries: wait first. WrongCredentials: unknown, archived or wrong, never saying which.
        PermissionNeeded: the right person with too low a role for the console.
    """
    key, source = _key(address), source[:_LONGEST_SOURCE]
    with core.glance() as visit:
        _check_delay(visit, source, key)
        account = _account(visit, key)
    typed = Password.as_typed(password)
    fits = core.ports.hasher.verify(account.password_hash if account else None, typed)
    if not fits or account is None:
        with core.visit() as visit:
            _count_failure(visit, source, key, known=account is not None)
        raise WrongCredentials
    if surface == CONSOLE and account.role < Permission.USE_CONSOLE.lowest:
        raise PermissionNeeded(Permission.USE_CONSOLE, account.role)
    renewed = _renewed(core, account.password_hash, typed)
    with core.visit() as visit:
        same = (User.id == account.id) & (User.password_hash == account.password_hash)
        if renewed is not None:
            visit.db.execute(update(User).where(same).values(password_hash=renewed))
        return _open(visit, account.id, source, key, surface)


def _renewed(core: Core, stored: str, password: Password) -> str | None:
    """Return a hash by today's method of a password that is right; None where it has one, or while hashing is busy."""
    try:
        return core.ports.hasher.hash(password) if core.ports.hasher.is_weak(stored) else None
    except Busy:
        return None


def sign_out(work: Work) -> None:
    """Close the actor's sign-in."""
    work.require(Permission.OWN_ACCOUNT)
    work.db.execute(
        update(SignIn)
        .where(SignIn.id == work.actor.sign_in_id, SignIn.closed_at.is_(None))
        .values(closed_at=work.now)
    )
    work.record("user.signed_out", "user", work.actor.user_id, work.actor.label)


def change_own_password(core: Core, sign_in_id: UUID, *, old: str, new: str) -> None:
    """Set a new password and close the person's other sign-ins.

    Raises:
        WrongCredentials: `old` does not fit. Invalid: field `password`. SignedOut.
    """
    with core.look(sign_in_id) as look:
        look.require(Permission.OWN_ACCOUNT)
        user = look.db.get_one(User, look.actor.user_id)
        company = look.db.scalar(select(Company.name)) or ""
    if not core.ports.hasher.verify(user.password_hash, Password.as_typed(old)):
        raise WrongCredentials
    context = (user.address, user.first_name, user.last_name, company)
    password_hash = core.ports.hasher.hash(Password.parse(new, context=context))
    with core.work(sign_in_id) as work:
        work.db.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
        work.db.execute(
            update(SignIn)
            .where(SignIn.user_id == user.id, SignIn.id != sign_in_id, SignIn.closed_at.is_(None))
            .values(closed_at=work.now)
        )
        work.record("user.password_changed", "user", user.id, user.address)


# --- asked by the learning platform -----------------------------------------------------------------------------


def may_sign_in(visit: Visit, address: str) -> Access:
    """Tell whether somebody may sign in to the learning platform (R39).

    It does not check a password: `sign_in` with a surface of the platform's own does. Whoever has no account gets the
    answer of a wrong password; that somebody is archived is for those who have proved who they are.

    Args:
        visit: of `core.glance()`; one query.
        address: as typed.
    """
    query = select(User.address, User.status).where(User.address_key == _key(address))
    found = visit.db.execute(query).one_or_none()
    if found is None:
        return _answer(WrongCredentials())
    facts = CourseFacts(found.address, found.status, course="", licenses=0, seats=0, in_force=0)
    return _answer(refusal_of(SIGN_IN, _themselves(found.address), facts))


def may_open(visit: Visit, address: str, course: str) -> Access:
    """Tell whether somebody may open a course or learning path now, and start lessons in it (R47, S22, D8).

    They may with an active account and a seat on a license that includes it and is in force: until the end of its last
    day, counted in UTC.

    Args:
        visit: of `core.glance()`; one query.
        address: as typed; whoever has no account gets the answer of a wrong password.
        course: its name; case and blanks do not matter.
    """
    query = before_courses(visit.now.date()).select_from(User)
    query = query.outerjoin(Course, Course.name_key == name_key(course))
    found = visit.db.execute(query.where(User.address_key == _key(address))).one_or_none()
    if found is None:
        return _answer(WrongCredentials())
    return _answer(refusal_of(OPEN_COURSE, _themselves(found.address), course_facts(found, course)))


# --- inside -----------------------------------------------------------------------------------------------------


def _key(address: str) -> str:
    """Return the account's key; empty for what is no address, which may be a password in the wrong field."""
    try:
        return Address.parse(address).key
    except InvalidAddress:
        return ""


def _answer(refusal: Refused | None) -> Access:
    return Access(True) if refusal is None else Access(False, refusal.code, refusal.message)


def _themselves(address: str) -> Actor:
    """Return who stands before the rules here, which is the person themselves."""
    return Actor(Role.LEARNER, address)


def _account(visit: Visit, key: str) -> _Account | None:
    found = visit.db.execute(
        select(User.id, User.role, User.password_hash).where(User.address_key == key, User.status == ACTIVE)
    ).one_or_none()
    return _Account(found.id, Role(found.role), found.password_hash) if found else None


def _check_delay(visit: Visit, source: str, key: str) -> None:
    for account in {key, ""}:
        row = visit.db.get(SignInFailure, (source, account))
        if row is None:
            continue
        wait = row.last_at + _delay(row.failures, per_account=bool(account)) - visit.now
        if wait > timedelta(0):
            raise TooManyTries(ceil(wait.total_seconds()))


def _delay(failures: int, *, per_account: bool) -> timedelta:
    """Return the wait after so many failures: none for the first tries, then 1, 2, 4 … seconds up to five minutes."""
    beyond = failures - _FREE_TRIES[per_account]
    if beyond < 0:
        return timedelta(0)
    return min(_LONGEST_DELAY, timedelta(seconds=2 ** min(beyond, _MOST_DOUBLINGS)))


def _count_failure(visit: Visit, source: str, key: str, *, known: bool) -> None:
    # Held first: of somebody who was deleted since the password was looked up no address is written down again.
    held = select(User.id).where(User.address_key == key).with_for_update(read=True, key_share=True)
    user_id = visit.db.scalar(held)
    if known and user_id is None:
        return
    visit.db.execute(delete(SignInFailure).where(SignInFailure.last_at < visit.now - _FORGET_AFTER))
    for account in sorted({key, ""}):
        which = {"source": source, "account": account}
        count_one(visit.db, SignInFailure, which, counter="failures", at={"last_at": visit.now})
    if user_id is not None:
        visit.record("user.sign_in_failed", user_id, key, source=source)


def _open(visit: Visit, user_id: int, source: str, key: str, surface: str) -> SignedIn:
    """Write the sign-in, unless the person was archived while the password was checked."""
    user = visit.db.get(
        User, user_id, with_for_update={"key_share": True}
    )  # reports about them need not wait
    if user is None or user.status != ACTIVE:
        raise WrongCredentials
    visit.db.execute(
        delete(SignInFailure).where(SignInFailure.source == source, SignInFailure.account == key)
    )
    user.last_sign_in_at = visit.now
    sign_in_id = uuid4()
    visit.db.execute(
        insert(SignIn).values(
            id=sign_in_id,
            user_id=user.id,
            role=user.role,
            surface=surface,
            opened_at=visit.now,
            seen_at=visit.now,
        )
    )
    visit.record("user.signed_in", user.id, user.address, surface=surface, source=source)
    name = f"{user.first_name} {user.last_name}".strip() or user.address
    company = visit.db.scalar(select(Company.name)) or ""
    return SignedIn(sign_in_id, user.id, user.address, name, Role(user.role), company)
