"""Taking back a bulk invitation (R60): what it would mean, a question, the undo."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.errors import Problem
from core.reading import batches
from core.reading.batches import BatchRow
from core.services import undoing
from core.tally import Tally
from core.work import Look, Work
from tui.screens.actions import ActingList
from tui.screens.invitation_actions import MOST_BY_ONE_KEY
from tui.screens.questions import Question

_ENDS = ("open", "expired")
_UNSENT = ("waiting", "failed")


def ask_to_undo(screen: ActingList[Any], name: str) -> None:
    """Ask, then take back.

    Args:
        screen: the list in front.
        name: of the bulk change; empty for the last one that can be undone.
    """

    def confirmed(row: BatchRow, yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
        if yes:
            screen.say("Taking back …")
            screen.console.jobs.change(partial(_undo, row.batch), partial(_tell, screen), screen.fail)

    def refuse(problem: Problem) -> None:
        screen.asking = False
        screen.fail(problem)

    def ask(row: BatchRow) -> None:
        screen.asking = False
        ends, all_rows = _number(row.states, _ENDS), sum(row.states.values())
        typed = str(ends) if ends > MOST_BY_ONE_KEY else ""
        question = Question(
            f"Withdraw {ends:,} of the {all_rows:,} invitations that {row.actor} sent together "
            f"({row.at:%Y-%m-%d %H:%M} UTC, {row.batch})?",
            _consequence(row),
            typed=typed,
        )
        screen.console.push_screen(question, partial(confirmed, row))

    screen.asking = True
    screen.console.jobs.change(partial(_find, name.lower()), ask, refuse)


def _find(name: str, work: Work) -> BatchRow:
    return batches.batch(work, name or undoing.last_undoable(work))


def _undo(name: str, work: Work) -> Tally:
    return undoing.undo(work, name)


def _tell(screen: ActingList[Any], tally: Tally) -> None:
    kept = f" {len(tally.verdicts):,} stay as they are." if tally.verdicts else ""
    screen.say(f"{tally.done:,} invitations withdrawn; their links are dead.{kept}")
    screen.read()


def _consequence(row: BatchRow) -> str:
    """Return what taking back means, in a sentence or two."""
    sent, unsent = row.mails.get("sent", 0), _number(row.mails, _UNSENT)
    stay = sum(row.states.values()) - _number(row.states, _ENDS)
    parts = [f"{unsent:,} mails have not left yet and are dropped; {sent:,} were sent, their links die."]
    if stay:
        parts.append(f"{stay:,} were accepted or closed meanwhile and stay.")
    parts.append("Invitations they replaced are open again.")
    return " ".join(parts)


def _number(counts: dict[str, int], names: tuple[str, ...]) -> int:
    return sum(counts.get(name, 0) for name in names)


def summary(row: BatchRow) -> str:
    """Return what has become of a bulk invitation, with the delivery of its mails, for the line of a list."""
    states = ", ".join(f"{number:,} {state}" for state, number in sorted(row.states.items())) or "none left"
    mails = ", ".join(f"{number:,} {state}" for state, number in sorted(row.mails.items())) or "none"
    undo = "  u takes it back" if _number(row.states, _ENDS) else ""
    return f"{sum(row.states.values()):,} invited: {states}.  Mails: {mails}.{undo}"


def read_summary(name: str, look: Look) -> str:
    """Return the summary of a bulk invitation.

    Raises:
        Missing: no such run.
    """
    return summary(batches.batch(look, name))
