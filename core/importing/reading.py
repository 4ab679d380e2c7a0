"""The rows of a file, a pipe or pasted text, as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from math import inf
from typing import BinaryIO

from core.importing.blocks import MOST_HELD, LineEnds, as_utf_8, blocks_of
from core.importing.decoding import LineDecoder
from core.importing.detecting import UTF_8, Detected, check_is_text, encoding_of
from core.importing.lines import LineReader, Row
from core.importing.sources import PIECE, pieces_of

_NAMES = {"\t": "tab"}


class Reading:
    """The rows of one source, to be taken once; `read` and `read_pasted` make it."""

    def __init__(
        self, source: BinaryIO | Iterable[bytes], *, pasted: bool, name: str, encoding: str = ""
    ) -> None:
        """Read the first 64 KiB."""
        pieces = pieces_of(source, name)
        head = _head_of(pieces)
        self._encoding, mark = (encoding, 0) if encoding else encoding_of(head)
        self._has_mark = mark > 0
        if not pasted:
            check_is_text(head, self._encoding, name)
        self._line_ends = LineEnds()
        self._decoder = LineDecoder(UTF_8 if self._encoding else "", self._line_ends)
        self._reader = LineReader(self._decoder, pasted=pasted)
        letters = as_utf_8(chain([head[mark:]], pieces), self._encoding)
        self._blocks = blocks_of(self._line_ends.unify(letters), most_held=inf if pasted else MOST_HELD)
        self._first = [row for block in islice(self._blocks, 1) for row in self._reader.rows_of(block)]

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows.

        Raises:
            UnreadableFile: not readable to its end, or changed meanwhile; the rows before must not be used then.
        """
        yield from self._first
        self._first = []
        for block in self._blocks:
            yield from self._reader.rows_of(block)
        yield from self._reader.finish()

    @property
    def detected(self) -> Detected:
        """What is known so far: from the beginning on, and for certain when the rows are taken."""
        [(separator, _)] = self._reader.separators.most_common(1) or [("none", 0)]
        return Detected(
            encoding=(self._decoder.encoding if self._encoding in {"", UTF_8} else self._encoding) or UTF_8,
            separator=_NAMES.get(separator, separator),
            header=self._reader.header,
            line_ends=self._line_ends.name,
            bom=self._has_mark,
        )


def read(source: BinaryIO | Iterable[bytes], *, pasted: bool = False, name: str = "The file") -> Reading:
    """Begin to read `source`; memory does not grow with it.

    Args:
        source: a file or pipe opened for bytes (`open_source`, standard input), or pieces of bytes.
        pasted: take `Name <address>` and several addresses on a line, as mail programs write them.
        name: of the source, for sentences.

    Raises:
        UnreadableFile: a workbook, a picture, ..., or not readable; while iterating, also a file that was changed.
    """
    return Reading(source, pasted=pasted, name=name)


def read_pasted(text: str) -> Reading:
    """Begin to read pasted text: any number of addresses, in any way that mail programs list them."""
    return Reading([text.encode("utf-8", "surrogatepass")], pasted=True, name="The text", encoding=UTF_8)


def _head_of(pieces: Iterator[bytes]) -> bytes:
    head = bytearray()
    for piece in pieces:
        head += piece
        if len(head) >= PIECE:
            break
    return bytes(head)
