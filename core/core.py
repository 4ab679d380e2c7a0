"""Core: built once per process from settings; owns the engine and the four ports, and holds the doors.

Each door opens a transaction, hands out a `Work`, `Look` or `Visit`, commits on leaving and rolls back on an error.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from core.dialects import READING, STAGING, WRITING, open_engine, problem_of
from core.errors import Busy, Misconfigured, PermissionNeeded, SignedOut
from core.models import SignIn, User
from core.ports import Clock, Hasher, Links, Ports, Post, SystemClock
from core.roles import Actor, Permission, Role
from core.settings import Settings
from core.upgrade import check_revision, revision_of
from core.watching import Watch
from core.work import SEAL, Look, Visit, Work

First = Callable[[Look], None]


class Core:
    """The one way in. Thread-safe: every door opens its own session."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        """Take `Core.open` instead, which checks the database first."""
        self.settings = settings
        self.ports = ports
        self._engine = open_engine(settings.database_url)
        self._writing = self._engine.execution_options(**WRITING)
        self._planning = self._engine.execution_options(**STAGING)
        self._reading = self._engine.execution_options(**READING)
        self._watch = Watch(self._reading)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        hasher: Hasher | None = None,
        post: Post | None = None,
    ) -> Self:
        """Return a core on the database of `settings`.

        Raises:
            Misconfigured: no database, another schema, no key file. DatabaseAway: it does not answer.
        """
        if post is None:
            from core.mail.post import post_for  # noqa: PLC0415 - smtplib and ssl cost 40 ms and are not always needed

            post = post_for(settings)
        check_database_exists(settings)
        links = Links.load(settings.key_file, settings.public_url)
        ports = Ports(clock or SystemClock(), links, hasher or Hasher(), post)
        core = cls(settings, ports)
        try:
            with core._session(core._reading) as db:
                check_revision(revision_of(db.connection()))
        except BaseException:
            core.close()
            raise
        return core

    def close(self) -> None:
        """Give back every connection."""
        self._watch.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- doors ----------------------------------------------------------------------------------------------------

    @contextmanager
    def work(self, sign_in_id: UUID, *, first: First | None = None) -> Iterator[Work]:
        """Open a transaction for a signed-in admin.

        Args:
            sign_in_id: whose.
            first: what fills temporary tables, before anything is locked; the transaction finds them.

        Raises:
            SignedOut: the sign-in was closed (R39 at once). PermissionNeeded: its role was lowered meanwhile (R38).
            Busy, DatabaseAway. Nothing was written then.
        """
        with self._after(first, lambda db: _actor(db, sign_in_id)) as db:
            now = self.ports.clock.now()
            actor = _actor(db, sign_in_id)
            yield self._work(db, now, actor)
            # At the end: whoever holds one's own sign-in while waiting for the company's lock can meet, crosswise, a run
            # that holds the lock and is about to close that sign-in.
            _end(db, actor, now)

    @contextmanager
    def plan(self, sign_in_id: UUID, *, first: First | None = None) -> Iterator[Work]:
        """Open a transaction in which a signed-in admin's verb previews: nobody waits for it and nothing of it stays.

        `first` and what is raised are as in `work`.
        """
        with self._after(first, lambda db: _actor(db, sign_in_id), keep=False) as db:
            yield self._work(db, self.ports.clock.now(), _actor(db, sign_in_id))

    @contextmanager
    def look(self, sign_in_id: UUID) -> Iterator[Look]:
        """Open a reading transaction for a signed-in admin; raises as `work`."""
        with self._session(self._reading) as db:
            yield Look(
                db=db, now=self.ports.clock.now(), ports=self.ports, actor=_actor(db, sign_in_id), _seal=SEAL
            )

    @contextmanager
    def visit(self) -> Iterator[Visit]:
        """Open a transaction without an actor: the public form, a sign-in."""
        with self._session(self._writing) as db:
            yield Visit(db=db, now=self.ports.clock.now(), ports=self.ports, _seal=SEAL)

    @contextmanager
    def glance(self) -> Iterator[Visit]:
        """Open a reading transaction without an actor: what GET and HEAD may use (R30)."""
        with self._session(self._reading) as db:
            yield Visit(db=db, now=self.ports.clock.now(), ports=self.ports, _seal=SEAL)

    @contextmanager
    def operator(self, *, first: First | None = None) -> Iterator[Work]:
        """Open a transaction for whoever runs the host (S10); the audit names the host's user. `first` as in `work`."""
        with self._after(first, lambda _db: _operator()) as db:
            yield self._work(db, self.ports.clock.now(), _operator())

    @contextmanager
    def operator_plan(self, *, first: First | None = None) -> Iterator[Work]:
        """Open a transaction in which whoever runs the host previews, as `plan`."""
        with self._after(first, lambda _db: _operator(), keep=False) as db:
            yield self._work(db, self.ports.clock.now(), _operator())

    @contextmanager
    def operator_look(self) -> Iterator[Look]:
        """Open a reading transaction for whoever runs the host."""
        with self._session(self._reading) as db:
            yield Look(db=db, now=self.ports.clock.now(), ports=self.ports, actor=_operator(), _seal=SEAL)

    @contextmanager
    def system(self, job: str) -> Iterator[Work]:
        """Open a transaction for a job, such as `outbox`."""
        with self._session(self._writing) as db:
            yield self._work(db, self.ports.clock.now(), Actor(Role.OPERATOR, f"system {job}"))

    def change_token(self) -> object:
        """Return something that differs once another connection has committed a change; for polling, microseconds.

        Raises:
            Busy, DatabaseAway.
        """
        return self._watch.token()

    # --- inside ---------------------------------------------------------------------------------------------------

    def _work(self, db: Session, now: datetime, actor: Actor) -> Work:
        return Work(db=db, now=now, ports=self.ports, actor=actor, _seal=SEAL)

    @contextmanager
    def _after(
        self, first: First | None, actor_of: Callable[[Session], Actor], *, keep: bool = True
    ) -> Iterator[Session]:
        """Lend a session that writes, or with `keep` false one that only plans, on the connection on which `first` has run.

        Temporary tables outlive a transaction but not their connection, so that is closed and not used again.
        """
        if first is None:
            with self._session(self._writing if keep else self._planning, keep=keep) as db:
                yield db
            return
        with _translated(), self._engine.connect() as connection:
            try:
                connection.execution_options(**STAGING)
                with self._session(connection) as db:
                    actor = actor_of(db)
                with self._session(connection) as db:
                    first(Look(db=db, now=self.ports.clock.now(), ports=self.ports, actor=actor, _seal=SEAL))
                if keep:
                    connection.execution_options(**WRITING)
                with self._session(connection, keep=keep) as db:
                    yield db
            finally:
                connection.invalidate()

    @contextmanager
    def _session(self, bind: object, *, keep: bool = True) -> Iterator[Session]:
        """Commit on leaving, roll back on an error, or in any case where nothing is to be kept."""
        with _translated(), Session(bind, expire_on_commit=False) as db:  # type: ignore[arg-type]
            try:
                yield db
                if keep:
                    db.commit()
                else:
                    db.rollback()
            except BaseException:
                db.rollback()
                raise


