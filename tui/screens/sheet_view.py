"""What the sheet shows: title, grid, the lines below, and the field that lies over a cell."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from tui.keys import hints_of
from tui.screens import sheet_keys
from tui.screens.full_screen import FullScreen
from tui.screens.person_fields import text_of
from tui.screens.sheet_field import CellField
from tui.screens.sheet_grid import SheetGrid
from tui.screens.sheet_model import Cell, Sheet
from tui.text import shown, width
from tui.widgets.prompt import Line


class SheetView(FullScreen):
    """The sheet as it looks; what can be done is in `tui.screens.sheet_screen`."""

    def __init__(self) -> None:
        """Start without a sheet."""
        super().__init__()
        self.sheet: Sheet | None = None
        self._message = ""
        self._said_at = Cell(-1, -1)

    def compose(self) -> ComposeResult:
        """Lay out title, grid, status, counts, hints, and the field over all of it."""
        yield Line(id="title")
        yield SheetGrid()
        yield Line(id="status", most=3)
        yield Line(id="counts")
        yield Line(id="hints")
        yield CellField()

    @property
    def grid(self) -> SheetGrid:
        """The grid."""
        return self.query_one(SheetGrid)

    @property
    def field(self) -> CellField:
        """The field over a cell."""
        return self.query_one(CellField)

    def on_resize(self) -> None:
        """Fit the lines to the new width; what is being typed is taken."""
        if self.field.display:
            self.field.action_take(0, 0)
        self.show_lines()

    def say(self, sentence: str) -> None:
        """Show a message until the cursor moves or the next one comes."""
        if not self.is_attached:
            return
        self._message, self._said_at = sentence, self.grid.cursor
        self.show_lines()

    def run_moved(self) -> None:
        """A long change has come further, or has ended."""
        self.show_lines()

    @on(SheetGrid.Moved)
    def look_at_cell(self, message: SheetGrid.Moved) -> None:
        """Say what there is to say about the cell the cursor is on."""
        if message.cell != self._said_at:
            self._message = ""
        self.show_lines()

    def show_lines(self) -> None:
        """Show the lines around the grid as they are now."""
        if not self.is_attached:
            return
        hidden = self.grid.hidden_columns
        more = f"  {hidden} more columns" if hidden else ""
        title = "Edit" if self.sheet is None else f"Edit {_people(len(self.sheet))}"
        self.query_one("#title", Line).show(title, f"nothing is saved before {sheet_keys.COMMANDS[1].shown}")
        runs = self.console.jobs.runs
        self.query_one("#status", Line).show(runs[0].text if runs else self._message or self._about_cell())
        self.query_one("#counts", Line).show(self.counts, f"{self.grid.position}{more}")
        self.query_one("#hints", Line).show(self._hints())

    @property
    def counts(self) -> str:
        """What has changed so far, and how much of it is wrong."""
        sheet = self.sheet
        if sheet is None:
            return "Reading …"
        if not sheet.changed_cells:
            return "Nothing is changed."
        cells = f"{sheet.changed_cells:,} {'cell' if sheet.changed_cells == 1 else 'cells'}"
        parts = [f"{cells} of {_people(sheet.changed_rows)} changed"]
        if sheet.wrong_cells:
            parts.append(f"{sheet.wrong_cells:,} wrong: n shows {'it' if sheet.wrong_cells == 1 else 'them'}")
        in_range = len(self.grid.rows_in_range)
        return "  ".join([*parts, *([f"range of {in_range:,} rows"] if in_range > 1 else [])])

    def _about_cell(self) -> str:
        """Return what there is to say about the cell under the cursor."""
        sheet, cell = self.sheet, self.grid.cursor
        if sheet is None or not len(sheet):
            return ""
        field = sheet.fields[cell.column]
        if sheet.refusal(cell):
            return sheet.refusal(cell)
        if sheet.wrong(cell):
            return f"{field.title}: {sheet.wrong(cell)}"
        if sheet.is_changed(cell):
            return f"{field.title} was: {text_of(field.key, sheet.seen(cell))}"
        text = sheet.text(cell)
        return text if width(shown(text)) > field.least else ""

    def _hints(self) -> str:
        if self.field.display:
            return "Enter take, down   Tab take, right   → take the gray rest   Esc stop typing"
        return hints_of(sheet_keys.COMMANDS, self.size.width - 2)


def _people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"
