"""The one door to the terminal: whatever is shown passes through `shown`.

A name can hold an escape sequence that writes the administrator's clipboard, a mark that turns the line around, or an
emoji that two terminals draw in different widths. Textual lets all three through. Here they become something harmless
that is still visible, so that nobody hides behind it, and every character that is left has one width everywhere.

One-shot commands print data too, so nothing here imports Textual before it is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from textual.content import Content
    from textual.strip import Strip

Align = Literal["left", "right"]

UNSHOWABLE = "\N{REPLACEMENT CHARACTER}"
_CARRIER = "\N{DOTTED CIRCLE}"
_ZERO_WIDTH_NON_JOINER = "\u200c"
_PILE = 4

# Joiners, variation selectors and skin tones only change how a neighbor looks, and terminals disagree about the width
# of the result. Without them a family is three faces: six cells in every terminal.
_JOINERS = re.compile(
    "[\u034f\u180b-\u180d\u180f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_FILLERS = re.compile("[\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
_FLAG_LETTERS = {0x1F1E6 + offset: chr(ord("A") + offset) for offset in range(26)}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs that carry state, so that color never has to.

    Attributes:
        plain: whether the terminal can only draw ASCII.
        cursor: the row and the column the cursor is on.
        mark: a marked row.
        changed: a cell that changed a moment ago.
        unknown: a row whose data has not arrived.
        more: text was cut here.
        rising: the list is sorted by this column, smallest first.
        falling: the list is sorted by this column, largest first.
        to: between two numbers.
        holds: something is so.
        fails: something is not so, or wrong.
    """

    plain: bool
    cursor: str
    mark: str
    changed: str
    unknown: str
    more: str
    rising: str
    falling: str
    to: str
    holds: str
    fails: str


UNICODE_GLYPHS = Glyphs(False, "▸", "●", "Δ", "·", "…", "▲", "▼", "–", "✓", "✗")
ASCII_GLYPHS = Glyphs(True, ">", "*", "!", ".", "~", "^", "v", "-", "+", "x")


def shown(text: str, *, plain: bool = False) -> str:
    """Return `text` as one harmless line: nothing in it acts, hides, or has a doubtful width.

    Control characters become their pictures (`␛`, `␊`), every other invisible or reordering character becomes `�`,
    blanks of any kind become spaces. Applying it twice does no harm.

    Args:
        text: anything, also text with lone surrogates.
        plain: whether to stay inside ASCII: accents fall off, the rest becomes `?`.
    """
    if text.isascii() and text.isprintable():
        return text
    clean = _settled(text)
    return _ascii(clean) if plain else clean


def width(text: str) -> int:
    """Return how many terminal cells `text` fills; exact for what `shown` returned."""
    return len(text) if text.isascii() else cell_len(text)


def crop(text: str, cells: int, *, more: str = UNICODE_GLYPHS.more) -> str:
    """Return as much of `text` as fits into `cells`, ending in `more` where something was cut.

    Args:
        text: what `shown` returned.
        cells: room, in terminal cells.
        more: one cell wide.
    """
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    return _head(text, cells - 1) + more


def fit(text: str, cells: int, align: Align = "left", *, more: str = UNICODE_GLYPHS.more) -> str:
    """Return `text` cropped or padded to exactly `cells`.

    Args:
        text: what `shown` returned.
        cells: room, in terminal cells.
        align: the side the text leans to.
        more: one cell wide, put where something was cut.
    """
    cut = crop(text, cells, more=more)
    blanks = " " * (cells - width(cut))
    return blanks + cut if align == "right" else cut + blanks


def wrap(text: str, cells: int) -> list[str]:
    """Return `text` as shown lines of at most `cells`, broken at blanks where possible; line feeds are kept.

    Args:
        text: raw or shown text.
        cells: room, in terminal cells; at least 2, so that a wide character fits.
    """
    room = max(cells, 2)
    return [line for part in re.split("\r\n|[\r\n]", text) for line in _wrapped(shown(part), room)]


def content(text: str) -> Content:
    """Return `text` for a Textual widget; square brackets in it are just brackets."""
    from textual.content import Content  # noqa: PLC0415 - commands use this module and must not load Textual

    return Content(shown(text))


def rich_text(text: str) -> Text:
    """Return `text` for Rich; square brackets in it are just brackets."""
    return Text(shown(text), end="")


def strip(text: str, cells: int, style: Style) -> Strip:
    """Return `text` as one line of exactly `cells` in one style."""
    from textual.strip import Strip  # noqa: PLC0415 - as in `content`

    return Strip([Segment(fit(shown(text), cells), style)], cells)


def _settled(text: str) -> str:
    """Return `text` with every character replaced that could act, hide or be of doubtful width."""
    kept = _FILLERS.sub(UNSHOWABLE, _JOINERS.sub("", text)).translate(_FLAG_LETTERS)
    if not kept:
        return UNSHOWABLE
    if not kept.isprintable():
        kept = "".join(char if char.isprintable() else _visible(char) for char in kept)
    kept = unicodedata.normalize("NFC", kept)
    return kept if kept.isascii() else "".join(_seated(kept))


def _visible(char: str) -> str:
    """Return what stands for an unprintable character."""
    code = ord(char)
    if code < 0x20:  # noqa: PLR2004 - where C0 ends
        return chr(0x2400 + code)
    if char == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    if char == _ZERO_WIDTH_NON_JOINER:
        return char  # Persian is misspelled without it, and no terminal gives it a cell
    category = unicodedata.category(char)
    if category == "Zs":
        return " " * cell_len(char)
    if category == "Cn" and 0x20000 <= code <= 0x3FFFD and code & 0xFFFF <= 0xFFFD:  # noqa: PLR2004 - two whole planes
        return char  # rare Chinese characters newer than this Python; wide in every terminal, known or not
    return UNSHOWABLE


def _seated(text: str) -> Iterator[str]:
    """Yield the characters of `text`, a few marks at most on each, and none on what stands left of the text."""
    pile, alone = 0, True
    for char in text:
        if cell_len(char):
            pile, alone = 0, False
        else:
            pile += 1
            if pile > _PILE:
                continue
            if alone:
                alone = False
                yield _CARRIER
        yield char


def _ascii(text: str) -> str:
    """Return `text` in ASCII: accents fall off, other letters become question marks."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return "".join(char if " " <= char <= "~" else "?" for char in bare)


def _head(text: str, cells: int) -> str:
    """Return the longest beginning of `text` that fits into `cells`, marks included."""
    if text.isascii():
        return text[:cells]
    used = 0
    for index, char in enumerate(text):
        used += cell_len(char)
        if used > cells:
            return text[:index]
    return text


def _wrapped(text: str, room: int) -> Iterator[str]:
    """Yield the lines of one shown paragraph."""
    line = ""
    for word in text.split(" "):
        rest = word
        if line and width(line) + 1 + width(rest) <= room:
            line = f"{line} {rest}"
            continue
        if line:
            yield line
        while width(rest) > room:
            head = _head(rest, room)
            yield head
            rest = rest[len(head) :]
        line = rest
    yield line
