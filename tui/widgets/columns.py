"""Columns of a list: what a cell says, and which columns get how much room.

Fitting is a pure function of the columns, the room and the widest text seen, so the same list looks the same each
time. Columns with the least priority go first when the room gets narrow; the rest is cropped, never wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, Self, TypeVar

from tui.text import Align, shown, width

CELL_STYLES = ("", "dim", "good", "warn", "bad", "accent")
LEAST_WIDTH, MOST_WIDTH = 3, 80
_ROOMY = 100

R = TypeVar("R")


class Cell(NamedTuple):
    """What stands in a cell.

    Attributes:
        text: may be anything; it is sanitised before it is shown.
        style: one of `CELL_STYLES`. It decorates: the text has to say it all without color. Each styled cell costs some
            80 bytes over SSH whenever its line is painted, so the ordinary state of a column has none.
    """

    text: str
    style: str = ""


@dataclass(frozen=True, kw_only=True)
class Column(Generic[R]):
    """One column.

    Attributes:
        key: stable name, for sorting, remembering and messages.
        title: what the header says.
        show: turns a row into a text or a `Cell`; must be quick and must not fail.
        width: cells to take before any row was seen.
        least: cells below which the column is dropped rather than cropped.
        most: cells it never grows beyond.
        priority: 1 is dropped last; equal ones go from the right.
        align: the side the text leans to.
        sortable: whether a sort by it can be asked for.
    """

    key: str
    title: str
    show: Callable[[R], str | Cell]
    width: int = 10
    least: int = 4
    most: int = 40
    priority: int = 5
    align: Align = "left"
    sortable: bool = True

    def cell(self, row: R, *, plain: bool = False) -> Cell:
        """Return the sanitised cell of a row.

        Args:
            row: the row.
            plain: whether to stay inside ASCII.
        """
        made = self.show(row)
        if isinstance(made, Cell):
            return Cell(shown(made.text, plain=plain), made.style)
        return Cell(shown(made, plain=plain))

    def wanted(self, widest: int) -> int:
        """Return the cells the column would like, when the widest text seen so far has `widest` cells."""
        return min(
            max(self.width, width(self.title) + self.sortable, widest, self.least), max(self.most, self.least)
        )


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """How somebody wants the columns of a list; the empty one is how the list has them.

    Attributes:
        order: keys from left to right; columns it does not name follow in their own order.
        hidden: keys of columns that are left out.
        widths: cells for columns that somebody has sized, by key.
    """

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    widths: tuple[tuple[str, int], ...] = ()

    def ordered(self, columns: Sequence[Column[R]]) -> list[Column[R]]:
        """Return all of `columns`, hidden ones too, in this order and these widths."""
        by_key = {column.key: column for column in columns}
        keys = dict.fromkeys((*(key for key in self.order if key in by_key), *by_key))
        sized = dict(self.widths)
        return [_sized(by_key[key], sized.get(key)) for key in keys]

    def shown(self, columns: Sequence[Column[R]]) -> list[Column[R]]:
        """Return those of `columns` that are not hidden, in order; the first of all where none would be left."""
        ordered = self.ordered(columns)
        return [column for column in ordered if column.key not in self.hidden] or ordered[:1]

    def moved(self, columns: Sequence[Column[R]], key: str, step: int) -> Self:
        """Return this with a column some places further right, or left."""
        keys = [column.key for column in self.ordered(columns)]
        place = min(max(keys.index(key) + step, 0), len(keys) - 1)
        keys.remove(key)
        keys.insert(place, key)
        return replace(self, order=tuple(keys))

    def toggled(self, key: str) -> Self:
        """Return this with a column hidden, or shown again."""
        return replace(self, hidden=self.hidden ^ {key})

    def sized(self, key: str, cells: int) -> Self:
        """Return this with a column of a fixed width."""
        widths = {**dict(self.widths), key: min(max(cells, LEAST_WIDTH), MOST_WIDTH)}
        return replace(self, widths=tuple(sorted(widths.items())))

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads, made of lists, texts and numbers."""
        return {"order": list(self.order), "hidden": sorted(self.hidden), "widths": dict(self.widths)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the layout that was saved, whatever became of it: what makes no sense is left out."""
        if not isinstance(value, Mapping):
            return cls()
        order, hidden, widths = (value.get(name) for name in ("order", "hidden", "widths"))
        sizes = widths.items() if isinstance(widths, Mapping) else ()
        made = cls(tuple(dict.fromkeys(_texts(order))), frozenset(_texts(hidden)))
        for key, cells in sizes:
            if isinstance(key, str) and type(cells) is int:
                made = made.sized(key, cells)
        return made


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _sized(column: Column[R], cells: int | None) -> Column[R]:
    """Return `column` in a width of its own, where somebody gave it one."""
    return column if cells is None else replace(column, width=cells, least=cells, most=cells)


class Slot(NamedTuple):
    """A column that is drawn: its index among all columns, and its room in cells."""

    column: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are drawn.

    Attributes:
        slots: the drawn columns, in their order.
        gap: cells before each column; the last of them can carry a sign.
        dropped: how many columns did not fit.
    """

    slots: tuple[Slot, ...]
    gap: int
    dropped: int


def fit_columns(
    columns: Sequence[Column[R]], room: int, widest: Mapping[str, int], *, keep: int | None = None
) -> Layout:
    """Share `room` among columns.

    Columns are admitted by priority as long as their least widths fit, then grow by priority to what they want.

    Args:
        columns: all columns in their order.
        room: cells for all columns with their gaps.
        widest: widest text seen, by column key.
        keep: index of a column that must be drawn, because the cursor is on it.
    """
    gap = 2 if room >= _ROOMY else 1
    ranked = sorted(range(len(columns)), key=lambda index: (index != keep, columns[index].priority, index))
    left, admitted = room, list[int]()
    for index in ranked:
        cost = gap + columns[index].least
        if cost > left and admitted:
            break
        admitted.append(index)
        left -= cost
    widths = {index: columns[index].least + min(0, left) for index in admitted}
    for index in sorted(admitted, key=lambda index: (columns[index].priority, index)):
        growth = min(
            max(0, left), columns[index].wanted(widest.get(columns[index].key, 0)) - columns[index].least
        )
        widths[index] += growth
        left -= growth
    slots = tuple(Slot(index, max(0, widths[index])) for index in sorted(admitted))
    return Layout(slots, gap, len(columns) - len(slots))
