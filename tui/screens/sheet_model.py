"""What is edited in a sheet: people in rows, their texts in columns, and every step that can be taken back.

Nothing here knows the terminal or the database. Whether a text can be meant is asked of a judge that is handed in, so
that a column of thousands is judged while it is pasted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from core.services.editing import Edit

MOST_ROWS = 5_000
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the sheet.

    Attributes:
        key: that of `Edit.values`.
        title: what the header says.
        width: cells it takes where there is room. least: where there is little.
    """

    key: str
    title: str
    width: int
    least: int


FIELDS = (
    Field("first_name", "First name", 16, 12),
    Field("last_name", "Last name", 18, 14),
    Field("department", "Department", 16, 13),
    Field("role", "Role", 15, 15),
    Field("job_title", "Job title", 18, 16),
    Field("groups", "Learning groups", 22, 16),
    Field("language", "Language", 10, 9),
    Field("phone", "Phone", 18, 16),
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A person as it was read.

    Attributes:
        id: the person's.
        address: says who it is.
        texts: by field, as `Edit.seen` wants them.
        refusal: why the actor may not edit this person, as a sentence; empty where they may.
        barred: why single fields may not be changed, by field.
    """

    id: int
    address: str
    texts: Mapping[str, str]
    refusal: str = ""
    barred: Mapping[str, str] = field(default_factory=dict)


class Cell(NamedTuple):
    """A place in the sheet: index of the row, index of the column."""

    row: int
    column: int


class Judged(NamedTuple):
    """A text as it would be stored, and what is wrong with it; an empty sentence where nothing is."""

    text: str
    sentence: str


Judge = Callable[[str, str], Judged]
_Step = dict[Cell, str]


class Sheet:
    """The people, what is wanted of them, and how it came to that."""

    def __init__(self, rows: Sequence[SheetRow], judge: Judge, fields: Sequence[Field] = FIELDS) -> None:
        """Start with nothing changed.

        Args:
            rows: in the order to show.
            judge: gets a field's key and a text.
            fields: the columns.
        """
        self.rows, self.fields = list(rows), tuple(fields)
        self._judge = judge
        self._wanted: dict[Cell, str] = {}
        self._wrong: dict[Cell, str] = {}
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    def __len__(self) -> int:
        return len(self.rows)

    def seen(self, cell: Cell) -> str:
        """Return the text as it was read."""
        return self.rows[cell.row].texts.get(self.fields[cell.column].key, "")

    def text(self, cell: Cell) -> str:
        """Return the text as it is wanted."""
        wanted = self._wanted.get(cell)
        return self.seen(cell) if wanted is None else wanted

    def refusal(self, cell: Cell) -> str:
        """Return why nothing can be typed here, as a sentence; empty where it can."""
        row = self.rows[cell.row]
        return row.refusal or row.barred.get(self.fields[cell.column].key, "")

    def is_changed(self, cell: Cell) -> bool:
        """Whether the text is another one than was read."""
        return cell in self._wanted

    def wrong(self, cell: Cell) -> str:
        """Return what is wrong with the text, as a sentence; empty where nothing is."""
        return self._wrong.get(cell, "")

    @property
    def changed_cells(self) -> int:
        """How many texts are other ones than were read."""
        return len(self._wanted)

    @property
    def changed_rows(self) -> int:
        """How many people would be edited."""
        return len({cell.row for cell in self._wanted})

    @property
    def wrong_cells(self) -> int:
        """How many texts cannot be meant."""
        return len(self._wrong)

    def next_wrong(self, after: Cell) -> Cell | None:
        """Return the wrong cell behind `after`, or else the first one."""
        found = sorted(self._wrong)
        return next((cell for cell in found if cell > after), found[0] if found else None)

    def next_open(self, cell: Cell, down: int, right: int) -> Cell | None:
        """Return the next cell in a direction in which something can be typed; None where there is none."""
        while down or right:
            cell = Cell(cell.row + down, cell.column + right)
            if not (0 <= cell.row < len(self.rows) and 0 <= cell.column < len(self.fields)):
                return None
            if not self.refusal(cell):
                return cell
        return None

    # --- changing -------------------------------------------------------------------------------------------------

    def put(self, texts: Mapping[Cell, str]) -> int:
        """Want other texts, as one step; return how many cells changed. People who may not be edited stay."""
        step: _Step = {}
        for cell, text in texts.items():
            if self.refusal(cell):
                continue
            judged = self._judge(self.fields[cell.column].key, text)
            if judged.text != self.text(cell):
                step[cell] = self.text(cell)
                self._want(cell, judged)
        if step:
            self._done = [*self._done[-_STEPS:], step]
            self._undone.clear()
        return len(step)

    def fill_down(self, first: Cell, last: int) -> int:
        """Put the text of `first` into the rows below it, down to row `last`; return how many cells changed."""
        text = self.text(first)
        return self.put({Cell(row, first.column): text for row in range(first.row + 1, last + 1)})

    def paste(self, at: Cell, block: Sequence[Sequence[str]]) -> tuple[int, int]:
        """Put a block of texts in, its first one at `at`.

        Returns:
            How many cells changed, and how many texts found no room.
        """
        texts: dict[Cell, str] = {}
        outside = 0
        for down, line in enumerate(block):
            for right, text in enumerate(line):
                cell = Cell(at.row + down, at.column + right)
                if cell.row < len(self.rows) and cell.column < len(self.fields):
                    texts[cell] = text
                else:
                    outside += 1
        return self.put(texts), outside

    def undo(self) -> Cell | None:
        """Take the last step back; return its first cell, or None where there is none."""
        return self._step_back(self._done, self._undone)

    def redo(self) -> Cell | None:
        """Do again what was taken back last."""
        return self._step_back(self._undone, self._done)

    def _step_back(self, steps: list[_Step], other: list[_Step]) -> Cell | None:
        if not steps:
            return None
        step = steps.pop()
        other.append({cell: self.text(cell) for cell in step})
        for cell, text in step.items():
            self._want(cell, self._judge(self.fields[cell.column].key, text))
        return min(step)

    def _want(self, cell: Cell, judged: Judged) -> None:
        changed = judged.text != self.seen(cell)
        if changed:
            self._wanted[cell] = judged.text
        else:
            self._wanted.pop(cell, None)
        if changed and judged.sentence:
            self._wrong[cell] = judged.sentence
        else:
            self._wrong.pop(cell, None)

    # --- saving ---------------------------------------------------------------------------------------------------

    def edits(self) -> list[Edit]:
        """Return what is wanted, for core."""
        by_row: dict[int, list[Cell]] = {}
        for cell in sorted(self._wanted):
            by_row.setdefault(cell.row, []).append(cell)
        return [
            Edit(
                self.rows[row].id,
                {self.fields[cell.column].key: self._wanted[cell] for cell in cells},
                {self.fields[cell.column].key: self.seen(cell) for cell in cells},
            )
            for row, cells in by_row.items()
        ]

    def settle(self, person_id: int, key: str, now: str, *, overwrite: bool) -> None:
        """Settle a conflict: from now on `now` counts as what was read, and what was wanted goes or stays.

        Args:
            person_id: whose.
            key: of the field.
            now: what somebody else has written meanwhile.
            overwrite: whether to want it all the same.
        """
        row = next((index for index, each in enumerate(self.rows) if each.id == person_id), None)
        column = next((index for index, each in enumerate(self.fields) if each.key == key), None)
        if row is None or column is None:
            return
        cell, old = Cell(row, column), self.rows[row]
        wanted = self.text(cell)
        self.rows[row] = replace(old, texts={**old.texts, key: now})
        self._want(cell, self._judge(key, wanted) if overwrite else Judged(now, ""))
        for steps in (self._done, self._undone):
            steps.clear()

    def saved(self, ids: Iterable[int]) -> None:
        """Count what was wanted of these people as read: it is in the database now."""
        done = set(ids)
        by_row: dict[int, dict[str, str]] = {}
        for cell, text in self._wanted.items():
            if self.rows[cell.row].id in done:
                by_row.setdefault(cell.row, {})[self.fields[cell.column].key] = text
        for index, texts in by_row.items():
            old = self.rows[index]
            self.rows[index] = replace(old, texts={**old.texts, **texts})
        for kept in (self._wanted, self._wrong):
            for cell in [cell for cell in kept if cell.row in by_row]:
                del kept[cell]
        self._done.clear()
        self._undone.clear()


def block_of(text: str) -> list[list[str]]:
    """Return the lines and columns of what a spreadsheet puts on the clipboard; a line end behind the last one is none.

    A cell with a line break or a quote in it comes in quotes. Where quotes do not add up they are just quotes.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if '"' in lines:
        try:
            found = csv.reader(io.StringIO(lines, newline=""), delimiter="\t", strict=True)
            return [line or [""] for line in found]
        except csv.Error:
            pass
    return [line.split("\t") for line in lines.split("\n")]
