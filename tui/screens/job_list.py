"""What runs, and the bulk changes that were made (R60): how far, by whom, what became of them; undone with a key."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.errors import Problem
from core.reading import batches
from core.reading.batches import BatchRow
from tui import keys
from tui.screens.full_screen import FullScreen
from tui.widgets.columns import Cell, Column
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line
from tui.widgets.rows import Absent

MOST = 500
_EMPTY = "No bulk change was made yet."
_NOTHING_RUNS = "Nothing is running."
_KEYS = "Enter its audit trail   u undo   x stop what runs   R refresh   Esc back"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A bulk change as the grid wants it, with a number of its own."""

    id: int
    batch: BatchRow

    @property
    def outcome(self) -> Cell:
        """What became of it, in words."""
        row = self.batch
        if row.finished is None:
            return Cell("nothing was changed", "warn")
        if row.undone_by:
            return Cell(f"undone by {row.undone_by}", "dim")
        if row.undoes:
            return Cell(f"takes back {row.undoes}")
        return Cell("done")


COLUMNS: tuple[Column[JobRow], ...] = (
    Column(key="at", title="When (UTC)", show=lambda row: f"{row.batch.at:%Y-%m-%d %H:%M}", width=16, least=16, most=16, priority=2, sortable=False),
    Column(key="what", title="What", show=lambda row: row.batch.summary or row.batch.verb, width=20, least=16, most=44, priority=1, sortable=False),
    Column(key="done", title="Done", show=lambda row: f"{row.batch.done:,}", width=7, least=7, most=9, priority=3, align="right", sortable=False),
    Column(key="refused", title="Refused", show=lambda row: f"{row.batch.refused:,}", width=7, least=7, most=9, priority=6, align="right", sortable=False),
    Column(key="outcome", title="Became of it", show=lambda row: row.outcome, width=19, least=19, most=24, priority=4, sortable=False),
    Column(key="by", title="By", show=lambda row: row.batch.actor, width=16, least=10, most=34, priority=5, sortable=False),
    Column(key="name", title="Name", show=lambda row: row.batch.batch, width=10, least=10, most=12, priority=7, sortable=False),
)  # fmt: skip


class JobScreen(FullScreen):
    """The jobs: those under way on top, the bulk changes that were made below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q,J", "leave", show=False, id="jobs.leave"),
        Binding("x", "stop", show=False, id="jobs.stop"),
        Binding("u", "undo", show=False, id="jobs.undo"),
        Binding("R,ctrl+r", "read", show=False, id="jobs.read"),
    ]

    def __init__(self) -> None:
        """Begin with nothing read."""
        super().__init__()
        self._rows: dict[int, JobRow] = {}
        self._numbers: dict[str, int] = {}
        self._vector = 0
        self._waits = True
        self.is_laid_out = False

    def compose(self) -> ComposeResult:
        """Lay out title, what runs, grid, status and keys."""
        yield Line(id="title")
        yield Line(id="running", most=4)
        yield Grid[Any](columns=COLUMNS, empty="Reading …", id="grid")
        yield Line(id="status", most=4)
        yield Line(id="hints")

    def on_mount(self) -> None:
        """Read, and show what runs."""
        self.is_laid_out = True
        self.query_one(Grid).focus()
        self.query_one("#title", Line).show("Jobs: what runs, and the bulk changes that were made")
        self.query_one("#hints", Line).show(_KEYS)
        self.run_moved()
        self.action_read()

    @property
    def holds_keys(self) -> bool:
        """Whether the changes are on their way, so that Enter typed ahead opens one."""
        return self._waits

    def run_moved(self) -> None:
        """Show how far what runs is; read again when it has ended."""
        if not self.is_laid_out:
            return
        runs = self.console.jobs.runs
        was_running = bool(runs) or self.query_one("#running", Line).left not in {"", _NOTHING_RUNS}
        self.query_one("#running", Line).show("\n".join(run.text for run in runs) or _NOTHING_RUNS)
        if was_running and not runs:
            self.action_read()

    def hear_of_change(self) -> None:
        """Somebody changed something, perhaps many things at once."""
        self.action_read()

    def interrupt(self) -> None:
        """Ctrl+C: stop what runs, or else leave."""
        if self.console.jobs.runs:
            self.action_stop()
        else:
            self.dismiss()

    def action_leave(self) -> None:
        """Go back to the list."""
        self.dismiss()

    def action_stop(self) -> None:
        """Stop the change that works, or the first that waits."""
        runs = self.console.jobs.runs
        if runs:
            runs[0].stop()
            self.run_moved()
        else:
            self._say(_NOTHING_RUNS)

    def action_read(self) -> None:
        """Read the bulk changes again."""
        self.jobs.ask(partial(batches.recent, limit=MOST), self._show, self._fail, latest="jobs")

    def action_undo(self) -> None:
        """Take the change of this row back; its plan is shown first."""
        row, front = self._row(), self.console.desk.front
        if row is not None and front is not None:
            self.dismiss()
            front.run("undo", row.batch.batch)

    @on(Grid.RowOpened)
    def open_row(self) -> None:
        """Show what the change did, row by row."""
        row = self._row()
        if row is not None:
            self.dismiss()
            self.console.show_list(keys.AUDIT, f"batch:{row.batch.batch}")

    @on(Grid.PageNeeded)
    def give_page(self, message: Grid.PageNeeded) -> None:
        """Hand over rows, which are all here."""
        found = [self._rows[each] for each in message.ids if each in self._rows]
        self.query_one(Grid).put_page(message.generation, message.page, found)

    @on(Grid.PositionChanged)
    def _show_position(self) -> None:
        self._say("")

    def _row(self) -> JobRow | None:
        row = self.query_one(Grid).cursor_row
        return None if isinstance(row, Absent) else row

    def _show(self, found: list[BatchRow]) -> None:
        self._waits = False
        self._vector += 1
        numbered = [
            JobRow(self._numbers.setdefault(each.batch, len(self._numbers) + 1), each) for each in found
        ]
        self._rows = {row.id: row for row in numbered}
        grid = self.query_one(Grid)
        grid.empty = _EMPTY
        grid.show_ids(array("q", (row.id for row in numbered)), self._vector)
        self._say("")

    def _fail(self, problem: Problem) -> None:
        self._waits = False
        self._say(problem.message)

    def _say(self, sentence: str) -> None:
        self.query_one("#status", Line).show(sentence, self.query_one(Grid).position)
