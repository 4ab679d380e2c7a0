"""What core refuses to do with some people, asked by planning each verb: nothing here decides it."""

from __future__ import annotations

from array import array
from datetime import date

from core.errors import Refused, Unchanged
from core.filters import Filter
from core.reading import licenses
from core.reading.losing import what_is_lost
from core.roles import Role
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    GiveSeat,
    Leave,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    TakeSeat,
    change_people,
)
from core.targets import Target
from core.work import Work
from tui.screens import seat_choices

ONE_BY_ONE = (
    "People are deleted one at a time. M unmarks, then D deletes the row under the cursor; X archives many."
)
_MOST_LICENSES = 5  # each is planned, and the menu must not be late

# Command -> a change of its kind; where it is only superfluous there is another value that is not.
EXAMPLES: dict[str, Change] = {
    "role": GiveRole(Role.LEARNER),
    "department": Place(department_id=None),
    "teams": Place(department_id=None),
    "language": SetLanguage(""),
    "job_title": SetJobTitle(""),
    "archive": Archive(),
    "leave": Leave(date.max),
    "reactivate": Reactivate(),
}
OTHERS = ("seats", "revoke", "delete")
"""Commands that core is asked about in other ways."""


def refusals_for(ids: array[int], work: Work) -> dict[str, str]:
    """Return command -> core's sentence, for what would be refused for each of the people."""
    found = {name: _refusal(ids, change, work) for name, change in EXAMPLES.items()}
    found |= _about_seats(ids, work)
    found["delete"] = what_is_lost(work, ids[0]).refusal if len(ids) == 1 else ONE_BY_ONE
    return {name: sentence for name, sentence in found.items() if sentence}


def _about_seats(ids: array[int], work: Work) -> dict[str, str]:
    """Return why nobody here can be given a seat of any license, and why there is none to take back."""
    known = licenses.first(work, Filter(), limit=seat_choices.MOST)
    if not known:
        return dict.fromkeys(("seats", "revoke"), seat_choices.NOTHING)
    refusals = {"revoke": _refusal(ids, TakeSeat(tuple(each.id for each in known)), work)}
    open_ones = [each for each in known if each.closed is None]
    give = [_refusal(ids, GiveSeat(each.id), work) for each in open_ones[:_MOST_LICENSES]]
    if not all(give):
        return refusals
    first = known[0].closed
    sentence = give[0] if give else first.message if first is not None else ""
    return refusals | ({"seats": sentence} if refusals["revoke"] else {})


def _refusal(ids: array[int], change: Change, work: Work) -> str:
    try:
        plan = change_people(work, Target(ids=ids), change, preview=True)
    except Refused as refusal:
        return refusal.message
    if plan.done or Unchanged.code in plan.skipped:
        return ""
    return next(iter(plan.sentences.values()), "")
