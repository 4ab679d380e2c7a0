"""Pieces of bytes as blocks of whole lines, in bounded memory whatever the file is like."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.importing.detecting import UTF_8

LONGEST_LINE = 10_000  # characters
MOST_HELD = 4 * LONGEST_LINE  # bytes: no character of UTF-8 takes more than four
_KEPT = 400  # bytes of a line that is too long


@dataclass(slots=True)
class LineEnds:
    """How many lines ended how, so far."""

    crlf: int = 0
    cr: int = 0
    lf: int = 0

    @property
    def name(self) -> str:
        """`crlf` `lf` `cr` `mixed` or `none`."""
        seen = [name for name in ("crlf", "cr", "lf") if getattr(self, name)]
        return seen[0] if len(seen) == 1 else "mixed" if seen else "none"

    def unify(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield `pieces` with every line end as LF, and count them."""
        held = b""
        for piece in pieces:
            whole = held + piece
            held = b"\r" if whole.endswith(b"\r") else b""  # the LF may follow in the next piece
            yield self._unified(whole[:-1] if held else whole)
        yield self._unified(held)

    def _unified(self, piece: bytes) -> bytes:
        if b"\r" not in piece:
            self.lf += piece.count(b"\n")
            return piece
        pairs = piece.count(b"\r\n")
        self.crlf += pairs
        self.cr += piece.count(b"\r") - pairs
        self.lf += piece.count(b"\n") - pairs
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def as_utf_8(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield `pieces` of UTF-16 or UTF-32 as UTF-8; what is damaged becomes U+FFFD. Others are left alone."""
    if encoding in {"", UTF_8}:
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, each but the file's last ended by LF; or the beginning of one that is too long."""

    text: bytes
    too_long: bool = False


def blocks_of(pieces: Iterable[bytes], *, most_held: float = MOST_HELD) -> Iterator[Block]:
    """Yield the lines of `pieces`, whose line ends are LF.

    Of a line that does not end, no more than `most_held` bytes are held.
    """
    tail = b""
    skipping = False
    for piece in pieces:
        rest = piece
        if skipping:
            _, ended, rest = piece.partition(b"\n")
            skipping = not ended
        whole = tail + rest
        cut = whole.rfind(b"\n") + 1
        if cut:
            yield Block(whole[:cut])
        tail = whole[cut:]
        if len(tail) > most_held:
            yield Block(tail[:_KEPT], too_long=True)
            tail, skipping = b"", True
    if tail:
        yield Block(tail)
