"""The import workbench (R14-R23, D1-D4): paste or read, look at every row, mend, then import.

Nothing is written before the plan was seen and confirmed. What is staged lives as long as this screen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.timer import Timer

from core.errors import Problem
from core.tally import Tally
from tui import keys
from tui.jobs import Jobs
from tui.screens import import_jobs, import_keys
from tui.screens import import_words as words
from tui.screens.import_dialogs import OfferScreen, PlanScreen, ResultScreen
from tui.screens.import_jobs import Outcome
from tui.screens.import_prompt import MEND, PATH, PathField
from tui.screens.import_run import IMPORTING, READING
from tui.screens.import_view import EMPTY, ImportView
from tui.screens.offer_fields import Wish, places_of, read_options
from tui.screens.picker import Choice, Picker
from tui.screens.questions import Question
from tui.text import shown
from tui.widgets.grid import Grid
from tui.widgets.prompt import Prompt
from tui.widgets.rows import Absent

MENDING_PAUSE = 0.3
_MOST_NAMES = 20


class ImportScreen(ImportView):
    """The workbench."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "step_back", show=False, id="import.step_back"),
        *(
            Binding(command.keys, f"command('{command.id}')", show=False, id=f"import.{command.id}")
            for command in import_keys.COMMANDS
        ),
    ]

    def __init__(self, jobs: Jobs, path: str = "") -> None:
        """Open with the file at `path`, or with nothing."""
        super().__init__(jobs)
        self._path = path
        self._pause: Timer | None = None
        self._mending = 0
        self._wants_plan = self._completing = False

    def on_mount(self) -> None:
        """Begin with the grid; read the file that was named."""
        self._laid_out = True
        self.grid.show_sort("line")
        self.grid.focus()
        self.jobs.ask(read_options, self.know_options, self.refuse)
        self.show()
        if self._path:
            self.bench.read_file(self._path)

    def on_unmount(self) -> None:
        """Leave nothing running that nobody waits for."""
        self.bench.stop()

    @property
    def holds_keys(self) -> bool:
        """Whether rows, a plan or the rest of a path is on its way."""
        return self.bench.doing == READING or self._wants_plan or self._completing

    # --- coming in ------------------------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        """Stage what was pasted, however much it is."""
        event.stop()
        self._stage(event.text)

    @on(PathField.Pasted)
    def stage_pasted(self, message: PathField.Pasted) -> None:
        """Stage addresses that were pasted where a path was asked for."""
        self._stage(message.text)

    def _stage(self, text: str) -> None:
        if self._may_change():
            self.say("")
            self.bench.read_text(text)

    @on(PathField.Completing)
    def complete(self, message: PathField.Completing) -> None:
        """Look for the rest of the path."""
        if self.prompt.kind != PATH:
            return
        self._completing = True
        self.jobs.ask(
            lambda _look: import_jobs.complete(message.text, within=self.console.settings.import_folder),
            partial(self._completed, message.text),
            self._not_completed,
        )

    def _completed(self, typed: str, found: tuple[str, list[str]]) -> None:
        self._completing = False
        path, names = found
        field = self.prompt.field
        if self.prompt.kind == PATH and field.value == typed:
            field.value = path
            field.cursor_position = len(path)
        if not names:
            self.say("Nothing there begins so.")
        else:
            self.say("  ".join(names[:_MOST_NAMES]) if len(names) > 1 else "")

    def _not_completed(self, problem: Problem) -> None:
        self._completing = False
        self.refuse(problem)

    @on(Prompt.Given)
    def take_answer(self, message: Prompt.Given) -> None:
        """Take what was typed."""
        self.grid.focus()
        text = message.text.strip()
        if message.kind == PATH and text and self._may_change():
            self.say("")
            self.bench.read_file(text)
        elif message.kind == MEND:
            self._mend(text)

    @on(Prompt.Closed)
    def drop_answer(self) -> None:
        """Go back to the grid."""
        self.grid.focus()
        self.say("")

    # --- commands -------------------------------------------------------------------------------------------------

    def action_command(self, command_id: str) -> None:
        """Run a command by its id."""
        self.say("")
        action: Callable[[], None] = getattr(self, f"do_{command_id}")
        action()

    def on_grid_row_opened(self, _message: Grid.RowOpened) -> None:
        """Enter mends the row."""
        self.action_command("mend")

    def do_file(self) -> None:
        """Ask for the path of a file."""
        if self._may_change():
            self.prompt.ask(PATH, "File: ")

    def do_offer(self) -> None:
        """Ask what everybody gets."""

        def chosen(wish: Wish | None) -> None:
            if wish is not None and wish != self.bench.wish:
                self.bench.wish = wish
                self._judge_anew()

        if self._may_change():
            self.console.push_screen(OfferScreen(self.bench.wish, self.options), chosen)

    def do_mend(self) -> None:
        """Type the address of the row anew."""
        row = self.grid.cursor_row
        if self._may_change() and not isinstance(row, Absent):
            self._mending = row.id
            self.prompt.ask(MEND, f"Line {row.line:,}: ", shown(row.text))

    def _mend(self, text: str) -> None:
        entry = self.bench.staging.entries.get(self._mending)
        if entry is not None and text and text != shown(entry.text):
            self.bench.staging.mend(self._mending, text)
            self._judge_soon()

    def do_drop(self) -> None:
        """Leave rows out."""
        targets = list(self.grid.target_ids)
        if self._may_change() and targets:
            dropped = self.bench.staging.drop(targets)
            self.grid.forget_marks(targets)
            self._judge_soon()
            self.say(f"{dropped:,} {'row' if dropped == 1 else 'rows'} left out.")

    def do_take(self) -> None:
        """Take what the marked rows, or this one, were probably meant to be."""
        self._take(list(self.grid.target_ids))

    def do_take_all(self) -> None:
        """Take every suggestion."""
        self._take(self.bench.staging.suspects)

    def _take(self, row_ids: list[int]) -> None:
        if not self._may_change():
            return
        taken = self.bench.staging.take_suggestions(row_ids)
        if taken:
            self._judge_soon()
            self.say(f"{taken:,} {'suggestion' if taken == 1 else 'suggestions'} taken.")
        else:
            self.say("There is no suggestion here. Rows that look mistyped say typo?; e mends any row.")

    def do_renew(self) -> None:
        """Renew open invitations of this run, or skip them."""
        if self._may_change():
            self.bench.renew = not self.bench.renew
            self._judge_anew()
            self.say("Open invitations are renewed." if self.bench.renew else "Open invitations are skipped.")

    def do_questions(self) -> None:
        """Show only rows that are not ready, or all."""
        self.only_questions = not self.only_questions
        self.show()

    def do_help(self) -> None:
        """Show and run every command."""
        choices = [
            Choice(command.id, command.shown, command.help)
            for command in import_keys.COMMANDS
            if command.id != "help"
        ]
        moving = [Choice("", key, does) for key, does in keys.MOVING]

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken and taken[0]:
                self.action_command(taken[0])

        self.console.push_screen(Picker("Commands and keys", [*choices, *moving]), chosen)

    def do_go(self) -> None:
        """Judge once more, then show the plan."""
        if not len(self.bench.staging) and not self.bench.doing:
            self.say(f"There is nothing to import yet. {EMPTY}")
        elif self._may_change():
            self._stop_pause()
            self._wants_plan = self.bench.judge(self._ask, self._not_judged)
            if not self._wants_plan:
                self.say("The rows are still being read. Press I again in a moment.")

    def _ask(self, tally: Tally) -> None:
        self._wants_plan = False
        if not tally.done:
            self.say("Nobody can be invited: every row has a reason against it. p shows them, e mends a row.")
            return
        facts = [("Role", self.bench.wish.role_text)]
        if self.options is not None:
            department, groups = places_of(self.bench.wish, self.options)
            facts += [("Department", department), ("Learning groups", groups)]
        facts.append(("The link works", f"{self.days} days"))
        counts = self.bench.staging.counts()
        if counts[words.RENEWS]:
            facts.append(("Renewed", f"{counts[words.RENEWS]:,} of them; their old links die at once"))
        if counts[words.TYPO]:
            facts.append(
                ("Mistyped?", f"{counts[words.TYPO]:,} of them look so; Esc, then p shows and T mends them")
            )
        if tally.places_left is not None:
            facts.append(("Room", f"{tally.places_left:,} places are left afterwards"))
        self.console.push_screen(PlanScreen(tally, facts), self._confirmed)

    def _not_judged(self) -> None:
        self._wants_plan = False

    def _confirmed(self, yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
        if yes:
            self.bench.run(self._done)
        else:
            self.say("Nothing was imported.")

    def _done(self, outcome: Outcome) -> None:
        batch = outcome.tally.batch

        def go_on(_nothing: None) -> None:
            if batch is None:
                self.bench.judge()
            else:
                self.console.show_list(keys.INVITATIONS, f"batch:{batch}")

        refused, to_mend = self.bench.refused_by(outcome), self.bench.refused_by(outcome, to_mend=True)
        self.console.push_screen(ResultScreen(outcome.tally, refused, to_mend), go_on)

    # --- judging --------------------------------------------------------------------------------------------------

    def _may_change(self) -> bool:
        """Say why nothing may be changed now, where that is so."""
        if self.bench.doing == IMPORTING:
            self.say("The import is running. Esc stops it, and nothing is kept.")
        return self.bench.doing != IMPORTING

    def _judge_soon(self) -> None:
        """Judge anew after a pause, so that a row of mends costs one question."""
        self._stop_pause()
        self._pause = self.set_timer(MENDING_PAUSE, self.judge_now)
        self.show()

    def judge_now(self) -> None:
        """Judge all rows as they are, without waiting for a pause in mending."""
        self._stop_pause()
        if len(self.bench.staging):
            self.bench.judge()

    def _judge_anew(self) -> None:
        self.bench.staging.forget_judgement()
        self.judge_now()
        self.show()

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    # --- leaving --------------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Ctrl+C: one step back."""
        if self.prompt.is_open:
            self.prompt.cancel()
        else:
            self.action_step_back()

    def action_step_back(self) -> None:
        """Close the range, stop what runs, or leave; what is staged is not thrown away unasked."""
        if self.grid.cancel_range():
            return
        if self.bench.doing in {READING, IMPORTING}:
            self.bench.stop()
            self.say("Stopping …")
        elif len(self.bench.staging):
            rows = len(self.bench.staging)
            question = Question(
                f"Leave without importing? {rows:,} {'row is' if rows == 1 else 'rows are'} staged.",
                "What is staged is not kept.",
            )
            self.console.push_screen(question, self._leave)
        else:
            self.dismiss()

    def _leave(self, yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
        if yes:
            self.dismiss()
