"""A change of people as a proposal: its words, and whom it is about."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from functools import partial

from core.services.people import Archive, Change, GiveRole, Reactivate, change_people, summary_of
from core.services.runs import begin_run
from core.tally import Tally
from core.targets import Target
from core.work import Work
from tui.screens.plan_proposal import Asked, Progress, Proposal, people


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change with its words, so that it can be done again to others.

    Attributes:
        title: the change in front of whom it is for, such as "Role → Trainer".
        summary: names nobody, such as "role: Trainer".
    """

    change: Change
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom a verb is about.

    Attributes:
        ids: which.
        name: of the only one, where it is known.
        words: says who they are and why it is them.
    """

    ids: array[int]
    name: str
    words: str


class ChangeProposal(Proposal):
    """One change for many people."""

    def __init__(self, wanted: Wanted, aim: Aim) -> None:
        """Propose `wanted` for whom `aim` says."""
        self._change, self._title = wanted.change, wanted.title
        self._ids, self._name = aim.ids, aim.name
        self.verb, self.summary = wanted.change.verb, wanted.summary
        self.aim = f"For {aim.words}."
        self.size = len(aim.ids)
        self.must_type = isinstance(wanted.change, Archive)
        self.may_take_over = isinstance(wanted.change, Archive | GiveRole)

    def heading(self, done: int, all_rows: int) -> str:
        """Return the change and for how many."""
        whom = people(all_rows) if done == all_rows else f"{done:,} of {people(all_rows)}"
        if all_rows == 1 and self._name:
            whom = self._name
        joint = " " if isinstance(self._change, Archive | Reactivate) else " for "
        return f"{self._title}{joint}{whom}"

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
        change = self._change
        if isinstance(change, Archive | GiveRole):
            change = replace(change, take_over=asked.take_over)
        run = partial(change_people, work, Target(ids=self._ids, without=asked.without), change)
        return run(preview=preview, expect=expect, batch=batch, progress=progress)
