"""A change of people as a proposal: its words, and whom it is about."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from functools import partial

from core.filters import Filter
from core.reading.licenses import former_seats
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    GiveSeat,
    Leave,
    Reactivate,
    TakeSeat,
    change_people,
    summary_of,
)
from core.services.runs import begin_run
from core.tally import Tally
from core.targets import Target
from core.work import Work
from tui.screens.plan_proposal import Asked, Progress, Proposal, people, waiting_heading


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change with its words, so that it can be done again to others.

    Attributes:
        title: the change in front of whom it is for, such as "Role → Trainer".
        summary: names nobody, such as "role: Trainer".
        joint: stands between the title and whom it is for.
    """

    change: Change
    title: str
    summary: str
    joint: str = " for "


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom a verb is about.

    Attributes:
        ids: which.
        name: of the only one, where it is known.
        words: says who they are and why it is them.
        chosen: finds them instead of `ids`, when the change is made.
    """

    ids: array[int]
    name: str
    words: str
    chosen: Filter | None = None


class ChangeProposal(Proposal):
    """One change for many people."""

    def __init__(self, wanted: Wanted, aim: Aim) -> None:
        """Propose `wanted` for whom `aim` says."""
        self._change, self._title, self._joint = wanted.change, wanted.title, wanted.joint
        self._aim, self._name = aim, aim.name
        self.verb, self.summary = wanted.change.verb, wanted.summary
        self.aim = f"For {aim.words}."
        self.size = len(aim.ids)
        self.must_type = isinstance(wanted.change, Archive)
        self.may_take_over = isinstance(wanted.change, Archive | GiveRole)
        self.gives_seats = isinstance(wanted.change, GiveSeat)
        match wanted.change:
            case GiveSeat():
                self.will, self.was = "will get a seat", "got a seat"
            case TakeSeat(license_ids=ids):
                what = "it" if len(ids) == 1 else "seats"
                self.will, self.was = f"will lose {what}", f"lost {what}"
            case Leave(on=day) if day is not None:
                self.facts = (f"Access and seats stay until {day} begins (UTC). :leave never takes it back.",)

    def heading_of(self, tally: Tally, all_rows: int) -> str:
        """Return the change and for how many; where nobody finds a seat, for what they wait."""
        license_name = self.summary.partition(": ")[2]
        return waiting_heading(tally, self._name, license_name) or super().heading_of(tally, all_rows)

    def heading(self, done: int, all_rows: int) -> str:
        """Return the change and for how many."""
        whom = people(all_rows) if done == all_rows else f"{done:,} of {people(all_rows)}"
        if all_rows == 1 and self._name:
            whom = self._name
        return f"{self._title}{self._joint}{whom}"

    def begin(self, work: Work) -> str:
        """Write down that it begins, as core calls it."""
        return begin_run(work, self.verb, summary_of(work, self._change))

    def run(
        self,
        work: Work,
        asked: Asked,
        *,
        preview: bool,
        expect: int | None = None,
        batch: str | None = None,
        progress: Progress | None = None,
    ) -> Tally:
        """Let core plan it or do it."""
        aim, change = self._aim, self._change_as(asked)
        ids = aim.ids if aim.chosen is None else None
        target = Target(ids=ids, chosen=aim.chosen, without=asked.without)
        run = partial(change_people, work, target, change)
        tally = run(preview=preview, expect=expect, batch=batch, progress=progress)
        if preview and isinstance(change, Reactivate):
            self.former = former_seats(work, tally.done_ids)
        return tally

    def _change_as(self, asked: Asked) -> Change:
        """Return the change with what was chosen in its plan."""
        match self._change:
            case Archive() | GiveRole():
                return replace(self._change, take_over=asked.take_over)
            case GiveSeat():
                return replace(self._change, all_or_none=asked.all_or_none)
            case Reactivate():
                return replace(self._change, former=asked.seats)
        return self._change
