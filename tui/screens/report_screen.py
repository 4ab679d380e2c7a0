"""The report of a bulk run: what was done, what was not and why, and how it is taken back."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core.tally import Tally
from tui.owned_jobs import OwnedJobs
from tui.screens.plan_lines import PlanLines, lines_needed, moving_words
from tui.screens.plan_proposal import Proposal, people, waiting_in
from tui.screens.plan_rows import RowsScreen, rows_of, show_lines
from tui.screens.plan_words import Group, report_entries
from tui.text import content

if TYPE_CHECKING:
    from tui.app import Console

_MARGIN, _AROUND = 2, 4
_KEYS = "v view rows   m mark them   u take it back   Esc close"
_KEYS_OF_NOTHING = "v view rows   m mark them   Esc close"


class ReportScreen(ModalScreen[None], inherit_bindings=False):
    """Shows the outcome of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,ctrl+g", "dismiss", show=False, id="report.close"),
        Binding("v", "view", show=False, id="report.view"),
        Binding("m", "mark", show=False, id="report.mark"),
        Binding("u", "undo", show=False, id="report.undo"),
        Binding("down,j", "move(1)", show=False, id="report.down"),
        Binding("up,k", "move(-1)", show=False, id="report.up"),
        Binding("pagedown,ctrl+d", "move(8)", show=False, id="report.page_down"),
        Binding("pageup,ctrl+u", "move(-8)", show=False, id="report.page_up"),
    ]

    def __init__(
        self,
        proposal: Proposal,
        tally: Tally,
        *,
        mark: Callable[[array[int]], None],
        undo: Callable[[str], None],
    ) -> None:
        """Show an outcome.

        Args:
            proposal: what was done.
            tally: core's account of it.
            mark: marks rows in the list behind.
            undo: begins to take back the run of that name.
        """
        super().__init__()
        self._proposal, self._tally = proposal, tally
        self._mark, self._undo = mark, undo
        self._heading = ""
        self._waits = False

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel plan"):
            yield Static("", id="plan-title", classes="panel-title", markup=False)
            yield PlanLines(id="plan-lines")
            yield Static("", id="plan-notice", markup=False)
            yield Static("", id="plan-question", markup=False)
            yield Static("", id="plan-keys", markup=False)

    def on_mount(self) -> None:
        """Show the outcome."""
        self.query_one(PlanLines).show(report_entries(self._tally, self._proposal))
        self._show()

    def on_resize(self, _event: events.Resize) -> None:
        """Fit everything to the new size."""
        self._show()

    @property
    def holds_keys(self) -> bool:
        """Whether the rows of a group are on their way."""
        return self._waits

    def action_move(self, step: int) -> None:
        """Move the cursor by lines."""
        self.query_one(PlanLines).move(step)
        self._show_keys()

    def action_view(self) -> None:
        """Show the rows of the line under the cursor, or the lines of a list."""
        if not show_lines(self.app, self.query_one(PlanLines).entry):
            self._read_rows(self._view)

    def action_mark(self) -> None:
        """Mark the rows of the line under the cursor in the list behind, and nothing else there."""

        def mark(_group: Group, ids: array[int]) -> None:
            self.dismiss()
            self._mark(ids)

        self._read_rows(mark)

    def action_undo(self) -> None:
        """Take the run back; its plan is shown first."""
        if self._tally.batch:
            self.dismiss()
            self._undo(self._tally.batch)
        else:
            self._say("Nothing was changed, so there is nothing to take back.")

    def _read_rows(self, then: Callable[[Group, array[int]], None]) -> None:
        entry = self.query_one(PlanLines).entry
        group = entry.group if entry is not None else None
        if group is None:
            self._say("No rows stand behind this line. Move to a line with people: ↑ ↓.")
            return
        self._waits = True

        def read(ids: array[int]) -> None:
            self._waits = False
            then(group, ids)

        def failed(problem: Exception) -> None:
            self._waits = False
            self._say(str(problem))

        jobs = OwnedJobs(cast("Console", self.app).jobs, self)
        jobs.ask(partial(rows_of, group, self._proposal.list_name), read, failed)

    def _view(self, group: Group, ids: array[int]) -> None:
        messages = {verdict.id: verdict.message for verdict in self._tally.verdicts if verdict.id is not None}
        self.app.push_screen(
            RowsScreen(group, ids, list_name=self._proposal.list_name, messages=messages, may_drop=False)
        )

    def _show(self) -> None:
        if not self.is_mounted:
            return
        done, refused = self._tally.done, self._tally.refused
        waiting = waiting_in(self._tally)
        rest = f", {refused - waiting:,} as they were" if refused > waiting else ""
        waits = f", {people(waiting)} put on the waiting list" if waiting else ""
        heading = "Nothing was changed"
        if done:
            heading = f"Done: {self._proposal.heading_of(self._tally, done)}{waits}{rest}"
        elif waiting:
            heading = f"Done{waits.replace(',', ':', 1)}{rest}"
        self._heading = heading
        self.query_one("#plan-title", Static).update(content(heading))
        batch = f"The change is called {self._tally.batch}; u takes it back." if self._tally.batch else ""
        self.query_one("#plan-question", Static).update(content(batch))
        self._say("")

    def _show_keys(self) -> None:
        keys = _KEYS if self._tally.batch else _KEYS_OF_NOTHING
        moving = moving_words(self.query_one(PlanLines))
        self.query_one("#plan-keys", Static).update(content(f"{moving}{keys}"))

    def _say(self, sentence: str) -> None:
        notice = self.query_one("#plan-notice", Static)
        notice.update(content(sentence))
        notice.display = bool(sentence)
        cells = self.size.width - _MARGIN
        used = sum(lines_needed(text, cells) for text in (self._heading, sentence) if text)
        self.query_one(PlanLines).fit_into(cells, self.size.height - _AROUND - used)
        self._show_keys()
