"""The lines of a plan or a report: a number, what it counts, and perhaps the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import Static

from tui.screens.plan_words import Entry
from tui.text import UNICODE_GLYPHS, fit, width, wrap

_GAP = 2
_SIGNS = 2
_STYLES = {"dim": "dim", "bad": "bold"}


class PlanLines(Static):
    """Lines with a cursor; it takes as many lines of the screen as it needs and is given, and scrolls within them."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        """Start empty."""
        super().__init__("", id=id, markup=False)
        self._entries: Sequence[Entry] = ()
        self._cursor = self._top = 0
        self._room = (0, 0)
        self.below = 0
        """How many lines of the screen are further down."""

    @property
    def entry(self) -> Entry | None:
        """The line under the cursor."""
        return self._entries[self._cursor] if self._entries else None

    def show(self, entries: Sequence[Entry]) -> None:
        """Show other lines; the cursor stays where it is, as far as there are lines."""
        self._entries = entries
        self._cursor = max(0, min(self._cursor, len(entries) - 1))
        self._draw()

    def fit_into(self, cells: int, lines: int) -> None:
        """Take note of the room there is."""
        self._room = (cells, max(1, lines))
        self._draw()

    def move(self, step: int) -> None:
        """Move the cursor by lines."""
        if self._entries:
            self._cursor = max(0, min(len(self._entries) - 1, self._cursor + step))
            self._draw()

    def _draw(self) -> None:
        cells, lines = self._room
        if not cells:
            return
        drawn, starts = self._lines(cells)
        first = starts[self._cursor] if starts else 0
        last = starts[self._cursor + 1] if self._cursor + 1 < len(starts) else len(drawn)
        self._top = min(max(self._top, last - lines), first, max(0, len(drawn) - lines))
        self._top = max(0, self._top)
        self.below = max(0, len(drawn) - self._top - lines)
        self.styles.height = max(1, min(lines, len(drawn)))
        text = Text(no_wrap=True, end="")
        for number, (line, style) in enumerate(drawn[self._top : self._top + lines]):
            text.append(("\n" if number else "") + line, style)
        self.update(text)

    def _lines(self, cells: int) -> tuple[list[tuple[str, str]], list[int]]:
        """Return the screen's lines with their styles, and where each entry begins."""
        numbers = ["" if entry.number is None else f"{entry.number:,}" for entry in self._entries]
        column = max((len(number) for number in numbers), default=0)
        room = cells - _SIGNS - (column + _GAP if column else 0)
        drawn: list[tuple[str, str]] = []
        starts = []
        for index, entry in enumerate(self._entries):
            starts.append(len(drawn))
            sign = UNICODE_GLYPHS.cursor if index == self._cursor else " "
            numbered = f"{numbers[index]:>{column}}{' ' * _GAP}" if column else ""
            for count, part in enumerate(wrap(entry.text, room)):
                front = f"{sign} {numbered}" if not count else " " * (_SIGNS + len(numbered))
                drawn.append(
                    (fit(front + part, cells), self._style(entry, under_cursor=index == self._cursor))
                )
        return drawn, starts

    def _style(self, entry: Entry, *, under_cursor: bool) -> str:
        style = _STYLES.get(entry.style, "")
        return f"{style} reverse".strip() if under_cursor and entry.group is not None else style


def moving_words(lines: PlanLines) -> str:
    """Return how the keys that move are explained; says how much there is further down."""
    return f"↑↓ {lines.below} more below   " if lines.below else "↑↓ move   "


def lines_needed(text: str, cells: int) -> int:
    """Return how many lines of the screen a text fills."""
    return len(wrap(text, max(cells, 1))) if width(text) > cells else 1
