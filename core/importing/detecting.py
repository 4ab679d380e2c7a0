"""What a file is before its lines are looked at: its encoding, or that it is no text at all (R21)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Any

from core.errors import UnreadableFile

UTF_8, WINDOWS_1252, MAC_ROMAN = "utf-8", "windows-1252", "mac-roman"

# UTF-32 LE begins like UTF-16 LE, so it is asked first.
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAVE = "Save the column of addresses as CSV (UTF-8) and import that file."
_WORKBOOK = "a workbook of Excel or LibreOffice, or another zip archive"
_SIGNATURES = (
    (b"PK\x03\x04", _WORKBOOK),
    (b"PK\x05\x06", _WORKBOOK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook or document of Microsoft Office"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh91AY&SY", "a compressed file"),
    (b"\xfd7zXZ\x00", "a compressed file"),
    (b"(\xb5/\xfd", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file"),
    (b"Rar!\x1a\x07", "a compressed file"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x7fELF", "a program"),
)
# Control characters that no text holds; Ctrl-Z ends old DOS files.
_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\v\f\r\x1a"})
_NO_TEXT_SHARE, _NO_TEXT_LEAST = 0.05, 4
_WIDE_SHARE, _WIDE_STRAY = 0.6, 0.05


@dataclass(frozen=True, slots=True)
class Detected:
    """What a reading has found out about its source so far; it is final when the last row is out.

    Attributes:
        encoding: `utf-8`, `utf-16-le`, `utf-16-be`, `windows-1252`, ... (plain ASCII counts as UTF-8).
        separator: `,` `;` `tab` or `none`: what stands before, between or behind columns most often.
        header: whether the first filled line was a heading (R20).
        line_ends: `crlf` `lf` `cr` `mixed` or `none`.
        bom: whether a byte-order mark stood at the beginning.
    """

    encoding: str
    separator: str
    header: bool
    line_ends: str
    bom: bool

    def to_json(self) -> dict[str, Any]:
        """Return the promised keys and the two further ones."""
        return {
            "encoding": self.encoding,
            "separator": self.separator,
            "header": self.header,
            "line_ends": self.line_ends,
            "bom": self.bom,
        }


def encoding_of(head: bytes) -> tuple[str, int]:
    """Return the encoding that the first bytes show, with the length of the mark to leave out.

    The encoding is empty where nothing shows it: then each line says whether it is UTF-8.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return _wide_without_mark(head), 0


def _wide_without_mark(head: bytes) -> str:
    """Return UTF-16 where every other byte is NUL: addresses are nearly all ASCII."""
    pairs = len(head) // 2
    if not pairs:
        return ""
    low, high = head[0::2].count(0) / pairs, head[1::2].count(0) / pairs
    if high >= _WIDE_SHARE and low <= _WIDE_STRAY:
        return "utf-16-le"
    return "utf-16-be" if low >= _WIDE_SHARE and high <= _WIDE_STRAY else ""


def check_is_text(head: bytes, encoding: str, name: str) -> None:
    """Let text pass.

    Args:
        head: the first bytes.
        encoding: as `encoding_of` tells.
        name: of the file, for the sentence.

    Raises:
        UnreadableFile: a workbook, a picture, an archive, ...; the sentence says how to make text of it.
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFile({"file": f"{name} is {kind}. {_SAVE}"})
    controls = len(head) - len(head.translate(None, _CONTROLS))
    wide = encoding not in {"", UTF_8}
    if not wide and controls >= _NO_TEXT_LEAST and controls > len(head) * _NO_TEXT_SHARE:
        raise UnreadableFile({"file": f"{name} is not a text file. {_SAVE}"})
