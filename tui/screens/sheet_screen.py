"""The sheet: marked people as a grid to type in, fill down, paste into and take back, before anything is saved (R36)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from core.errors import Problem
from core.roles import Role
from core.services.texts import joined
from core.tally import Tally
from tui.screens import sheet_keys
from tui.screens.person_fields import cell_text
from tui.screens.picker import Choice, Picker
from tui.screens.questions import Question
from tui.screens.sheet_field import CellField
from tui.screens.sheet_grid import SheetGrid
from tui.screens.sheet_model import MOST_ROWS, Cell, Sheet, block_of
from tui.screens.sheet_reading import Loaded, SheetJudge, names_in, read_sheet
from tui.screens.sheet_saving import SheetSaving
from tui.screens.sheet_view import SheetView
from tui.screens.why_screen import about_person, about_refusal, about_role, open_why

if TYPE_CHECKING:
    from tui.app import Console


class SheetScreen(SheetSaving, SheetView):
    """The sheet with its commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "step_back", show=False, id="sheet.step_back"),
        *(
            Binding(command.keys, f"command('{command.id}')", show=False, id=f"sheet.{command.id}")
            for command in sheet_keys.COMMANDS
        ),
    ]

    def __init__(self, ids: Sequence[int], told: Callable[[Tally], None] | None = None) -> None:
        """Open on people, in this order; `told` hears what was saved."""
        super().__init__()
        self.told = told
        self._ids = list(ids)
        self._judge: SheetJudge | None = None

    def on_mount(self) -> None:
        """Read the people."""
        self.field.display = False
        self.set_focus(self.grid)
        self.jobs.ask(lambda look: read_sheet(look, self._ids), self._loaded, self._not_loaded)
        self.show_lines()

    @property
    def holds_keys(self) -> bool:
        """Whether the people, or the plan, are on their way."""
        return self.sheet is None or self.is_planning

    def _loaded(self, loaded: Loaded) -> None:
        self._judge = SheetJudge(loaded)
        self.sheet = Sheet(loaded.rows, self._judge)
        self.grid.show(self.sheet)
        self.show_lines()

    def _not_loaded(self, problem: Problem) -> None:
        self.dismiss()
        self.console.say(problem.message)

    # --- typing ---------------------------------------------------------------------------------------------------

    def action_command(self, command_id: str) -> None:
        """Run a command by its id."""
        self.say("")
        if self.console.jobs.runs:
            return  # what is being saved must not change under the hands that save it
        action: Callable[[], None] = getattr(self, f"do_{command_id}")
        if self.sheet is not None and len(self.sheet):
            action()

    def do_type(self) -> None:
        """Type in this cell."""
        sheet, cell = self.sheet, self.grid.cursor
        if sheet is None or self._judge is None or self._is_locked(sheet, cell):
            return
        key = sheet.fields[cell.column].key
        text, words = cell_text(key, sheet.text(cell)), self._judge.words(key)
        self.field.open(self.grid.region_of_cursor(), text, words, most_right=self.size.width)
        self.show_lines()

    @on(CellField.Taken)
    def take_typed(self, message: CellField.Taken) -> None:
        """Take what was typed, and go on typing in the next cell."""
        sheet, cell = self.sheet, self.grid.cursor
        if sheet is None or self._judge is None:
            return
        if message.text is not None:
            text = self._judge.completed(sheet.fields[cell.column].key, message.text)
            sheet.put({cell: text})
        self._stop_typing()
        self.grid.cancel_range()
        target = sheet.next_open(cell, message.down, message.right)
        if target is None:
            self.grid.ignore_typed_ahead()
            return
        self.grid.go_to(target)
        self.do_type()

    @on(SheetGrid.TypedTooFar)
    def say_where_it_ends(self) -> None:
        """Say that what is typed has no cell to go to."""
        self.say("That was the last cell. What you typed after it was dropped.")

    @on(CellField.Left)
    def drop_typed(self) -> None:
        """Leave the cell as it was."""
        self._stop_typing()

    @on(CellField.Pasted)
    def paste_over_typed(self, message: CellField.Pasted) -> None:
        """Several lines or columns go into the sheet, from the cell that was being typed in."""
        self._stop_typing()
        self._paste(message.text)

    def _stop_typing(self) -> None:
        self.field.close()
        self.set_focus(self.grid)
        self.grid.refresh()
        self.show_lines()

    def _is_locked(self, sheet: Sheet, cell: Cell) -> bool:
        """Say why nothing can be typed here, where that is so."""
        refusal = sheet.refusal(cell)
        if refusal:
            self.say(refusal)
        return bool(refusal)

    # --- many cells at once ---------------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        """Take what was pasted: lines go down, tabs go right."""
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        sheet, block = self.sheet, block_of(text)
        if sheet is None or self.console.jobs.runs:
            return
        rows, column = self.grid.rows_in_range, self.grid.cursor.column
        if len(block) == 1 and len(block[0]) == 1 and len(rows) > 1:
            block = block * len(rows)
        changed, outside = sheet.paste(Cell(rows.start, column), block)
        more = (
            f" {outside:,} found no room and {'was' if outside == 1 else 'were'} left out." if outside else ""
        )
        self._changed(f"{_cells(changed)} pasted.{more}")

    def do_fill(self) -> None:
        """Put the text into the cell below, or down the whole range."""
        sheet, cell, rows = self.sheet, self.grid.cursor, self.grid.rows_in_range
        if sheet is None:
            return
        if len(rows) > 1:
            changed = sheet.fill_down(Cell(rows.start, cell.column), rows.stop - 1)
            self._changed(f"{_cells(changed)} filled.")
        elif cell.row + 1 < len(sheet):
            sheet.fill_down(cell, cell.row + 1)
            self.grid.go_to(Cell(cell.row + 1, cell.column))
            self._changed("")

    def do_empty(self) -> None:
        """Empty the cell, or the range."""
        sheet = self.sheet
        if sheet is not None:
            self._changed(f"{_cells(sheet.put(dict.fromkeys(self._chosen(), '')))} emptied.")

    def do_back(self) -> None:
        """Put the cell, or the range, back as it was read."""
        sheet = self.sheet
        if sheet is not None:
            changed = sheet.put({cell: sheet.seen(cell) for cell in self._chosen()})
            self._changed(f"{_cells(changed)} as read.")

    def do_undo(self) -> None:
        """Take back the last step."""
        self._went_to(self.sheet.undo() if self.sheet else None, "There is no step to take back.")

    def do_redo(self) -> None:
        """Do again what was taken back last."""
        self._went_to(self.sheet.redo() if self.sheet else None, "There is no step to do again.")

    def do_next_wrong(self) -> None:
        """Go to the next text that cannot be meant."""
        self._went_to(
            self.sheet.next_wrong(self.grid.cursor) if self.sheet else None, "Nothing is wrong here."
        )

    def _went_to(self, cell: Cell | None, otherwise: str) -> None:
        if cell is None:
            self.say(otherwise)
            return
        self.grid.cancel_range()
        self.grid.go_to(cell)
        self._changed("")

    def _chosen(self) -> list[Cell]:
        return [Cell(row, self.grid.cursor.column) for row in self.grid.rows_in_range]

    def _changed(self, sentence: str) -> None:
        self.grid.refresh()
        self.say(sentence)

    # --- choosing -------------------------------------------------------------------------------------------------

    def do_choose(self) -> None:
        """Choose the text from what there is."""
        sheet, cell = self.sheet, self.grid.cursor
        if sheet is None or self._judge is None or self._is_locked(sheet, cell):
            return
        field = sheet.fields[cell.column]
        choices = self._judge.choices(field.key)
        if not choices:
            self.do_type()
            return
        several = field.key == "groups"
        rows = self._chosen()

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken is not None:
                changed = sheet.put(dict.fromkeys(rows, joined(taken) if several else taken[0]))
                self._changed(f"{_cells(changed)} changed." if len(rows) > 1 else "")

        now = sheet.text(cell)
        ticked = tuple(names_in(now)) if several else (now,)
        self.console.push_screen(Picker(field.title, choices, several=several, taken=ticked), chosen)

    def do_why(self) -> None:
        """Say why this person, role or text is out of reach, or what the role permits."""
        sheet, cell = self.sheet, self.grid.cursor
        if sheet is None:
            return
        field, row = sheet.fields[cell.column], sheet.rows[cell.row]
        role = Role.from_slug(sheet.text(cell)) if field.key == "role" else None
        if sheet.refusal(cell):
            question = about_person(row.id)
        elif role is not None:
            question = about_role(role)
        elif sheet.wrong(cell):
            question = about_refusal(field.title, sheet.wrong(cell))
        else:
            question = about_person(row.id)
        open_why(self.console, question, "", lambda _command: None)

    def do_help(self) -> None:
        """Show and run every command."""
        choices = [
            Choice(command.id, command.shown, command.help)
            for command in sheet_keys.COMMANDS
            if command.id != "help"
        ]
        moving = [Choice("", key, does) for key, does in sheet_keys.MOVING]

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken and taken[0]:
                self.action_command(taken[0])

        self.console.push_screen(Picker("Commands and keys", [*choices, *moving]), chosen)

    # --- leaving --------------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Ctrl+C: stop what is being saved, or one step back."""
        runs = self.console.jobs.runs
        if runs:
            runs[0].stop()
            self.run_moved()
        else:
            self.action_step_back()

    def action_step_back(self) -> None:
        """Stop typing, let go of the range, or leave; what was changed is not thrown away unasked."""
        if self.field.display:
            self._stop_typing()
        elif not self.grid.cancel_range():
            self._ask_to_leave()

    def _ask_to_leave(self) -> None:
        if self.console.jobs.runs:
            return

        def leave(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                self.dismiss()

        if self.sheet is None or not self.sheet.changed_cells:
            self.dismiss()
            return
        question = Question(f"Leave without saving? {self.counts}", "What was changed here is not kept.")
        self.console.push_screen(question, leave)


def _cells(number: int) -> str:
    return f"{number:,} {'cell' if number == 1 else 'cells'}"


def open_sheet(console: Console, ids: Sequence[int], told: Callable[[Tally], None] | None = None) -> None:
    """Open people as a sheet; too many are refused with the number that is possible.

    Args:
        console: the application.
        ids: who, in the order to show.
        told: hears what was saved.
    """
    if not ids:
        console.say("There is nobody to edit here.")
    elif len(ids) > MOST_ROWS:
        console.say(
            f"{len(ids):,} people are too many for a sheet; up to {MOST_ROWS:,} are possible. "
            "r, d and t change any number at once."
        )
    else:
        console.push_screen(SheetScreen(ids, told))
