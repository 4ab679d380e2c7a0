"""The plan of a bulk run: what would happen to whom, and the question whether it shall (D6, R38).

Nothing is written here. Core plans; this screen shows the plan, lets rows be looked at and left out, and asks. Enter
alone never says yes: up to 25 rows `y` does, above that, and for archiving, the number has to be typed.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import Problem
from core.tally import Tally
from core.work import Work
from tui.owned_jobs import OwnedJobs
from tui.screens import plan_seats
from tui.screens.plan_lines import PlanLines, lines_needed, moving_words
from tui.screens.plan_proposal import Asked, Proposal
from tui.screens.plan_rows import RowsScreen, rows_of, show_lines
from tui.screens.plan_words import Group, is_short, loses_invitations, plan_entries, split_of
from tui.text import content

if TYPE_CHECKING:
    from tui.app import Console

MOST_BY_ONE_KEY = 25  # above this the number has to be typed
_MARGIN = 2  # blanks beside the lines
_AROUND = 4  # lines of the panel that are always there: border, question, gap, keys
_LONGEST = 9
_Taker = Callable[[Group, "array[int]"], None]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was agreed to: how many rows, and what was chosen on the way."""

    asked: Asked
    rows: int


class PlanScreen(ModalScreen[Confirmed | None], inherit_bindings=False):
    """Shows a plan and asks; None when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", show=False, id="plan.confirm"),
        Binding("enter", "enter", show=False, id="plan.enter"),
        Binding("n,escape,ctrl+g,q", "cancel", show=False, id="plan.cancel"),
        Binding("v", "view", show=False, id="plan.view"),
        Binding("x", "drop", show=False, id="plan.drop"),
        Binding("o", "otherwise", show=False, id="plan.otherwise"),
        Binding("s", "seats", show=False, id="plan.seats"),
        Binding("down,j", "move(1)", show=False, id="plan.down"),
        Binding("up,k", "move(-1)", show=False, id="plan.up"),
        Binding("pagedown,ctrl+d", "move(8)", show=False, id="plan.page_down"),
        Binding("pageup,ctrl+u", "move(-8)", show=False, id="plan.page_up"),
        Binding("backspace", "rub_out", show=False, id="plan.rub_out"),
    ]

    def __init__(
        self, proposal: Proposal, tally: Tally, *, asked: Asked | None = None, notice: str = ""
    ) -> None:
        """Show a plan.

        Args:
            proposal: what is planned.
            tally: core's plan of it.
            asked: what was chosen for this plan already.
            notice: a sentence to begin with, such as that the plan has changed.
        """
        super().__init__()
        self._proposal, self._tally = proposal, tally
        self._asked = asked or Asked()
        self._notice = notice
        self._digits = self._heading = ""
        self._waits = False

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel plan"):
            yield Static("", id="plan-title", classes="panel-title", markup=False)
            yield Static("", id="plan-aim", markup=False)
            yield PlanLines(id="plan-lines")
            yield Static("", id="plan-notice", markup=False)
            yield Static("", id="plan-question", markup=False)
            yield Static("", id="plan-keys", markup=False)

    def on_mount(self) -> None:
        """Show the plan."""
        self._show()

    def on_resize(self, _event: events.Resize) -> None:
        """Fit everything to the new size."""
        self._show()

    @property
    def holds_keys(self) -> bool:
        """Whether another plan, or the rows of a group, are on their way."""
        return self._waits

    @property
    def jobs(self) -> OwnedJobs:
        """The jobs, for as long as this screen is there."""
        return OwnedJobs(cast("Console", self.app).jobs, self)

    # --- answering ------------------------------------------------------------------------------------------------

    @property
    def must_type(self) -> bool:
        """Whether the number has to be typed."""
        return self._proposal.must_type or self.number > MOST_BY_ONE_KEY

    @property
    def number(self) -> int:
        """How many rows something happens to: those that are changed, and those that are put down to wait."""
        return self._proposal.number_in(self._tally)

    def on_key(self, event: events.Key) -> None:
        """Take the digits of the number."""
        if event.character == "," and self._digits:
            event.stop()  # the number may be typed as it is shown
        elif (
            event.character
            and event.character in "0123456789"
            and self.must_type
            and len(self._digits) < _LONGEST
        ):
            event.stop()
            self._digits += event.character
            self._say("")
            self._ask()

    def action_rub_out(self) -> None:
        """Take a digit back."""
        self._digits = self._digits[:-1]
        self._ask()

    def action_confirm(self) -> None:
        """Go ahead by one key, where one key is enough."""
        if not self.number:
            self._say("There is nothing to do here. Esc closes the plan.")
        elif self.must_type:
            self._say(f"y is not enough here: type {self.number:,} and press Enter.")
        else:
            self._go()

    def action_enter(self) -> None:
        """Go ahead when the right number was typed; Enter alone never does."""
        if self.number and self.must_type and self._digits == str(self.number):
            self._go()
            return
        wrong = f"{int(self._digits):,} is not the number of rows. " if self._digits else ""
        self._digits = ""
        self._say(f"{wrong}Enter alone changes nothing: {self._way()}.")
        self._ask()

    def action_cancel(self) -> None:
        """Leave without changing anything."""
        self.dismiss(None)

    def _go(self) -> None:
        self.dismiss(Confirmed(self._asked, self._tally.done))

    # --- looking and leaving out ------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Move the cursor by lines."""
        self.query_one(PlanLines).move(step)
        self._show_keys()

    def action_view(self) -> None:
        """Show the rows of the line under the cursor, or the lines of a list."""
        if not show_lines(self.app, self.query_one(PlanLines).entry):
            self._read_rows(self._view)

    def action_drop(self) -> None:
        """Leave the rows of the line under the cursor out of the plan, or take them back in."""
        if not self._proposal.may_drop:
            self._say("This is done as a whole or not at all. Esc closes the plan.")
            return
        group = self._group()
        if group is not None and group.left_out:
            self._plan_anew(replace(self._asked, without=frozenset()))
        elif group is not None and group.code:
            self._say("Nothing happens to these rows anyway. v shows them.")
        elif group is not None:
            self._read_rows(lambda _group, ids: self._drop(ids))

    def action_otherwise(self) -> None:
        """Choose otherwise: about invitations that lose their sender, or about seats that are too few."""
        if loses_invitations(self._tally.effects, self._proposal):
            self._plan_anew(replace(self._asked, take_over=not self._asked.take_over))
        elif is_short(self._tally, self._proposal, self._asked):
            self._plan_anew(replace(self._asked, all_or_none=not self._asked.all_or_none))
        else:
            short = "There is nothing to choose: it is about one seat, or there is one for everybody."
            self._say(short if self._proposal.gives_seats else "No invitation loses its sender by this.")

    def action_seats(self) -> None:
        """Tick the former seats that are given back (R46)."""
        former = self._proposal.former
        if not former:
            self._say("Nobody here held a seat that could be given back.")
        elif len(former) > 1:
            self.app.push_screen(plan_seats.SeatTicks(former, self._asked), self._ticked)
        else:
            self._choose_seats(plan_seats.toggled(former[0], self._asked))

    def _ticked(self, taken: tuple[str, ...] | None) -> None:
        if taken is not None:
            self._choose_seats(replace(self._asked, seats=tuple(map(int, taken))))

    def _choose_seats(self, asked: Asked | str) -> None:
        if isinstance(asked, str):
            self._say(asked)
        else:
            self._plan_anew(asked)

    def _group(self) -> Group | None:
        entry = self.query_one(PlanLines).entry
        group = entry.group if entry is not None else None
        if group is None:
            self._say("No rows stand behind this line. Move to a line with people: ↑ ↓.")
        return group

    def _read_rows(self, then: _Taker) -> None:
        group = self._group()
        if group is None:
            return
        self._waits = True
        self._say("")

        def read(ids: array[int]) -> None:
            self._waits = False
            then(group, ids)

        self.jobs.ask(partial(rows_of, group, self._proposal.list_name), read, self._refused)

    def _view(self, group: Group, ids: array[int]) -> None:
        may_drop = self._proposal.may_drop and not group.code and not group.left_out
        messages = {verdict.id: verdict.message for verdict in self._tally.verdicts if verdict.id is not None}
        screen = RowsScreen(
            group, ids, list_name=self._proposal.list_name, messages=messages, may_drop=may_drop
        )
        self.app.push_screen(screen, self._viewed)

    def _viewed(self, dropped: frozenset[int] | None) -> None:
        if dropped:
            self._drop(dropped)

    def _drop(self, ids: Iterable[int]) -> None:
        self._plan_anew(replace(self._asked, without=self._asked.without.union(ids)))

    def _plan_anew(self, asked: Asked) -> None:
        """Ask core again, with other rows or another choice."""
        self._waits = True
        self._say("Planning …")

        def plan(work: Work) -> Tally:
            return self._proposal.run(work, asked, preview=True)

        def planned(tally: Tally) -> None:
            self._waits = False
            self._asked, self._tally, self._digits = asked, tally, ""
            self._notice = ""
            self._show()

        self.jobs.plan(plan, planned, self._refused)

    def _refused(self, problem: Problem) -> None:
        self._waits = False
        self._say(problem.message)

    # --- showing --------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self.is_mounted:
            return
        tally = self._tally
        heading = self._proposal.heading_of(tally, tally.done + tally.refused)
        self.query_one("#plan-title", Static).update(content(heading))
        aim = self.query_one("#plan-aim", Static)
        aim.update(content(self._proposal.aim))
        aim.display = bool(self._proposal.aim)
        lines = self.query_one(PlanLines)
        lines.show(plan_entries(tally, self._proposal, self._asked))
        self._heading = heading
        self._say(self._notice)
        self._ask()

    def _say(self, sentence: str) -> None:
        self._notice = sentence
        notice = self.query_one("#plan-notice", Static)
        notice.update(content(sentence))
        notice.display = bool(sentence)
        self._fit()

    def _fit(self) -> None:
        """Give the lines what the texts around them leave, so that question and keys are never pushed out."""
        cells = self.size.width - _MARGIN
        texts = (self._heading, self._proposal.aim, self._notice)
        used = sum(lines_needed(text, cells) for text in texts if text)
        self.query_one(PlanLines).fit_into(cells, self.size.height - _AROUND - used)
        self._show_keys()

    def _way(self) -> str:
        if not self.number:
            return "there is nothing to do"
        return f"type {self.number:,} and press Enter" if self.must_type else "y applies it"

    def _ask(self) -> None:
        number, done = self.number, self._tally.done
        typed = f" {self._digits}▏" if self._digits else ""
        split = split_of(self._tally, self._proposal)
        if not number:
            question = "Nothing can be changed here."
        elif self.must_type:
            question = f"type {number:,} and Enter{split or ' to go on'}, Esc to stop{typed}"
        else:
            what = f"apply to {number:,}" if done else self._proposal.waits
            question = f"y {what}{split if done else ''}   n cancel"
        self.query_one("#plan-question", Static).update(content(question))
        self._show_keys()

    def _show_keys(self) -> None:
        moving = moving_words(self.query_one(PlanLines))
        drop = "x leave out   " if self._proposal.may_drop else ""
        otherwise = ""
        if loses_invitations(self._tally.effects, self._proposal):
            otherwise = "o withdraw   " if self._asked.take_over else "o take over   "
        elif is_short(self._tally, self._proposal, self._asked):
            otherwise = "o in list order   " if self._asked.all_or_none else "o all or nobody   "
        seats = "s seats   " if self._proposal.former else ""
        keys = f"{moving}v view rows   {drop}{otherwise}{seats}Esc cancel"
        self.query_one("#plan-keys", Static).update(content(keys))
