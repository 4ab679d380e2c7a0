"""Sends the terminal only what looks different: Textual repaints whole lines, screens even, where a few cells change.

Over SSH that is the difference between 35 KB and some hundred bytes when a dialog closes. The text of a frame is read
back into cells and compared with the cells the terminal has; whatever is not a frame passes through as it is. Where the
terminal can only draw ASCII, cells are turned into it here, so that no screen has to think of it. A control character
that got this far is made visible.

This stands on the form in which Textual 8 writes a frame: cursor moves, color and weight, text. `tests/tui/test_driver.py`
holds it to that.
"""

from __future__ import annotations

import curses
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from rich.cells import cell_len
from textual.drivers.linux_driver import LinuxDriver

from tui.terminal_input import read_terminal
from tui.text import ASCII_GLYPHS, UNICODE_GLYPHS, shown

Cell = tuple[str, str]  # a character with its marks, empty for the second half of a wide one; its style

_PART = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x00-\x1f\x7f\x80-\x9f]+)|(\n)|(.)", re.DOTALL)
_MOVE = re.compile(r"\x1b\[\d+;\d+H")
_OTHER_PAGE = re.compile(r"\x1b\[\?1049[hl]|\x1b\[2J")
_COLOR = re.compile(r"[345]8;(?:5;\d+|2;\d+;\d+;\d+)|(?:[34]|9|10)[0-79]")
_LETTERS = re.compile(
    r"[\x00-\x7f]+(?![^\x00-\x7f])|[\x00-\x7f]?[^\x00-\x7f]+"
)  # an ASCII letter may bear a mark
_SEEN_ON_BLANK = frozenset(("4", "7", "9", "21", "53"))  # underlined, reversed, struck, and lines above
_LONG = 12  # blanks that cost more than to let the terminal blank them
_CHEAP_GAP = 8  # cells it is cheaper to write again than to jump over
_SIGNS = {
    **{
        getattr(UNICODE_GLYPHS, name): getattr(ASCII_GLYPHS, name)
        for name in ("cursor", "mark", "changed", "unknown")
    },
    **{
        getattr(UNICODE_GLYPHS, name): getattr(ASCII_GLYPHS, name)
        for name in ("more", "rising", "falling", "to", "holds", "fails")
    },
    "“": '"',
    "”": '"',
    "─": "-",
    "━": "-",
    "│": "|",
    "↑": "^",
    "↓": "v",
    "←": "<",
    "→": ">",
    "▰": "#",
    "▱": "-",
}


class Frame:
    """What the terminal shows, as far as that is known."""

    def __init__(self, *, plain: bool = False) -> None:
        """Know nothing yet.

        Args:
            plain: whether to stay inside ASCII.
        """
        self._plain = plain
        self.erases = False
        """Whether the terminal fills what it blanks with the background, so that a run of blanks is a few bytes."""
        self.colorless = False
        """Whether every color is left out; bold, underlined and reversed stay."""
        self._lines: dict[int, list[Cell | None]] = {}
        self._cursor = (0, 0)

    def forget(self) -> None:
        """Take nothing for granted: the terminal was cleared, resized, or shows something of somebody else."""
        self._lines.clear()
        self._cursor = (0, 0)

    def lessen(self, data: str) -> str:
        """Return what has to be written so that the terminal looks as if `data` had been; may be empty."""
        if not _MOVE.match(data):
            if _OTHER_PAGE.search(data):
                self.forget()
            return data
        pieces = self._pieces(data)
        out = _Output(erases=self.erases)
        for y, x, cells in pieces:
            self._put(out, y, x, cells)
        cursor = (pieces[-1][0], pieces[-1][1] + len(pieces[-1][2]))
        if out.parts or cursor != self._cursor:
            out.move(*cursor)
        self._cursor = cursor
        return out.text

    def _pieces(self, data: str) -> list[tuple[int, int, list[Cell]]]:
        """Return what is written where; anything that is neither text nor style is made visible, not passed on."""
        pieces: list[tuple[int, int, list[Cell]]] = []
        style = ""
        for y, x, sgr, text, line_feed, other in _PART.findall(data):
            if y:
                pieces.append((int(y), int(x) - 1, []))
            elif text or other:
                pieces[-1][2].extend(self._cells(text or shown(other), style))
            elif not line_feed:
                style = "" if sgr in {"", "0"} else _without_color(sgr) if self.colorless else sgr
        return pieces

    def _cells(self, text: str, style: str) -> Iterator[Cell]:
        if not text.isascii():
            return self._wide_cells(text, style)
        return _ascii_cells(text, style)

    def _wide_cells(self, text: str, style: str) -> Iterator[Cell]:
        for part in _LETTERS.findall(text):
            if part.isascii():
                yield from _ascii_cells(part, style)
            else:
                yield from self._characters(part, style)

    def _characters(self, text: str, style: str) -> Iterator[Cell]:
        """Yield the cells of a text outside ASCII, which may begin with a letter that its first mark stands on."""
        kept = ""
        for char in text:
            if not cell_len(char):
                kept = kept and kept + char  # a mark without a letter has no cell to stand in
                continue
            if kept:
                yield from self._character(kept, style)
            kept = char
        if kept:
            yield from self._character(kept, style)

    def _character(self, char: str, style: str) -> Iterator[Cell]:
        cells = cell_len(char[0])
        if self._plain and not char.isascii():
            plain = _SIGNS.get(char) or shown(char, plain=True)
            yield from zip(plain[:cells].ljust(cells, "?" if cells > 1 else " "), repeat(style))
            return
        yield (char, style)
        for _ in range(1, cells):
            yield ("", style)

    def _put(self, out: _Output, y: int, x: int, cells: list[Cell]) -> None:
        if not cells:
            return
        line = self._lines.setdefault(y, [])
        end = x + len(cells)
        line.extend([None] * (end - len(line)))
        for start, stop in _changed(line[x:end], cells):
            out.write(y, x + start, cells[start:stop])
        if x and _is_half(line[x]):
            line[x - 1] = None
        if end < len(line) and _is_half(line[end]):
            line[end] = None
        line[x:end] = cells


