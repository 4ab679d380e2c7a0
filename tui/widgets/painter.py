"""Turns rows into finished lines, and keeps the lines until something about them changes.

A line is one style run wherever possible: over SSH every change of style costs bytes. Each line starts with two signs,
cursor and mark; the last blank before a cell can carry the sign that the cell has just changed. So the state of a row
can be read without any color.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.text import ASCII_GLYPHS, UNICODE_GLYPHS, fit, shown, strip, width, wrap
from tui.widgets.columns import Cell, Column, Layout, fit_columns
from tui.widgets.rows import REMOVED, Absent, HasId

R = TypeVar("R", bound=HasId)

_SIGNS = 2
_DOTS = 3
_KEPT = 1_000


class RowState(NamedTuple):
    """What a row's line says beside its data.

    Attributes:
        cursor: the cursor is on it.
        marked: it is marked.
        changed: keys of the columns that changed a moment ago.
    """

    cursor: bool = False
    marked: bool = False
    changed: frozenset[str] = frozenset()


class Sort(NamedTuple):
    """The order the list is in: column key and direction."""

    key: str
    descending: bool


class Painter(Generic[R]):
    """Draws lines for one grid: knows its columns, their widths and the styles."""

    def __init__(
        self, columns: Sequence[Column[R]], style: Callable[[str], Style], *, plain: bool = False
    ) -> None:
        """Start without room; `arrange` gives it.

        Args:
            columns: all columns in their order.
            style: gives the style of a name such as `cursor` or `warn`; the empty name is the ordinary row.
            plain: whether to stay inside ASCII.
        """
        self.glyphs = ASCII_GLYPHS if plain else UNICODE_GLYPHS
        self._style = style
        self._width = 0
        self._widest: dict[str, int] = {}
        self._cells: dict[int, tuple[R, tuple[Cell, ...]]] = {}
        self._lines: dict[tuple[int, RowState], tuple[R, Layout, Strip]] = {}
        self.take_columns(columns)

    def take_columns(self, columns: Sequence[Column[R]]) -> None:
        """Draw other columns, or the same in another order or width; `arrange` must follow."""
        self.columns = tuple(columns)
        self._widest = {column.key: self._widest.get(column.key, 0) for column in columns}
        self.layout: Layout = fit_columns(self.columns, 0, self._widest)
        self._cells.clear()
        self._lines.clear()

    def arrange(self, cells: int, column: int) -> bool:
        """Share the room among the columns; return whether that changed anything.

        Args:
            cells: width of a line.
            column: index of the column the cursor is on, which is drawn in any case.
        """
        layout = fit_columns(self.columns, cells - _SIGNS, self._widest, keep=column)
        if layout == self.layout and cells == self._width:
            return False
        self._width, self.layout = cells, layout
        self._lines.clear()
        return True

    def measure(self, rows: Iterable[R]) -> bool:
        """Let columns grow, never shrink, to the texts of `rows`; return whether any wants more room than before."""
        grown = False
        for row in rows:
            for column, cell in zip(self.columns, self.cells(row), strict=True):
                cells = width(cell.text)
                if cells > self._widest[column.key]:
                    self._widest[column.key] = cells
                    grown = True
        return grown

    def cells(self, row: R) -> tuple[Cell, ...]:
        """Return the sanitised cells of a row, made once per version of the row."""
        kept = self._cells.get(row.id)
        if kept is not None and kept[0] is row:
            return kept[1]
        made = tuple(column.cell(row, plain=self.glyphs.plain) for column in self.columns)
        if len(self._cells) >= _KEPT:
            self._cells.clear()
        self._cells[row.id] = (row, made)
        return made

    def changed_keys(self, before: R, after: R) -> frozenset[str]:
        """Return the keys of the columns that say something else about `after`."""
        pairs = zip(self.columns, self.cells(before), self.cells(after), strict=True)
        return frozenset(column.key for column, old, new in pairs if old.text != new.text)

    def forget_lines(self) -> None:
        """Drop every finished line, because styles changed."""
        self._lines.clear()

    def header(self, column: int, sort: Sort | None) -> Strip:
        """Return the header line; the sign of the cursor stands before its column.

        Args:
            column: index of the column the cursor is on.
            sort: the order the list is in, if known.
        """
        style = self._style("header")
        texts = {index: self._title(index, sort) for index, _ in self.layout.slots}
        sign = {column: self.glyphs.cursor}
        return self._line(" " * _SIGNS, style, {index: Cell(text) for index, text in texts.items()}, sign)

    def row(self, row_id: int, row: R | Absent, state: RowState) -> Strip:
        """Return the line of a row, or of the place of a row that is unknown or removed."""
        if isinstance(row, Absent):
            return self._absent(row, state)
        key = (row_id, state)
        kept = self._lines.get(key)
        if kept is not None and kept[0] is row and kept[1] is self.layout:
            return kept[2]
        cells = self.cells(row)
        drawn = {index: cells[index] for index, _ in self.layout.slots}
        signs = {index: self.glyphs.changed for index in drawn if self.columns[index].key in state.changed}
        base = "cursor" if state.cursor else "marked" if state.marked else ""
        line = self._line(self._lead(state), self._style(base), drawn, signs, plain_row=not base)
        if len(self._lines) >= _KEPT:
            self._lines.clear()
        self._lines[key] = (row, self.layout, line)
        return line

    def blank(self) -> Strip:
        """Return an empty line."""
        return strip("", self._width, self._style(""))

    def message(self, text: str, line: int) -> Strip:
        """Return line `line` of a sentence that stands where rows would be.

        Args:
            text: the sentence.
            line: 0 for the first line under the header.
        """
        lines = wrap(shown(text, plain=self.glyphs.plain), self._width - 2 * _SIGNS)
        inner = lines[line - 1] if 1 <= line <= len(lines) else ""
        return strip(" " * _SIGNS + inner, self._width, self._style("empty" if inner else ""))

    def _title(self, index: int, sort: Sort | None) -> str:
        """Return a column's title with the sign of its order."""
        column = self.columns[index]
        title = shown(column.title, plain=self.glyphs.plain)
        if sort is None or sort.key != column.key:
            return title
        return title + (self.glyphs.falling if sort.descending else self.glyphs.rising)

    def _lead(self, state: RowState) -> str:
        """Return the two signs at the start of a row."""
        return (self.glyphs.cursor if state.cursor else " ") + (self.glyphs.mark if state.marked else " ")

    def _absent(self, row: Absent, state: RowState) -> Strip:
        """Return the line of a row there is no data for."""
        gone = row is REMOVED
        dots = self.glyphs.unknown * _DOTS
        drawn = {
            index: Cell(("removed" if place == 0 else "") if gone else dots)
            for place, (index, _) in enumerate(self.layout.slots)
        }
        base = "cursor" if state.cursor else "removed" if gone else "unknown"
        return self._line(self._lead(state), self._style(base), drawn, {}, lean=False)

    def _line(
        self,
        lead: str,
        base: Style,
        drawn: Mapping[int, Cell],
        signs: Mapping[int, str],
        *,
        plain_row: bool = False,
        lean: bool = True,
    ) -> Strip:
        """Put a line together, joining neighbors of one style.

        Args:
            lead: the two signs at its start.
            base: style of the line.
            drawn: cells by column index.
            signs: sign before a cell, by column index.
            plain_row: whether cells may have styles of their own; a cursor or mark rules them out.
            lean: whether cells lean to the side their column says.
        """
        runs: list[tuple[str, Style]] = [(lead, base)]
        for index, cells in self.layout.slots:
            cell, sign = drawn[index], signs.get(index, " ")
            align = self.columns[index].align if lean else "left"
            text = fit(cell.text, cells, align, more=self.glyphs.more)
            style = base
            if plain_row and (sign != " " or cell.style):
                style = self._style("changed" if sign != " " else cell.style)
            gap = " " * (self.layout.gap - 1)
            if style is base:
                runs.append((gap + sign + text, base))
            else:
                runs += (
                    ((gap, base), (sign + text, style))
                    if sign != " "
                    else ((gap + sign, base), (text, style))
                )
        filled = len(lead) + sum(self.layout.gap + cells for _, cells in self.layout.slots)
        runs.append((" " * max(0, self._width - filled), base))
        return Strip(_joined(runs), max(filled, self._width)).adjust_cell_length(self._width, base)


def _joined(runs: Iterable[tuple[str, Style]]) -> list[Segment]:
    """Return segments for `runs`, neighbors of one style as one segment."""
    segments: list[Segment] = []
    for text, style in runs:
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + text, style)
        elif text:
            segments.append(Segment(text, style))
    return segments
