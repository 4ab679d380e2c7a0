"""What core refuses to do with some people, asked by planning each verb: nothing here decides it."""

from __future__ import annotations

from array import array

from core.errors import Refused, Unchanged
from core.roles import Role
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    change_people,
)
from core.targets import Target
from core.work import Work

# Command -> a change of its kind; where it is only superfluous there is another value that is not.
EXAMPLES: dict[str, Change] = {
    "role": GiveRole(Role.LEARNER),
    "department": Place(department_id=None),
    "teams": Place(department_id=None),
    "language": SetLanguage(""),
    "job_title": SetJobTitle(""),
    "archive": Archive(),
    "reactivate": Reactivate(),
}


def refusals_for(ids: array[int], work: Work) -> dict[str, str]:
    """Return command -> core's sentence, for what would be refused for each of the people."""
    found = {name: _refusal(ids, change, work) for name, change in EXAMPLES.items()}
    return {name: sentence for name, sentence in found.items() if sentence}


def _refusal(ids: array[int], change: Change, work: Work) -> str:
    try:
        plan = change_people(work, Target(ids=ids), change, preview=True)
    except Refused as refusal:
        return refusal.message
    if plan.done or Unchanged.code in plan.skipped:
        return ""
    return next(iter(plan.sentences.values()), "")
