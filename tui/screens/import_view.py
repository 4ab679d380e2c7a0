"""What the import workbench shows: the grid of staged rows, and the lines around it."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from core.errors import Problem
from tui.jobs import Jobs
from tui.keys import hints_of
from tui.screens import import_keys
from tui.screens import import_words as words
from tui.screens.full_screen import FullScreen
from tui.screens.import_prompt import ImportPrompt
from tui.screens.import_run import READING, Workbench
from tui.screens.import_staging import StagedRow
from tui.screens.offer_fields import Options, places_of
from tui.text import crop, shown, width
from tui.widgets.columns import Cell, Column
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line
from tui.widgets.rows import Absent

EMPTY = "Paste addresses here, any number in any form. Or press f and type the path of a file."
COLUMNS: tuple[Column[StagedRow], ...] = (
    Column(key="line", title="Line", show=lambda row: f"{row.line:,}", width=6, least=6, most=8, priority=3, align="right"),
    Column(key="text", title="Address", show=lambda row: row.text, width=26, least=20, most=44, priority=1),
    Column(key="word", title="Verdict", show=lambda row: Cell(row.word, row.style), width=12, least=12, most=14, priority=2),
    Column(key="why", title="Why", show=lambda row: row.why, width=20, least=16, most=140, priority=4, sortable=False),
)  # fmt: skip
_NAMES = {words.UNJUDGED: "being judged"}
_FIRST = (words.READY, words.RENEWS, words.TYPO)


class ImportView(FullScreen):
    """The workbench as it looks; what can be done is in `tui.screens.import_screen`."""

    def __init__(self, jobs: Jobs) -> None:
        """Make an empty workbench on the jobs of the console."""
        super().__init__()
        self.bench = Workbench(jobs, changed=self.show, progressed=self.show_status, say=self.say)
        self.options: Options | None = None
        self.only_questions = False
        self._message = ""
        self._said_at: int | None = None
        self._sort = ("line", False)
        self._vector = 0
        self._laid_out = False

    def compose(self) -> ComposeResult:
        """Lay out title, offer, source, grid, counts, status, and the line that is hints or prompt."""
        yield Line(id="title")
        yield Line(id="offer", most=2)
        yield Line(id="about", most=2)
        yield Grid[Any](columns=COLUMNS, empty=EMPTY, flag_seconds=0.0, id="grid")
        yield Line(id="counts")
        yield Line(id="status", most=2)
        yield Line(id="hints")
        yield ImportPrompt(id="prompt")

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def prompt(self) -> ImportPrompt:
        """The prompt on the last line."""
        return self.query_one(ImportPrompt)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._show_lines()

    # --- grid -----------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show everything as it is now."""
        if not self._laid_out or not self.is_attached:
            return
        column, descending = self._sort
        ids = self.bench.staging.ids(column, descending=descending, only_open_questions=self.only_questions)
        self.grid.empty = _sentence_for_none(self.bench, only_questions=self.only_questions)
        self._vector += 1
        self.grid.show_ids(ids, self._vector)
        self._show_lines()

    @on(Grid.PageNeeded)
    def hand_over(self, message: Grid.PageNeeded) -> None:
        """Give the grid the rows that came into view."""
        staging = self.bench.staging
        rows = [staging.row(row_id) for row_id in message.ids if row_id in staging.entries]
        self.grid.put_page(message.generation, message.page, rows)
        self.show_status()

    @on(Grid.SortRequested)
    def sort_by(self, message: Grid.SortRequested) -> None:
        """Put the rows into another order."""
        self._sort = (message.column, message.descending)
        self.grid.show_sort(message.column, descending=message.descending)
        self.show()

    # --- lines ----------------------------------------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """Show a message until the cursor moves or the next one comes."""
        if not self._laid_out or not self.is_attached:
            return
        self._message = sentence
        self._said_at = self.grid.cursor_id
        self.show_status()

    def refuse(self, problem: Problem) -> None:
        """Say what core refused."""
        self.say(problem.message)

    def know_options(self, options: Options) -> None:
        """Take what there is to choose from."""
        self.options = options
        if self.is_attached:
            self._show_lines()

    @on(Grid.CursorMoved)
    def forget_message(self, message: Grid.CursorMoved) -> None:
        """Show the reason of the row the cursor is on."""
        if message.row_id != self._said_at:
            self._message = ""
        self.show_status()

    @on(Grid.PositionChanged)
    @on(Grid.MarksChanged)
    def show_status(self) -> None:
        """Show the message, what is under way, or the reason of the row; and how many rows there are of each kind."""
        if not self.is_attached:
            return
        row = self.grid.cursor_row
        why = "" if isinstance(row, Absent) else row.why
        self.query_one("#status", Line).show(self._message or self.bench.progress or why)
        counts = self.bench.staging.counts()
        others = sorted(word for word in counts if word not in _FIRST)
        parts = [f"{counts[word]:,} {_NAMES.get(word, word)}" for word in (*_FIRST, *others) if counts[word]]
        marked = f"{self.grid.marks.count:,} marked  " if self.grid.marks.count else ""
        self.query_one("#counts", Line).show("  ".join(parts), f"{marked}{self.grid.position}")

    def _show_lines(self) -> None:
        if not self._laid_out:
            return
        self._show_title()
        self.query_one("#offer", Line).show(self.offer_text)
        self.query_one("#about", Line).show(f"Read: {self.bench.about}" if self.bench.about else "")
        self.query_one("#hints", Line).show(hints_of(import_keys.COMMANDS, self.size.width - 2))
        self.show_status()

    def _show_title(self) -> None:
        signed_in = self.console.signed_in
        if signed_in is None:
            return
        left = self.options.company.places_left if self.options else None
        right = "  ".join([f"{left:,} places left"] if left is not None else [])
        title = f"Import people into {shown(signed_in.company)}"
        room = self.size.width - 4 - width(right)
        self.query_one("#title", Line).show(crop(title, max(0, room)), right)

    @property
    def offer_text(self) -> str:
        """What everybody gets, in a line."""
        wish, options = self.bench.wish, self.options
        facts = [f"As {wish.role_text}"]
        if options is not None:
            department, groups = places_of(wish, options)
            facts += [
                "no department" if wish.department is None else department,
                groups if wish.groups else "no groups",
                f"link {self.days} days",
            ]
        return f"{', '.join(facts)}; open invitations {'renewed' if self.bench.renew else 'skipped'}"

    @property
    def days(self) -> int:
        """How long the links work."""
        chosen = self.bench.wish.days
        return chosen if chosen is not None else self.options.company.link_days if self.options else 0


def _sentence_for_none(bench: Workbench, *, only_questions: bool) -> str:
    """Return what an empty grid says."""
    if bench.doing == READING:
        return "Reading …"
    if only_questions and len(bench.staging):
        return "Every row is ready. p shows all of them."
    return EMPTY
