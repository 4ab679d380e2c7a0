"""What is told after a sign-in: runs of this admin that were begun and came to nothing, by a crash or a dropped line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.reading import batches, preferences
from core.reading.batches import BatchRow
from core.services.preferring import remember
from core.work import Look, Work

if TYPE_CHECKING:
    from tui.app import Console


_TOLD = "told.unfinished"


def tell_unfinished(console: Console) -> None:
    """Say once that a run was begun and nothing of it is applied; silent where there is none (R60)."""

    def found(rows: list[BatchRow]) -> None:
        if rows:
            console.say(sentence_about(rows))
            console.jobs.change(lambda work: _note(rows[0], work), _ignore, _ignore)

    console.jobs.ask(_not_told, found, _ignore)


def sentence_about(rows: list[BatchRow]) -> str:
    """Return what is said; the newest run is named."""
    first = rows[0]
    more = f" The same goes for {len(rows) - 1:,} before it." if len(rows) > 1 else ""
    return (
        f"Your change “{first.summary or first.verb}” of {first.at:%Y-%m-%d %H:%M} UTC did not come to its end, and "
        f"nothing of it was applied.{more} Do it again if it is still wanted."
    )


def _not_told(look: Look) -> list[BatchRow]:
    """Return the runs of which nothing is applied, unless the newest of them was told before."""
    rows = batches.unfinished(look, look.actor.user_id)
    return [] if rows and preferences.recall(look, _TOLD) == rows[0].batch else rows


def _note(row: BatchRow, work: Work) -> bool:
    remember(work, _TOLD, row.batch)
    return True


def _ignore(_answer: object) -> None:
    """Let an answer go: nobody waits for it."""
