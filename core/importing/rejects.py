"""Lines that were not imported, as a file that imports as is once they are mended (D3)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

# Would make the file something else than text, or a terminal that shows it do things.
_HARMFUL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_END = "\r\n"
_HEAD = (
    "# These lines were not imported; the reason stands above each. "
    "Mend or remove them, then import this file. Lines that begin with # are left out."
)


class Reject(NamedTuple):
    """One line that was not imported.

    Attributes:
        line: its number where it came from.
        text: as in `Row.text`.
        reason: the sentence of the error.
    """

    line: int
    text: str
    reason: str


def write_rejects(file: BinaryIO, rejects: Iterable[Reject]) -> int:
    """Write `rejects` as they come and return how many there were.

    The byte-order mark and CRLF are for spreadsheets, which otherwise guess. Control characters become U+FFFD, which
    reads as `garbled_text` until it is mended.
    """
    count = 0
    file.write(codecs.BOM_UTF8 + f"{_HEAD}{_END}".encode())
    for reject in rejects:
        reason = _NO_BREAK.sub(" ", reject.reason)
        text = _HARMFUL.sub("\ufffd", reject.text)
        file.write(f"# Line {reject.line}: {reason}{_END}{text}{_END}".encode())
        count += 1
    return count
