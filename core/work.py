"""An open transaction on behalf of somebody at one instant: the only way to change anything.

A `Work`, `Look` or `Visit` is made by a door of `core.core.Core` and by nothing else: the constructors ask for a seal
that only the doors hold. So no verb runs without an actor, an instant and a transaction, and the door commits.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.errors import PermissionNeeded
from core.models import AuditEvent
from core.ports import Ports
from core.roles import Actor, Permission

SEAL: Final = object()
_BATCH_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_BATCH_LENGTH = 10


def new_batch() -> str:
    """Return a name for a bulk run: short enough to type, 49 bits, no letters that look alike."""
    return "".join(secrets.choice(_BATCH_LETTERS) for _ in range(_BATCH_LENGTH))


@dataclass(frozen=True, slots=True)
class _Opened:
    db: Session
    now: datetime
    ports: Ports = field(repr=False)
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not SEAL:
            raise TypeError("Open this through a door of Core.")


@dataclass(frozen=True, slots=True)
class Look(_Opened):
    """A signed-in admin reading; no write lock is taken."""

    actor: Actor

    def require(self, permission: Permission) -> None:
        """Go on only where the actor's role includes `permission` (S9).

        Raises:
            PermissionNeeded: it does not.
        """
        if self.actor.role < permission.lowest:
            raise PermissionNeeded(permission, self.actor.role)


@dataclass(frozen=True, slots=True)
class Work(Look):
    """A signed-in admin, the operator or a job, changing things; a Work can do whatever a Look can."""

    def record(
        self,
        action: str,
        kind: str,
        subject_id: int | None,
        label: str,
        /,
        *,
        batch: str | None = None,
        **details: Any,
    ) -> None:
        """Write one audit event (R60): `action` on the `kind` with that id and label; `details` hold old and new."""
        _record(
            self.db,
            self.now,
            self.actor.user_id,
            self.actor.label,
            (action, kind, subject_id, label),
            batch,
            details,
        )


@dataclass(frozen=True, slots=True)
class Visit(_Opened):
    """The public form, or somebody who is about to sign in: no actor, so no verb for actors takes it."""

    def record(self, action: str, user_id: int, label: str, /, **details: Any) -> None:
        """Write one audit event of a person acting on their own account."""
        _record(self.db, self.now, user_id, label, (action, "user", user_id, label), None, details)


def _record(
    db: Session,
    now: datetime,
    actor_id: int,
    actor_label: str,
    subject: tuple[str, str, int | None, str],
    batch: str | None,
    details: dict[str, Any],
) -> None:
    action, kind, subject_id, label = subject
    db.execute(
        insert(AuditEvent).values(
            at=now,
            action=action,
            actor_id=actor_id or None,
            actor_label=actor_label,
            subject_kind=kind,
            subject_id=subject_id,
            subject_label=label,
            details=details,
            batch=batch,
        )
    )