class _Output:
    """What is written after all, changing style no more often than needed."""

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self.parts: list[str] = []
        self._style = ""

    def move(self, y: int, x: int) -> None:
        self.parts.append(f"\x1b[{y};{x + 1}H")

    def write(self, y: int, x: int, cells: Sequence[Cell]) -> None:
        self.move(y, x)
        index, end = 0, len(cells)
        while index < end:
            cell = cells[index]
            char, style = cell
            if style != self._style and not (char == " " and _on_blank(self._style) == style):
                self.parts.append(f"\x1b[0;{style}m" if style and self._style else f"\x1b[{style}m")
                self._style = style
            if char == " " and self._erases and cells[index : index + _LONG] == [cell] * _LONG:
                index = self._erase(cells, index)
                continue
            self.parts.append(char)
            index += 1

    def _erase(self, cells: Sequence[Cell], start: int) -> int:
        """Let the terminal blank a run of cells; return the index behind it."""
        stop = start + _LONG
        while stop < len(cells) and cells[stop] == cells[start]:
            stop += 1
        self.parts.append(f"\x1b[{stop - start}X")
        if stop < len(cells):
            self.parts.append(f"\x1b[{stop - start}C")
        return stop

    @property
    def text(self) -> str:
        if self._style:
            self.parts.append("\x1b[m")
            self._style = ""
        return "".join(self.parts)


@lru_cache(maxsize=1024)
def _without_color(sgr: str) -> str:
    """Return the parts of a style that are no color."""
    return ";".join(part for part in _COLOR.sub("", sgr).split(";") if part)


@lru_cache(maxsize=1024)
def _on_blank(sgr: str) -> str:
    """Return what a style shows where there is no letter: its background, or all of it where lines or reverse show."""
    if not _SEEN_ON_BLANK.isdisjoint(_without_color(sgr).split(";")):
        return sgr
    return ";".join(part for part in _COLOR.findall(sgr) if part.startswith(("4", "10")))


def _ascii_cells(text: str, style: str) -> Iterator[Cell]:
    """Return the cells of ASCII; blanks that look the same are the same, whatever color a letter would have there."""
    blank = (" ", _on_blank(style))
    return (blank if char == " " else (char, style) for char in text)


def _changed(old: Sequence[Cell | None], new: Sequence[Cell]) -> list[tuple[int, int]]:
    """Return the spans in which `new` differs, close ones as one; none begins in the middle of a wide character."""
    if old == new:
        return []
    spans: list[tuple[int, int]] = []
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        start = index - 1 if index and _is_half(after) else index
        if spans and start - spans[-1][1] <= _CHEAP_GAP:
            spans[-1] = (spans[-1][0], index + 1)
        else:
            spans.append((start, index + 1))
    return spans


def _is_half(cell: Cell | None) -> bool:
    return cell is not None and not cell[0]


def _fills_with_background() -> bool:
    """Ask the terminal's description whether blanking cells gives them the background color."""
    try:
        curses.setupterm(fd=sys.__stdout__.fileno() if sys.__stdout__ else -1)
    except (curses.error, OSError, ValueError):
        return False
    return curses.tigetflag("bce") > 0 and curses.tigetstr("ech") is not None


def driver_for(frame: Frame) -> type[LinuxDriver]:
    """Return a driver that keeps `frame`, to hand to Textual."""

    class FrugalDriver(LinuxDriver):
        """Writes what has changed."""

        def start_application_mode(self) -> None:
            """Start on a page of which nothing is known."""
            frame.forget()
            frame.erases = _fills_with_background()
            super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it so

        def run_input_thread(self) -> None:
            """Hand over keys and pastes."""
            read_terminal(self.fileno, self.exit_event, self.process_message)

        def write(self, data: str, **options: Any) -> None:
            """Write what has to be written."""
            lessened = frame.lessen(data)
            if lessened:
                super().write(lessened, **options)

    return FrugalDriver
