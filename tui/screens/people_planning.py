"""How a verb on people comes about: who is meant, what is chosen, and the plan that is shown before anything happens.

Marked rows are the target, hidden ones too, or else the row under the cursor; which of the two is always said.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial

from core.work import Look
from tui.screens import people_choices as choices
from tui.screens import plan_flow
from tui.screens.group_picker import GroupPicker
from tui.screens.person_actions import PersonActions
from tui.screens.picker import Choice, Picker
from tui.screens.plan_people import Aim, ChangeProposal, Wanted
from tui.screens.plan_proposal import count_of

Read = Callable[[Look], list[Choice]]
Make = Callable[[Sequence[str], list[Choice]], Wanted]


class PeoplePlanning(PersonActions):
    """A list of people whose verbs go by way of a plan."""

    last_wanted: Wanted | None = None
    """What was proposed last, for doing it again to others."""

    def find_aim(self) -> Aim | None:
        """Return whom a verb is about; says so where there is nobody."""
        marks = self.grid.marks
        ids = array("q", self.targets) if self.aimed_at is not None else self.grid.target_ids
        if not ids:
            self.say("Nobody is here to act on. Press i to invite somebody.")
            return None
        if marks.count and self.aimed_at is None:
            hidden = f", {marks.hidden:,} of them hidden by the filter" if marks.hidden else ""
            return Aim(ids, "", f"{count_of(marks.count, 'marked person', 'marked people')}{hidden}")
        row = self.row
        if row is None or row.id != ids[0]:  # whoever was looked at may be hidden by the filter
            return Aim(
                ids, "", "the row under the cursor" if self.aimed_at is None else "the person who was shown"
            )
        who = row.name if row.name == row.address else f"{row.name}, {row.address}"
        return Aim(ids, row.name, f"the row under the cursor: {who}")

    def do_wanted(self, wanted: Wanted) -> None:
        """Propose a change for whom it is about."""
        aim = self.find_aim()
        if aim is not None:
            self.propose(wanted, aim)

    def propose(self, wanted: Wanted, aim: Aim) -> None:
        """Show the plan of a change."""
        self.last_wanted = wanted
        plan_flow.start(self, ChangeProposal(wanted, aim))

    def pick(
        self,
        title: str,
        read: Read,
        make: Make,
        argument: str,
        *,
        several: bool = False,
        nothing: str = "",
    ) -> None:
        """Take what was typed, or let it be picked; then propose it.

        Args:
            title: of what is chosen.
            read: returns what there is to choose from.
            make: turns what was chosen into a change.
            argument: what was typed.
            several: whether several can be chosen, to join or to leave.
            nothing: what to say where there is nothing to choose from.
        """
        aim = self.find_aim()
        if aim is None:
            return

        def offer(offered: list[Choice]) -> None:
            self.asking = False
            if not offered and nothing:
                self.say(nothing)
                return
            if argument:
                self._take_typed(argument, offered, make, aim, several=several)
                return
            title_of_all = f"{title} for {aim.words}"
            picker = GroupPicker(title_of_all, offered) if several else Picker(title_of_all, offered)
            self.console.push_screen(picker, partial(self._picked, offered, make, aim))

        def refuse(problem: Exception) -> None:
            self.asking = False
            self.say(str(problem))

        self.asking = True
        self.jobs.ask(read, offer, refuse)

    def _take_typed(self, text: str, offered: list[Choice], make: Make, aim: Aim, *, several: bool) -> None:
        found = choices.several_named(text, offered) if several else choices.named(text, offered)
        if isinstance(found, str):
            self.say(found)
        else:
            self.propose(make((found.key,) if isinstance(found, Choice) else found, offered), aim)

    def _picked(self, offered: list[Choice], make: Make, aim: Aim, taken: tuple[str, ...] | None) -> None:
        if taken:
            self.propose(make(taken, offered), aim)
