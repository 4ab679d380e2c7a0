"""One line taken apart: its columns in a file, its addresses in pasted text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from core.values import strip_edges

SEPARATORS = ",;\t"
_QUOTED = re.compile(r'"((?:[^"]|"")*)(")?')
_TO_SEPARATOR = re.compile(f"[^{SEPARATORS}]*")
_IN_BRACKETS = re.compile("<([^<>]*)>")
_WORDS = re.compile(r"[^\s,;]+")
_WRAPPED = re.compile(r"""(?:mailto:)?(?:"([^"]*)"|'([^']*)'|(.*))""", re.IGNORECASE | re.DOTALL)


class Quote(Enum):
    """What may be wrong with quotation marks."""

    OPEN = "the field does not end on this line"
    BROKEN = "text follows the closing mark"


def columns_of(line: str, start: int = 0) -> list[str] | Quote:
    """Return the fields of `line` from `start` on, blanks at their ends and quotation marks removed.

    A quotation mark counts at the beginning of a field only; inside it is a character like others.
    """
    columns = []
    while True:
        bare = _TO_SEPARATOR.match(line, start)
        text = strip_edges(bare[0]) if bare else ""
        end = bare.end() if bare else start
        if text.startswith('"'):
            quoted = _QUOTED.match(line, line.index('"', start))
            if quoted is None or not quoted[2]:
                return Quote.OPEN
            behind = _TO_SEPARATOR.match(line, quoted.end())
            if behind is None or strip_edges(behind[0]):
                return Quote.BROKEN
            text, end = strip_edges(quoted[1].replace('""', '"')), behind.end()
        columns.append(text)
        if end >= len(line):
            return columns
        start = end + 1


def closes(line: str) -> Quote | None:
    """Tell how `line` goes on with a quoted field that the line before left open.

    Returns:
        None where it ends the field properly, OPEN where the field goes on, BROKEN where this is no such line.
    """
    columns = columns_of(f'"{line}')
    return columns if isinstance(columns, Quote) else None


def has_name(line: str) -> bool:
    """Tell whether an address in angle brackets stands in `line`."""
    return "<" in line and any("@" in found[1] for found in _IN_BRACKETS.finditer(line))


def entries_of(line: str) -> Iterator[str]:
    """Yield the addresses of a line of pasted text or of a mail program's list of recipients.

    Names before an address in angle brackets are left out; other words without an @ are one entry together, so that
    nothing that may have been meant as an address is lost.
    """
    start = 0
    for found in _IN_BRACKETS.finditer(line):
        if "@" not in found[1]:
            continue
        address = _bare(found[1])
        for text in _words_of(line[start : found.start()]):
            if "@" in text and text.casefold() != address.casefold():
                yield text
        yield address
        start = found.end()
    yield from _words_of(line[start:])


def _words_of(text: str) -> Iterator[str]:
    """Yield each word with an @, and what stands between two of them as one."""
    others: list[str] = []
    for found in _WORDS.finditer(text):
        word = _bare(found[0])
        if "@" not in word:
            others += [word] if word else []
            continue
        if others:
            yield " ".join(others)
            others = []
        yield word
    if others:
        yield " ".join(others)


def _bare(word: str) -> str:
    """Return an address without what mail programs wrap it in."""
    clean = strip_edges(word)
    found = _WRAPPED.fullmatch(clean)
    return strip_edges(found[1] or found[2] or found[3] or "") if found else clean