@contextmanager
def _translated() -> Iterator[None]:
    """Translate what the driver says, here and nowhere else."""
    try:
        yield
    except NoConnectionFree:
        raise Busy from None
    except DBAPIError as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise problem from None


def _actor(db: Session, sign_in_id: UUID) -> Actor:
    found = db.execute(
        select(SignIn.role, SignIn.closed_at, User.id, User.address)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.id == sign_in_id)
    ).one_or_none()
    if found is None or found.closed_at is not None:
        raise SignedOut
    return Actor(Role(found.role), found.address, found.id, sign_in_id)


def _end(db: Session, actor: Actor, now: datetime) -> None:
    """Note that the actor was at work, who may have been archived or demoted while the work waited for its turn.

    Raises:
        SignedOut: closed by somebody else (R39). PermissionNeeded: with another role by now (R38).
    """
    own = SignIn.closed_at.is_(None) | (SignIn.closed_at == now)  # signing out closes it itself
    still = (SignIn.id == actor.sign_in_id) & own & (SignIn.role == int(actor.role))
    found = db.execute(update(SignIn).where(still).values(seen_at=now).returning(SignIn.id)).one_or_none()
    if found is None and actor.sign_in_id is not None:
        raise PermissionNeeded(Permission.USE_CONSOLE, _actor(db, actor.sign_in_id).role)


def _operator() -> Actor:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        name = "unnamed"
    return Actor(Role.OPERATOR, f"operator {name}")


def check_database_exists(settings: Settings) -> None:
    """Refuse an SQLite file that is not there: opening it would silently make an empty one.

    Raises:
        Misconfigured: saying how to make it.
    """
    if not settings.is_sqlite:
        return
    path = make_url(settings.database_url.reveal()).database or ""
    from pathlib import Path  # noqa: PLC0415

    try:
        Path(path).stat()
    except FileNotFoundError:
        raise Misconfigured(
            "ACADEMY_DATABASE_URL",
            f"there is no database at {path}. Set one up: academy init --company NAME --admin EMAIL",
        ) from None
    except OSError as error:
        raise Misconfigured(
            "ACADEMY_DATABASE_URL", f"the database {path} cannot be opened: {error.strerror}."
        ) from None
