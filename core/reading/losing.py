"""The question before somebody is deleted: what is lost, and whether the actor may (R42)."""

from __future__ import annotations

from core.losses import Loss, loss_of
from core.roles import Permission
from core.work import Look


def what_is_lost(look: Look, user_id: int) -> Loss:
    """Return exactly what is lost with a person, and why they cannot be deleted where that is so.

    Raises:
        Missing: no such person.
    """
    look.require(Permission.SEE_PEOPLE)
    return loss_of(look, user_id)
