"""Each line judged for itself: an address, a problem, or no content at all (R15, R20, R21)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import repeat
from typing import NamedTuple, cast

from core.errors import (
    BrokenQuote,
    ExtraColumn,
    GarbledText,
    HeaderLine,
    LineTooLong,
    NameWithAddress,
    NulCharacter,
    SeveralAddresses,
)
from core.importing.blocks import LONGEST_LINE, Block
from core.importing.decoding import LineDecoder
from core.importing.fields import SEPARATORS, Quote, closes, columns_of, entries_of, has_name
from core.importing.headings import is_heading, is_separator_line
from core.values import strip_edges

_ADDRESS = b"A-Za-z0-9@._+!$%&'*/=?^`{|}~-"
_PLAIN = (
    re.sub(b"A-Za-z0-9", b"", _ADDRESS) + bytes(range(48, 58)) + bytes(range(65, 91)) + bytes(range(97, 123))
)
_PLAIN_LINES = _PLAIN + b"\n"
_SIMPLE = re.compile(rb' *+(?:"([%b]++)"|([%b]++))([ ,;\t]*+)' % (_ADDRESS, _ADDRESS))
_BEHIND = re.compile(rb"(?<![ ,;\t])[ ,;\t]++(?=\n)")
_SPECIAL = re.compile('[,;\t\n\0"]')
_LONGEST_RECORD = 20  # lines of one quoted field
_SHOWN = 100  # characters of a line that is too long


class Row(NamedTuple):
    """One line with content.

    Attributes:
        line: its number in the file, from 1; in pasted text, where a line may hold many, the number of the address.
        text: the address as it stands there, not yet judged. Where the line is none or would not read as the same
            without its quotation marks: the whole line. Written as a line, it reads as this row again.
        problem: the code of an `InvalidLine`, or empty.
    """

    line: int
    text: str
    problem: str


# The same as Row(*each) in a third of the time, which a million lines notice.
_as_row = cast("Callable[[tuple[int, str, str]], Row]", partial(tuple.__new__, Row))


class LineReader:
    """Makes rows of blocks of lines, in order.

    Attributes:
        header: whether the first line with content was a heading.
        separators: how often each of them stood before, between or behind columns.
    """

    def __init__(self, decoder: LineDecoder, *, pasted: bool) -> None:
        self.header = False
        self.separators: Counter[str] = Counter()
        self._decoder = decoder
        self._pasted = pasted
        self._plain = _PLAIN_LINES.replace(b"'", b"") if pasted else _PLAIN_LINES
        self._number = 0
        self._started = False
        self._open: list[tuple[int, str, bool]] = []

    def rows_of(self, block: Block) -> Iterable[Row]:
        """Return the rows of the next block; take them all before the next call."""
        if block.too_long:
            return self._too_long(block.text)
        lines = self._plain_lines(block.text) if self._started and not self._open else None
        if lines is None:
            return self._one_by_one(block.text.removesuffix(b"\n").split(b"\n"))
        first = self._number + 1
        self._number += len(lines)
        return map(_as_row, zip(range(first, first + len(lines)), lines, repeat("")))

    def finish(self) -> Iterator[Row]:
        """Return the rows that were waiting for a quotation mark to be closed."""
        return self._give_up_record()

    def _plain_lines(self, text: bytes) -> list[str] | None:
        """Return the lines of a block if each is one plain address, alike in quotation marks or separators behind."""
        bare = text if not text.translate(None, self._plain) else _unquoted(_BEHIND.sub(b"", text))
        if bare.translate(None, self._plain):
            return None
        lines = bare.decode("ascii").removesuffix("\n").split("\n")
        if not all(lines) or len(max(lines, key=len)) > LONGEST_LINE:
            return None
        if len(bare) < len(text):
            self.separators += Counter({char: text.count(char.encode()) for char in SEPARATORS})
        return lines

    def _one_by_one(self, lines: Iterable[bytes]) -> Iterator[Row]:
        for raw in lines:
            self._number += not self._pasted
            if not raw and not self._open:
                continue
            found = _SIMPLE.fullmatch(raw)
            if found and self._started and not self._open and self._may_be_simple(raw):
                self._number += self._pasted
                self._count_separators(found[3].decode("ascii"))
                yield Row(self._number, (found[1] or found[2]).decode("ascii"), "")
                continue
            text, certain = self._decoder.decode(raw)
            if self._open:
                yield from self._go_on(text, certain=certain)
            elif self._pasted:
                yield from self._pasted_line(text, certain=certain)
            else:
                yield from self._line(self._number, text, certain=certain)

    def _may_be_simple(self, raw: bytes) -> bool:
        return len(raw) <= LONGEST_LINE and not (self._pasted and b"'" in raw)

    def _line(self, number: int, text: str, *, certain: bool) -> Iterator[Row]:
        clean = _without_edges(text)
        if _is_empty(clean):
            return
        problem = _problem_with_letters(clean, certain=certain)
        if problem:
            self._started = True
            yield Row(number, _shown(clean), problem)
            return
        columns = columns_of(text)
        if columns is Quote.OPEN:
            self._open = [(number, text, certain)]
            return
        if columns is Quote.BROKEN:
            self._started = True
            yield Row(number, clean, BrokenQuote.code)
            return
        if len(columns) > 1:
            self._count_separators(text)
        filled = list(filter(None, columns))
        quoted_comment = columns[0].startswith("# ")  # by a spreadsheet; no address begins like this
        if filled and not quoted_comment:
            yield self._filled_line(number, clean, filled)

    def _filled_line(self, number: int, clean: str, filled: list[str]) -> Row:
        first, self._started = not self._started, True
        is_separator = is_separator_line(clean)
        if first and "@" not in clean and (is_separator or any(map(is_heading, filled))):
            self.header = True
            self._started = not is_separator
            return Row(number, clean, HeaderLine.code)
        if has_name(clean):
            return Row(number, clean, NameWithAddress.code)
        if len(filled) > 1:
            return Row(number, clean, ExtraColumn.code)
        [address] = filled
        if sum("@" in word for word in address.split()) > 1:
            return Row(number, clean, SeveralAddresses.code)
        return Row(number, address if _is_plain(address) else clean, "")

    def _pasted_line(self, text: str, *, certain: bool) -> Iterator[Row]:
        clean = strip_edges(text)
        if _is_empty(clean):
            return
        for entry in entries_of(clean):
            self._number += 1
            first, self._started = not self._started, True
            problem = _problem_with_letters(entry, certain=certain)
            if first and not problem and is_heading(entry):
                self.header = True
                problem = HeaderLine.code
            yield Row(self._number, _shown(entry), problem)

    def _too_long(self, beginning: bytes) -> Iterator[Row]:
        yield from self._give_up_record()
        self._number += 1
        text = strip_edges(beginning.decode(errors="replace"))
        if not text.startswith("#"):
            self._started = True
            yield Row(self._number, _cut(text), LineTooLong.code)

    def _go_on(self, text: str, *, certain: bool) -> Iterator[Row]:
        """Look whether this line closes the quotation mark that an earlier one left open.

        Comments stay comments: so a file of rejects, with reasons between the lines, reads like the original.
        """
        if _without_edges(text).startswith("#"):
            return
        found = Quote.BROKEN if len(self._open) >= _LONGEST_RECORD else closes(text)
        if found is Quote.BROKEN:
            yield from self._give_up_record()
            yield from self._line(self._number, text, certain=certain)
            return
        self._open.append((self._number, text, certain))
        if found is None:
            record, self._open = self._open, []
            yield from self._record(record)

    def _record(self, record: list[tuple[int, str, bool]]) -> Iterator[Row]:
        """Take an address with line breaks around it; otherwise none of these lines is one, though it may look so."""
        columns = columns_of("\n".join(line for _, line, _ in record))
        filled = [] if isinstance(columns, Quote) else list(filter(None, columns))
        if len(filled) == 1 and _is_plain(filled[0]) and all(certain for _, _, certain in record):
            number = next(number for number, line, _ in record if filled[0] in line)
            yield self._filled_line(number, filled[0], filled)
            return
        self._started = True
        for line_number, line, _ in record:
            clean = _without_edges(line)
            if not _is_empty(clean):
                yield Row(line_number, _shown(clean), BrokenQuote.code)

    def _give_up_record(self) -> Iterator[Row]:
        """Take the line that opened it as broken, and those behind it for themselves."""
        record, self._open = self._open, []
        for number, line, _ in record[:1]:
            self._started = True
            yield Row(number, _without_edges(line), BrokenQuote.code)
        for number, line, certain in record[1:]:
            yield from self._line(number, line, certain=certain)

    def _count_separators(self, text: str) -> None:
        self.separators.update(char for char in SEPARATORS if char in text)


def _unquoted(text: bytes) -> bytes:
    """Return a block without quotation marks if each of its lines begins and ends with one."""
    if not (text.startswith(b'"') and text.endswith(b'"\n') and text.count(b'"') == 2 * text.count(b"\n")):
        return text
    return text.replace(b'"\n"', b"\n")[1:-2] + b"\n"


def _without_edges(text: str) -> str:
    """Return `text` without blanks at its ends; what is too long anyway is left as it is."""
    if len(text.strip(" \t")) > LONGEST_LINE:
        return text
    return strip_edges(text)


def _is_empty(clean: str) -> bool:
    return not clean or clean.startswith("#")


def _is_plain(address: str) -> bool:
    """Tell whether `address` written as a line would be read as itself."""
    return not address.startswith("#") and _SPECIAL.search(address) is None


def _problem_with_letters(text: str, *, certain: bool) -> str:
    if len(text) > LONGEST_LINE:
        return LineTooLong.code
    if "\0" in text:
        return NulCharacter.code
    return "" if certain else GarbledText.code


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else _cut(text)


def _cut(text: str) -> str:
    return f"{text[:_SHOWN]}…"
